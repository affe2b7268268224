//! A call that failed leaves its log and its requests to the outside, so that somebody sees why.

use super::support::{Bench, EVERYTHING, context};
use sagsgang_host::{LogLevel, PluginError};
use serde_json::json;
use std::time::Duration;
use tokio::net::TcpListener;

#[tokio::test]
async fn a_trap_keeps_the_last_words_and_what_the_call_was_about() {
    let bench = Bench::new();
    bench.probe(&EVERYTHING.replace("PORT", "1")).await;
    bench
        .call("misbehave", json!({ "way": "trap" }))
        .await
        .unwrap_err();
    let failures = bench.host.failures("probe");
    assert_eq!(failures.len(), 1, "{failures:?}");
    let failed = &failures[0];
    assert_eq!(
        (failed.code, failed.action.as_str(), failed.version.as_str()),
        ("trapped", "misbehave", "1.0.0")
    );
    assert_eq!(failed.at, context().now);
    assert_eq!(failed.case.as_deref(), Some("2026-000042"));
    assert!(
        failed
            .log
            .iter()
            .any(|line| line.level == LogLevel::Error && line.message.contains("a broken promise")),
        "{failed:?}"
    );
}

#[tokio::test]
async fn a_call_that_waits_for_a_silent_server_shows_its_request() {
    // Connections are accepted by the system, and nobody answers them.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let bench = Bench::new();
    bench
        .services
        .put_secret("scripted", "default", "token", "s3cret");
    bench
        .script(
            "fn scripted(input) { log::info(\"asking\"); http::get(input.url).status }",
            &EVERYTHING.replace("PORT", &port.to_string()),
        )
        .await;
    let url = format!("http://127.0.0.1:{port}/hook");
    let mut request = bench.request("scripted", json!({ "url": format!("{url}?cpr=1") }));
    request.deadline = Some(Duration::from_secs(2));
    let error = bench.host.call(request).await.unwrap_err();
    assert_eq!(error, PluginError::TimedOut(2_000));
    let failed = bench.host.failures("scripted").remove(0);
    assert_eq!(failed.code, "timed-out");
    assert_eq!(failed.log[0].message, "asking");
    let attempt = &failed.attempts[0];
    assert_eq!(
        (attempt.method.as_str(), attempt.url.as_str()),
        ("GET", url.as_str())
    );
    assert_eq!(attempt.status, None);
    assert!(attempt.error.is_some(), "{attempt:?}");
}

#[tokio::test]
async fn the_latest_failures_are_kept_and_a_success_leaves_none() {
    let bench = Bench::new();
    bench
        .script(
            "fn scripted(input) { if input.n < 0 { 1 } else { throw `no ${input.n}` } }",
            "",
        )
        .await;
    bench.call("scripted", json!({ "n": -1 })).await.unwrap();
    assert_eq!(bench.host.failures("scripted"), []);
    for n in 0..12 {
        bench.host.close_breaker("scripted");
        bench.call("scripted", json!({ "n": n })).await.unwrap_err();
    }
    let failures = bench.host.failures("scripted");
    assert_eq!(failures.len(), 10);
    assert!(failures[0].message.contains("no 11"), "{:?}", failures[0]);
    assert!(failures[9].message.contains("no 2"), "{:?}", failures[9]);
}

#[tokio::test]
async fn what_a_call_wrote_that_went_well_is_kept_for_a_while() {
    let bench = Bench::new();
    let script = "fn scripted(input) { if input.n > 0 { log::info(`call ${input.n}`); } 1 }";
    bench.script(script, "case-read = true").await;
    for n in 0..=25 {
        bench.call("scripted", json!({ "n": n })).await.unwrap();
    }
    let mut trial = bench.request("scripted", json!({ "n": 99 }));
    trial.context.dry = true;
    bench.host.call(trial).await.unwrap();
    let kept = bench.host.done_calls("scripted");
    let said: Vec<&str> = kept.iter().map(|one| &*one.log[0].message).collect();
    assert_eq!(said.len(), 20, "the newest, and none that left nothing");
    assert_eq!((said[0], said[19]), ("call 25", "call 6"));
    assert_eq!(kept[0].case.as_deref(), Some("2026-000042"));
    assert!(bench.host.failures("scripted").is_empty());
}
