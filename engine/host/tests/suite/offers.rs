//! What plugins offer beside actions: panels, channels, providers.

use super::support::{Bench, EVERYTHING, context, dist, interpreted_probe, package};
use base64::Engine;
use hmac::{Hmac, Mac};
use sagsgang_host::{
    BreakerState, CallOutcome, CallRequest, EntryPoint, Package, PluginError, Retry, Source,
};
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const SECRET: &str = "a-secret-of-the-webhook";

fn request(bench: &Bench, point: EntryPoint, name: &str, input: Value) -> CallRequest {
    CallRequest {
        action: bench.host.find_offer(point, name).expect("it is offered"),
        input,
        context: context(),
        deadline: None,
    }
}

async fn call(
    bench: &Bench,
    point: EntryPoint,
    name: &str,
    input: Value,
) -> Result<CallOutcome, PluginError> {
    bench.host.call(request(bench, point, name, input)).await
}

/// A bundled plugin with another text in its manifest.
fn changed(id: &str, from: &str, to: &str) -> Package {
    let package = Package::read(&dist().join(id)).unwrap();
    let manifest = String::from_utf8(package.file("plugin.toml").unwrap().to_vec()).unwrap();
    assert!(manifest.contains(from), "the change must hit");
    package.with_file("plugin.toml", manifest.replace(from, to).into_bytes())
}

/// Answers every request with this body, and gives what it received.
async fn server(body: &'static str) -> (u16, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    tokio::runtime::Handle::current().spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut received = vec![0; 8_192];
            let read = connection.read(&mut received).await.unwrap_or(0);
            let _ = sender.send(String::from_utf8_lossy(&received[..read]).into_owned());
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = connection.write_all(answer.as_bytes()).await;
        }
    });
    (port, receiver)
}

#[tokio::test]
async fn a_panel_says_what_stands_on_the_page_of_a_case() {
    let bench = Bench::new();
    bench.bundled("collection-history").await;
    let mut request = request(&bench, EntryPoint::Show, "collection-history", json!({}));
    // 24 November 2026.
    request.context.case = Some(Arc::new(json!({ "containers": [
        { "containerId": "B-1", "compartments": [{ "fractions": ["food", "residual"] }], "lastCollection": "2026-11-04",
          "nextCollection": "2026-11-25", "collections": ["2026-11-04", "2026-10-21", "2026-10-07"] },
        { "containerId": "B-2", "compartments": [{ "fractions": ["paper"] }], "collections": [] },
        { "containerId": "B-3", "compartments": [{ "fractions": ["asbestos"] }], "lastCollection": "2026-11-20" },
    ] })));
    let outcome = bench.host.call(request).await.unwrap();
    let parts = outcome.output["parts"].as_array().unwrap();
    assert_eq!(
        parts[0],
        json!({ "type": "note", "tone": "warning", "text": "B-1 er ikke tømt i 20 dage." })
    );
    assert_eq!(
        parts[1]["rows"],
        json!([
            [
                "B-1",
                "Madaffald, Restaffald",
                "4.11.2026",
                "20",
                "21.10.2026, 7.10.2026",
                "25.11.2026"
            ],
            ["B-2", "Papir", "–", "–", "–", "–"],
            ["B-3", "asbestos", "20.11.2026", "4", "–", "–"],
        ])
    );
    assert_eq!(outcome.output["summary"], "senest for 4 dage siden");
    for (day, said) in [
        ("2026-11-24", "senest i dag"),
        ("2026-11-23", "senest i går"),
    ] {
        let mut request = self::request(&bench, EntryPoint::Show, "collection-history", json!({}));
        request.context.case = Some(Arc::new(json!({ "containers": [
            { "containerId": "B-1", "compartments": [], "lastCollection": day },
        ] })));
        let outcome = bench.host.call(request).await.unwrap();
        assert_eq!(outcome.output["summary"], said);
    }
    assert!(bench.host.actions().is_empty(), "a panel is no action");
}

#[tokio::test]
async fn a_panel_is_written_in_javascript_and_python_too() {
    for language in ["javascript", "python"] {
        let bench = Bench::new();
        let package = interpreted_probe(language, EVERYTHING.replace("PORT", "1").as_str());
        let manifest = String::from_utf8(package.file("plugin.toml").unwrap().to_vec()).unwrap();
        let manifest = manifest.replacen(
            "[capabilities]",
            "[[panel]]\nname = \"shown\"\n[capabilities]",
            1,
        );
        let package = package.with_file("plugin.toml", manifest.into_bytes());
        bench
            .host
            .install_package(package, Source::Package)
            .await
            .unwrap();
        let outcome = call(&bench, EntryPoint::Show, "shown", json!({}))
            .await
            .unwrap();
        assert_eq!(
            outcome.output,
            json!({ "parts": [{ "type": "note", "tone": "good", "text": "Sag 2026-000042" }], "summary": "da" }),
            "{language}"
        );
    }
}

