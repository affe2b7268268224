//! Guests in JavaScript and Python: what misbehaves ends like everything else, and what an interpreter has of its own (clock,
//! chance, output) is that of the call.

use super::support::{Bench, EVERYTHING};
use sagsgang_host::{CallOutcome, LogLevel, PluginError, Retry};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What a stopped call may take beyond its budget while the machine has other work.
const PATIENCE: Duration = Duration::from_secs(3);

async fn bench(language: &str) -> Bench {
    let bench = Bench::new();
    bench
        .interpreted(language, &EVERYTHING.replace("PORT", "1"))
        .await;
    bench
}

async fn act(bench: &Bench, way: Value) -> CallOutcome {
    bench.call("misbehave", way).await.unwrap()
}

/// One call that breaks off, and one after it that goes well.
async fn misbehave(bench: &Bench, way: Value) -> PluginError {
    let began = Instant::now();
    let error = bench.call("misbehave", way.clone()).await.unwrap_err();
    assert!(began.elapsed() < PATIENCE, "{way}: {:?}", began.elapsed());
    bench.host.close_breaker("probe");
    let outcome = bench
        .call("decide", json!({ "repeats": 3, "fields": {} }))
        .await
        .unwrap();
    assert_eq!(outcome.output, json!({ "priority": "high", "score": 30 }));
    error
}

#[tokio::test]
async fn javascript_that_misbehaves_is_stopped_without_harm() {
    let bench = bench("javascript").await;
    for way in [
        json!({ "way": "spin" }),
        json!({ "way": "memory" }),
        json!({ "way": "strings" }),
        json!({ "way": "recurse" }),
        json!({ "way": "closures" }),
        json!({ "way": "pattern" }),
        json!({ "way": "output", "bytes": 300_000 }),
        json!({ "way": "calls", "count": 10_001 }),
        json!({ "way": "copies" }),
    ] {
        let error = misbehave(&bench, way.clone()).await;
        let is_stopped = matches!(
            error,
            PluginError::Exhausted { .. } | PluginError::Trapped { .. }
        );
        assert!(is_stopped, "{way}: {error:?}");
    }
    let error = misbehave(&bench, json!({ "way": "spin" })).await;
    assert_eq!(error, PluginError::Exhausted { limit: "cpu" });
    let error = misbehave(&bench, json!({ "way": "calls", "count": 10_001 })).await;
    assert_eq!(
        error,
        PluginError::Exhausted {
            limit: "host-calls"
        }
    );
    let outcome = act(&bench, json!({ "way": "log", "lines": 200 })).await;
    let kept: usize = outcome.log.iter().map(|line| line.message.len()).sum();
    assert!(kept < 70_000, "{kept} bytes of log");
}

#[tokio::test]
async fn python_that_misbehaves_is_stopped_without_harm() {
    let bench = bench("python").await;
    for way in ["spin", "memory", "recurse", "sleep"] {
        let error = misbehave(&bench, json!({ "way": way })).await;
        let is_stopped = matches!(
            error,
            PluginError::Exhausted { .. } | PluginError::Trapped { .. }
        );
        assert!(is_stopped, "{way}: {error:?}");
    }
    let error = misbehave(&bench, json!({ "way": "spin" })).await;
    assert_eq!(error, PluginError::Exhausted { limit: "cpu" });
    let error = misbehave(&bench, json!({ "way": "output", "bytes": 300_000 })).await;
    assert_eq!(error, PluginError::Exhausted { limit: "output" });
    let outcome = act(&bench, json!({ "way": "speak" })).await;
    let lines: Vec<&str> = outcome
        .log
        .iter()
        .map(|line| line.message.as_str())
        .collect();
    assert_eq!(lines, ["one 2", "open"]);
}

#[tokio::test]
async fn a_mistake_ends_the_call_with_its_last_words() {
    for language in ["javascript", "python"] {
        let bench = bench(language).await;
        let error = misbehave(&bench, json!({ "way": "throw" })).await;
        let has_words = matches!(&error, PluginError::Trapped { message } if message.contains("a broken promise"));
        assert!(has_words, "{language}: {error:?}");
        let error = misbehave(&bench, json!({ "way": "refuse" })).await;
        let expected = PluginError::Refused {
            code: "gateway-busy".into(),
            message: "the gateway is busy".into(),
            retry: Retry::Retry,
            retry_after_ms: Some(1_500),
        };
        assert_eq!(error, expected, "{language}");
        for _ in 0..2 {
            let outcome = act(&bench, json!({ "way": "count" })).await;
            assert_eq!(outcome.output, json!(1), "{language}: no call sees another");
        }
    }
}

#[tokio::test]
async fn a_promise_is_no_answer() {
    let bench = bench("javascript").await;
    let error = misbehave(&bench, json!({ "way": "promise" })).await;
    let says_so = matches!(&error, PluginError::Trapped { message } if message.contains("answered a promise"));
    assert!(says_so, "{error:?}");
}

#[tokio::test]
async fn clock_and_chance_are_those_of_the_call() {
    let bench = bench("javascript").await;
    let clock = act(&bench, json!({ "way": "clock" })).await.output;
    assert_eq!(
        clock,
        json!([
            1_795_521_600_000_i64,
            "2026-11-24T12:00:00.000Z",
            2020,
            "string",
            1_795_521_600_000_i64
        ])
    );
    same_chance_again(&bench).await;

    let bench = self::bench("python").await;
    let clock = act(&bench, json!({ "way": "clock" })).await.output;
    assert_eq!(
        clock,
        json!([
            1_795_521_600.0,
            "2026-11-24T12:00:00+00:00",
            "2026-11-24",
            1_795_521_600.0
        ])
    );
    let kinds = act(&bench, json!({ "way": "kinds" })).await.output;
    assert_eq!(kinds, json!([true, true, true, true, true, false, false]));
    same_chance_again(&bench).await;
}

/// Drawn from the key of the call: equal when it is tried again, different within it and in another call.
async fn same_chance_again(bench: &Bench) {
    let first = act(bench, json!({ "way": "chance" })).await;
    assert_ne!(first.output[0], first.output[1]);
    assert_eq!(
        first.output,
        act(bench, json!({ "way": "chance" })).await.output
    );
    let mut other = bench.request("misbehave", json!({ "way": "chance" }));
    other.context.idempotency_key = "key-2".into();
    assert_ne!(first.output, bench.host.call(other).await.unwrap().output);
}

#[tokio::test]
async fn console_and_print_write_to_the_log() {
    let bench = bench("javascript").await;
    let outcome = act(&bench, json!({ "way": "log", "lines": 1 })).await;
    assert_eq!(outcome.log[0].level, LogLevel::Info);
    let bench = self::bench("python").await;
    let outcome = act(&bench, json!({ "way": "speak" })).await;
    assert_eq!(outcome.log[0].level, LogLevel::Info);
}
