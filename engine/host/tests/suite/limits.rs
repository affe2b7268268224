//! What a call may ask for and how often: the refusal is an error that the plugin can catch, and what went before it stays.

use super::support::{Bench, EVERYTHING, script};
use sagsgang_host::{Limits, PluginError, Source};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Asks so many times and answers what came of each.
async fn asked(bench: &Bench, question: &str, times: usize, capabilities: &str) -> Vec<String> {
    let text = format!(
        "fn scripted(input) {{
            let codes = [];
            for n in 0..input {{
                try {{ {question}; codes.push(\"ok\"); }} catch (error) {{ codes.push(error.code); }}
            }}
            codes
        }}"
    );
    bench.script(&text, capabilities).await;
    let mut request = bench.request("scripted", json!(times));
    // A trial counts as a call does, and sends nothing.
    request.context.dry = true;
    let outcome = bench.host.call(request).await.unwrap();
    serde_json::from_value(outcome.output).unwrap()
}

#[tokio::test]
async fn the_ninth_request_and_the_eleventh_message_of_a_call_are_refused() {
    let bench = Bench::new();
    let limits = Limits::default();
    let capabilities = EVERYTHING.replace("PORT", "1");
    let question = "http::get(\"http://127.0.0.1:1/hook\")";
    let requests = limits.http_requests as usize;
    let codes = asked(&bench, question, requests + 1, &capabilities).await;
    assert_eq!(codes.len(), 9);
    assert!(codes[..8].iter().all(|code| code == "denied"), "{codes:?}");
    assert_eq!(codes[8], "too-large");

    let rights = "case-read = true\ncase-commands = [\"send-message\"]";
    let question =
        "commands::send_message(#{ channel: \"email\", to: \"anna@example.org\", body: \"Hej\" })";
    let codes = asked(&bench, question, limits.messages + 1, rights).await;
    assert_eq!(codes.len(), 11);
    assert!(codes[..10].iter().all(|code| code == "ok"), "{codes:?}");
    assert_eq!(codes[10], "too-large");
}

#[tokio::test]
async fn a_value_of_more_than_64_kib_is_not_kept() {
    let bench = Bench::new();
    // As JSON the text has two quotes more.
    let question = "let s = \"\"; s.pad(65533 + n, \"x\"); kv::set(\"a\", s)";
    let codes = asked(&bench, question, 3, "kv = \"1 MiB\"").await;
    assert_eq!(codes, ["ok", "ok", "too-large"]);
}

#[tokio::test]
async fn a_script_of_more_than_256_kib_is_refused() {
    let bench = Bench::new();
    let sized = |bytes: usize| {
        let text = "fn scripted(input) { 1 }\n//";
        let padding = "x".repeat(bytes - text.len());
        script(&format!("{text}{padding}"), "1.0.0", "")
    };
    let largest = sized(Limits::SCRIPT_BYTES);
    bench
        .host
        .install_package(largest, Source::Package)
        .await
        .unwrap();
    let larger = sized(Limits::SCRIPT_BYTES + 1);
    let refused = bench.host.install_package(larger, Source::Package).await;
    assert_eq!(refused.unwrap_err()[0].code, "script-too-large");
}

/// Answers every request with so many bytes.
async fn server(bytes: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::runtime::Handle::current().spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut received = vec![0; 4_096];
            let _read = connection.read(&mut received).await;
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\nconnection: close\r\n\r\n");
            let mut answer = head.into_bytes();
            answer.resize(answer.len() + bytes, b'x');
            // Who has enough closes the connection.
            let _ = connection.write_all(&answer).await;
        }
    });
    port
}

#[tokio::test]
async fn an_answer_of_more_than_1_mib_is_refused() {
    let most = Limits::default().http_answer_bytes;
    for (bytes, expected) in [(most, None), (most + 1, Some("too-large"))] {
        let port = server(bytes).await;
        let bench = Bench::new();
        bench.services.put_secret("probe", "default", "token", "s");
        bench
            .probe(&EVERYTHING.replace("PORT", &port.to_string()))
            .await;
        let url = format!("http://127.0.0.1:{port}/hook");
        let fetch = json!({ "way": "fetch", "url": url });
        let code = match bench.call("misbehave", fetch).await {
            Ok(outcome) => {
                assert_eq!(outcome.output, Value::from(200));
                None
            }
            Err(PluginError::Refused { code, .. }) => Some(code),
            Err(other) => panic!("{bytes}: {other:?}"),
        };
        assert_eq!(code.as_deref(), expected, "{bytes}");
    }
}
