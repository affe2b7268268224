//! Every function of the interface, through plugins in each language, with the same answers; and what is not granted.

use super::support::{Bench, EVERYTHING, interpreted_probe, probe, script};
use sagsgang_host::{CallOutcome, Capability, LogLevel, Package, PluginError, Source};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The same questions as in the probe's action `conform`.
const SCRIPT: &str = r#"
fn scripted(input) {
    log::debug("looking");
    log::info("seeing");
    log::warn("probing");
    log::error("failing");
    #{
        "case": attempt(|| context::case()),
        actor: context::actor().name,
        locale: context::locale(),
        configuration: context::configuration(),
        key: context::idempotency_key(),
        now: context::now(),
        other: attempt(|| cases::read(input.other).title),
        missing: attempt(|| cases::read("nowhere")),
        note: attempt(|| { commands::note("probed"); "ok" }),
        forbidden: attempt(|| { commands::tag("x"); "ok" }),
        malformed: attempt(|| { commands::request(#{ type: "note", txt: "x" }); "ok" }),
        document: attempt(|| { commands::attach(documents::render(input.description, "label.pdf")); "attached" }),
        undrawable: attempt(|| { documents::render(#{ kind: "poem" }, "poem.pdf"); "ok" }),
        file: attempt(|| blobs::read(blobs::write("note.txt", "text/plain", "hello")).len),
        kept: attempt(|| { kv::set("count", 1); kv::delete("gone"); kv::get("count").to_string() }),
        signed: attempt(|| context::is_signed("token", "x", blob(32))),
        random: attempt(|| random::bytes(8).len),
        answer: attempt(|| http::post_json(input.url, #{ n: 1 }).status),
        elsewhere: attempt(|| http::get("https://elsewhere.example/").status),
    }
}

fn attempt(question) {
    try { return question.call(); } catch (error) { return error.code; }
}
"#;

fn input(port: u16) -> Value {
    json!({
        "other": "2026-000001", "url": format!("http://127.0.0.1:{port}/hook"),
        "description": { "kind": "label", "size": "100x60", "labels": [{ "code": "B-1" }] }
    })
}

/// Answers one request after the other with 201 and gives what it received.
async fn server() -> (u16, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    tokio::runtime::Handle::current().spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut received = vec![0; 4_096];
            let read = connection.read(&mut received).await.unwrap_or(0);
            let _ = sender.send(String::from_utf8_lossy(&received[..read]).to_lowercase());
            let _ = connection
                .write_all(
                    b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                )
                .await;
        }
    });
    (port, receiver)
}

async fn ask(language: &str, capabilities: Option<&str>) -> (CallOutcome, Option<String>, Bench) {
    let (port, mut received) = server().await;
    let bench = Bench::new();
    bench
        .services
        .put_case(&json!({ "id": "x", "number": "2026-000001", "title": "En anden sag" }));
    for plugin in ["probe", "scripted"] {
        bench
            .services
            .put_secret(plugin, "default", "token", "s3cret");
    }
    let capabilities = capabilities.map_or_else(
        || EVERYTHING.replace("PORT", &port.to_string()),
        str::to_owned,
    );
    let action = match language {
        "rust" => {
            bench.probe(&capabilities).await;
            "conform"
        }
        "rhai" => {
            bench.script(SCRIPT, &capabilities).await;
            "scripted"
        }
        other => {
            bench.interpreted(other, &capabilities).await;
            "conform"
        }
    };
    let mut request = bench.request(action, input(port));
    request.context.configuration = Arc::new(json!({ "a": 1 }));
    let outcome = bench.host.call(request).await.unwrap();
    (outcome, received.try_recv().ok(), bench)
}

/// What every language answers, the engine inside a test of an author too (`tests/probe/src/lib.rs` asks that one).
fn expected() -> Value {
    serde_json::from_str(include_str!("../conform.json")).unwrap()
}

#[track_caller]
fn check(plugin: &str, outcome: &CallOutcome, received: Option<String>, bench: &Bench) {
    assert_eq!(outcome.output, expected());
    assert_eq!(
        outcome.commands.len(),
        2,
        "note and attach: {:?}",
        outcome.commands
    );
    assert_eq!(outcome.documents.len(), 2, "label and file");
    let log = outcome.log.iter();
    let log: Vec<_> = log.map(|line| (line.level, &*line.message)).collect();
    assert_eq!(
        log,
        [
            (LogLevel::Debug, "looking"),
            (LogLevel::Info, "seeing"),
            (LogLevel::Warn, "probing"),
            (LogLevel::Error, "failing"),
        ]
    );
    assert_eq!(
        outcome.attempts.len(),
        1,
        "what is not granted is not attempted"
    );
    assert_eq!(
        (
            outcome.attempts[0].method.as_str(),
            outcome.attempts[0].status
        ),
        ("POST", Some(201))
    );
    let writes = [
        ("count".to_owned(), Some(b"1".to_vec())),
        ("gone".to_owned(), None),
    ];
    assert_eq!(outcome.kept.writes, writes);
    assert_eq!(
        bench.services.value(plugin, "count"),
        None,
        "whoever called keeps it, with the rest of the outcome"
    );
    let received = received.expect("the request arrived");
    assert!(received.starts_with("post /hook"), "{received}");
    assert!(
        received.contains("authorization: bearer s3cret")
            && received.contains("idempotency-key: key-1"),
        "{received}"
    );
    assert!(
        outcome.usage.host_calls >= 18
            && outcome.usage.memory_bytes > 0
            && outcome.usage.cpu_us > 0
    );
}

/// `debug` is a function of Rhai itself, too, and goes on to be one.
#[tokio::test]
async fn a_script_says_debug_by_itself_and_of_the_log() {
    let bench = Bench::new();
    let source = r#"fn scripted(input) { debug("by itself"); log::debug("of the log"); print("printed"); 1 }"#;
    bench.script(source, "").await;
    let outcome = bench.call("scripted", json!({})).await.unwrap();
    let log = outcome.log.iter();
    let log: Vec<_> = log.map(|line| (line.level, &*line.message)).collect();
    assert_eq!(
        log,
        [
            (LogLevel::Debug, "\"by itself\""),
            (LogLevel::Debug, "of the log"),
            (LogLevel::Info, "printed"),
        ]
    );
}

#[tokio::test]
async fn a_compiled_plugin_reaches_everything_that_is_granted() {
    let (outcome, received, bench) = ask("rust", None).await;
    check("probe", &outcome, received, &bench);
}

#[tokio::test]
async fn a_script_reaches_everything_that_is_granted() {
    let (outcome, received, bench) = ask("rhai", None).await;
    check("scripted", &outcome, received, &bench);
}

#[tokio::test]
async fn a_plugin_in_javascript_reaches_everything_that_is_granted() {
    let (outcome, received, bench) = ask("javascript", None).await;
    check("probe", &outcome, received, &bench);
}

#[tokio::test]
async fn a_plugin_in_python_reaches_everything_that_is_granted() {
    let (outcome, received, bench) = ask("python", None).await;
    check("probe", &outcome, received, &bench);
}

#[tokio::test]
async fn a_script_without_grants_is_refused_at_each_question() {
    let (outcome, received, _bench) = ask("rhai", Some("")).await;
    for (name, answer) in outcome.output.as_object().unwrap() {
        let free =
            ["actor", "locale", "configuration", "key", "now", "signed"].contains(&name.as_str());
        assert_eq!(answer == "denied", !free, "{name}: {answer}");
    }
    assert!(outcome.commands.is_empty() && outcome.documents.is_empty() && received.is_none());
}

#[tokio::test]
async fn a_compiled_plugin_is_refused_at_installation_with_each_import_named() {
    refused_with_each_import_named(probe).await;
}

#[tokio::test]
async fn plugins_in_other_languages_are_refused_at_installation_with_each_import_named() {
    for language in ["javascript", "python"] {
        refused_with_each_import_named(|rights| interpreted_probe(language, rights)).await;
    }
}

async fn refused_with_each_import_named(probe: impl Fn(&str) -> Package) {
    let bench = Bench::new();
    let problems = bench
        .host
        .install_package(probe("case-read = true\nkv = \"1 KiB\""), Source::Package)
        .await
        .unwrap_err();
    let named: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(
        problems
            .iter()
            .all(|problem| problem.code == "import-not-granted"),
        "{named:?}"
    );
    for interface in ["cases", "commands", "documents", "blobs", "http", "random"] {
        assert!(
            named
                .iter()
                .any(|text| text.contains(&format!("sagsgang:plugin/{interface}@1.0.0"))),
            "{interface}: {named:?}"
        );
    }
    assert_eq!(named.len(), 6, "{named:?}");
}

#[tokio::test]
async fn the_operator_s_ceiling_counts_above_the_manifest() {
    let mut config = super::support::config();
    config.ceiling.refused.insert(Capability::Http);
    let bench = Bench::with(config);
    let capabilities = EVERYTHING.replace("PORT", "1");
    let problems = bench
        .host
        .install_package(probe(&capabilities), Source::Package)
        .await
        .unwrap_err();
    assert!(
        problems.len() == 1 && problems[0].message.contains("/http@"),
        "{problems:?}"
    );
    bench
        .host
        .install_package(
            script(
                "fn scripted(input) { http::get(input.url).status }",
                "1.0.0",
                &capabilities,
            ),
            Source::Package,
        )
        .await
        .unwrap();
    let error = bench.call("scripted", input(1)).await.unwrap_err();
    assert!(matches!(error, PluginError::Denied(_)), "{error:?}");
}

#[tokio::test]
async fn private_addresses_stay_out_of_reach_without_the_operator_s_switch() {
    let (port, mut received) = server().await;
    let bench = Bench::with(sagsgang_host::HostConfig {
        allow_loopback: false,
        ..super::support::config()
    });
    bench
        .services
        .put_secret("scripted", "default", "token", "s3cret");
    bench
        .script(
            "fn scripted(input) { http::get(input.url).status }",
            &EVERYTHING.replace("PORT", &port.to_string()),
        )
        .await;
    let error = bench.call("scripted", input(port)).await.unwrap_err();
    assert!(matches!(error, PluginError::Denied(_)), "{error:?}");
    assert!(received.try_recv().is_err(), "nothing was sent");
}