#[tokio::test]
async fn a_panel_cannot_change_a_case_and_shows_only_what_can_be_drawn() {
    let script = |body: &str| {
        let text = format!("fn shown(input) {{ {body} }}");
        let package = package(
            "shown",
            "1.0.0",
            &[],
            "case-commands = [\"note\"]",
            &[("plugin.rhai", text.as_bytes())],
        );
        let manifest = String::from_utf8(package.file("plugin.toml").unwrap().to_vec()).unwrap();
        let manifest = manifest.replace(
            "[capabilities]",
            "[[panel]]\nname = \"shown\"\n[capabilities]",
        );
        package.with_file("plugin.toml", manifest.into_bytes())
    };
    for (body, expected) in [
        ("commands::note(\"x\"); #{ parts: [] }", "denied"),
        (
            "#{ parts: [#{ type: \"html\", html: \"<b>\" }] }",
            "bad-output",
        ),
        (
            "#{ parts: [#{ type: \"note\", tone: \"info\", text: \"a\\x00b\" }] }",
            "bad-output",
        ),
        ("failure::retry(\"later\", \"Prøv igen\")", "refused"),
        ("loop {}", "exhausted"),
    ] {
        let bench = Bench::new();
        bench
            .host
            .install_package(script(body), Source::Package)
            .await
            .unwrap();
        let error = call(&bench, EntryPoint::Show, "shown", json!({}))
            .await
            .unwrap_err();
        assert_eq!(error.code(), expected, "{body}: {error}");
    }
}

#[tokio::test]
async fn a_function_that_the_manifest_speaks_of_and_the_component_lacks_is_named() {
    let bench = Bench::new();
    let wasm = std::fs::read(dist().join("notify/plugin.wasm")).unwrap();
    let package = package("odd", "1.0.0", &[], "", &[("plugin.wasm", &wasm)]);
    for (offer, world) in [
        ("[[panel]]\nname = \"x\"", "panel"),
        ("[[channel]]\nname = \"x\"\nkind = \"sms\"", "channel"),
        ("[[provider]]\nname = \"x\"\nkind = \"address\"", "provider"),
    ] {
        let manifest = String::from_utf8(package.file("plugin.toml").unwrap().to_vec()).unwrap();
        let manifest = manifest.replace(
            "[capabilities]",
            &format!("{offer}\n[capabilities]\ncase-commands = [\"send-message\"]"),
        );
        let package = package
            .clone()
            .with_file("plugin.toml", manifest.into_bytes());
        let problems = bench
            .host
            .install_package(package, Source::Package)
            .await
            .unwrap_err();
        assert_eq!(problems[0].code, "interface-mismatch", "{problems:?}");
        let hint = problems[0].hint.as_deref().unwrap_or_default();
        assert!(hint.contains(&format!("world `{world}`")), "{problems:?}");
    }
}

#[tokio::test]
async fn two_plugins_cannot_offer_a_panel_of_the_same_name() {
    let bench = Bench::new();
    bench.bundled("collection-history").await;
    let other = changed(
        "collection-history",
        "id = \"collection-history\"",
        "id = \"other\"",
    );
    let problems = bench
        .host
        .install_package(other, Source::Package)
        .await
        .unwrap_err();
    assert_eq!(problems[0].code, "action-taken");
    assert!(
        problems[0]
            .message
            .contains("the panel `collection-history`"),
        "{problems:?}"
    );
}

fn message() -> Value {
    json!({ "id": "m-1", "kind": "sms", "to": "+4520123456", "text": "Tak", "from": "Eksempelkøbing Kommune", "tries": 1 })
}

async fn gateway(
    body: &'static str,
) -> (Bench, tokio::sync::mpsc::UnboundedReceiver<String>, Value) {
    let (port, received) = server(body).await;
    let bench = Bench::new();
    bench
        .services
        .put_secret("sms-gatewayapi", "default", "token", "s3cret");
    bench
        .services
        .put_secret("sms-gatewayapi", "default", "webhook", SECRET);
    let origin = format!("http://127.0.0.1:{port}");
    let package = changed("sms-gatewayapi", "https://gatewayapi.eu", &origin);
    bench
        .host
        .install_package(package, Source::Package)
        .await
        .unwrap();
    (bench, received, json!({ "address": origin }))
}

#[tokio::test]
async fn a_channel_hands_a_message_over_with_its_secret_and_its_key() {
    let (bench, mut received, settings) = gateway(r#"{"ids":[421332671]}"#).await;
    let mut request = request(&bench, EntryPoint::Deliver, "sms-gatewayapi", message());
    request.context.configuration = Arc::new(settings);
    let outcome = bench.host.call(request).await.unwrap();
    assert_eq!(outcome.output["reference"], "421332671");
    let received = received.try_recv().unwrap();
    assert!(received.starts_with("POST /rest/mtsms"), "{received}");
    let head = received.to_lowercase();
    assert!(head.contains("authorization: token s3cret"), "{received}");
    assert!(head.contains("idempotency-key: key-1"), "{received}");
    assert!(received.contains("\"userref\":\"m-1\""), "{received}");
}

/// A token as the gateway makes it.
fn token(payload: &Value, secret: &str) -> String {
    let signed = format!(
        "{}.{}",
        url64(br#"{"alg":"HS256"}"#),
        url64(payload.to_string().as_bytes())
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", url64(&mac.finalize().into_bytes()))
}

fn url64(bytes: &[u8]) -> String {
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test]
async fn a_report_counts_only_with_the_signature_of_the_shared_secret() {
    let (bench, _received, _) = gateway("").await;
    let payload = json!({ "id": 421_332_671_u64, "status": "DELIVERED" });
    let hook = |token: String| json!({ "method": "POST", "query": {}, "headers": { "x-gwapi-signature": token }, "body": "" });
    let outcome = call(
        &bench,
        EntryPoint::Receive,
        "sms-gatewayapi",
        hook(token(&payload, SECRET)),
    )
    .await
    .unwrap();
    assert_eq!(
        outcome.output,
        json!({ "reports": [{ "reference": "421332671", "state": "delivered", "detail": "DELIVERED" }] })
    );
    for wrong in [token(&payload, "another-secret"), "x.y.z".to_owned()] {
        let error = call(&bench, EntryPoint::Receive, "sms-gatewayapi", hook(wrong))
            .await
            .unwrap_err();
        assert!(
            matches!(&error, PluginError::Refused { code, retry: Retry::Reject, .. } if code == "unauthenticated"),
            "{error:?}"
        );
    }
}

/// A channel that hands over well, and breaks its promises when anybody reports something.
async fn fragile() -> Bench {
    let script = "fn fragile_deliver(message) { #{ reference: \"1\" } } fn fragile_receive(request) { loop {} }";
    let files: [(&str, &[u8]); 1] = [("plugin.rhai", script.as_bytes())];
    let package = package("fragile", "1.0.0", &[], "", &files);
    let manifest = String::from_utf8(package.file("plugin.toml").unwrap().to_vec()).unwrap();
    let manifest = manifest.replace(
        "[capabilities]",
        "[[channel]]\nname = \"fragile\"\nkind = \"sms\"\n[capabilities]",
    );
    let package = package.with_file("plugin.toml", manifest.into_bytes());
    let bench = Bench::new();
    bench
        .host
        .install_package(package, Source::Package)
        .await
        .unwrap();
    bench
}

fn stranger() -> Value {
    json!({ "method": "POST", "query": {}, "headers": {}, "body": "" })
}

#[tokio::test]
async fn strangers_at_the_hook_do_not_stop_what_goes_out() {
    let bench = fragile().await;
    for _ in 0..8 {
        let error = call(&bench, EntryPoint::Receive, "fragile", stranger())
            .await
            .unwrap_err();
        assert_eq!(error.code(), "exhausted", "it is called each time");
    }
    let health = bench.host.health("fragile");
    assert_eq!((health.calls, health.failures), (8, 8));
    assert_eq!(health.breaker, BreakerState::Closed);
    assert_eq!(bench.host.failures("fragile").len(), 8, "and can be read");
    call(&bench, EntryPoint::Deliver, "fragile", message())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_provider_finds_addresses() {
    let found = r#"[{"tekst":"Lærkehaven 14, 4999 Eksempelby","adresse":{"vejnavn":"Lærkehaven","husnr":"14","postnr":"4999","postnrnavn":"Eksempelby"}}]"#;
    let (port, mut received) = server(found).await;
    let bench = Bench::new();
    let origin = format!("http://127.0.0.1:{port}");
    let package = changed(
        "address-register",
        "https://api.dataforsyningen.dk",
        &origin,
    );
    bench
        .host
        .install_package(package, Source::Package)
        .await
        .unwrap();
    let query = json!({ "text": "Lærke", "limit": 5 });
    let mut request = request(&bench, EntryPoint::Search, "address-register", query);
    request.context.configuration = Arc::new(json!({ "address": origin }));
    let outcome = bench.host.call(request).await.unwrap();
    assert_eq!(outcome.output["entries"][0]["values"]["road"], "Lærkehaven");
    let received = received.try_recv().unwrap();
    assert!(
        received.starts_with("GET /adresser/autocomplete?q=L%C3%A6rke&per_side=5"),
        "{received}"
    );
}
