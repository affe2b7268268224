//! Guests that misbehave: the call ends, says why, leaves nothing, and the next call is as good as any.

use super::support::{Bench, EVERYTHING};
use sagsgang_host::{BreakerState, Limits, PluginError, Retry};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn bench() -> Bench {
    let bench = Bench::new();
    bench.probe(&EVERYTHING.replace("PORT", "1")).await;
    bench
}

async fn misbehave(bench: &Bench, way: Value) -> PluginError {
    bench.call("misbehave", way).await.unwrap_err()
}

#[track_caller]
fn exhausted(error: &PluginError, limit: &str) {
    assert!(
        matches!(error, PluginError::Exhausted { limit: found } if *found == limit),
        "{limit}: {error:?}"
    );
}

async fn still_well(bench: &Bench) {
    bench.host.close_breaker("probe");
    let outcome = bench
        .call("decide", json!({ "repeats": 3, "fields": {} }))
        .await
        .unwrap();
    assert_eq!(outcome.output, json!({ "priority": "high", "score": 30 }));
}

#[tokio::test]
async fn an_endless_loop_ends_soon_after_its_budget() {
    let bench = bench().await;
    let began = Instant::now();
    exhausted(&misbehave(&bench, json!({ "way": "spin" })).await, "cpu");
    let budget = Duration::from_millis(Limits::default().cpu_ms);
    assert!(
        began.elapsed() >= budget,
        "not before: {:?}",
        began.elapsed()
    );
    assert!(
        began.elapsed() < budget + Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    still_well(&bench).await;
}

#[tokio::test]
async fn each_limit_is_named() {
    let bench = bench().await;
    exhausted(
        &misbehave(&bench, json!({ "way": "memory" })).await,
        "memory",
    );
    exhausted(
        &misbehave(&bench, json!({ "way": "output", "bytes": 300_000 })).await,
        "output",
    );
    bench.host.close_breaker("probe");
    exhausted(
        &misbehave(&bench, json!({ "way": "output", "bytes": 3_000_000 })).await,
        "copied",
    );
    exhausted(
        &misbehave(&bench, json!({ "way": "calls", "count": 10_001 })).await,
        "host-calls",
    );
    exhausted(
        &misbehave(&bench, json!({ "way": "copies" })).await,
        "copied",
    );
    still_well(&bench).await;
}

#[tokio::test]
async fn recursion_and_panics_are_traps_with_the_last_words() {
    let bench = bench().await;
    let error = misbehave(&bench, json!({ "way": "recurse" })).await;
    assert!(matches!(error, PluginError::Trapped { .. }), "{error:?}");
    let error = misbehave(&bench, json!({ "way": "trap" })).await;
    assert!(
        matches!(&error, PluginError::Trapped { message } if message.contains("a broken promise")),
        "{error:?}"
    );
    still_well(&bench).await;
}

#[tokio::test]
async fn a_trap_leaves_nothing() {
    let bench = bench().await;
    misbehave(&bench, json!({ "way": "trap" })).await;
    assert_eq!(
        bench.services.value("probe", "half"),
        None,
        "what the call wrote is lost with it"
    );
}

#[tokio::test]
async fn floods_are_bounded() {
    let bench = bench().await;
    let outcome = bench
        .call("misbehave", json!({ "way": "log", "lines": 1_000 }))
        .await
        .unwrap();
    let kept: usize = outcome.log.iter().map(|line| line.message.len()).sum();
    assert!(kept < 70_000, "{kept} bytes of log");
    assert!(
        outcome
            .log
            .last()
            .unwrap()
            .message
            .contains("lines were dropped")
    );
    let outcome = bench
        .call("misbehave", json!({ "way": "flood" }))
        .await
        .unwrap();
    assert_eq!(
        (outcome.output, outcome.commands.len()),
        (json!("100"), 100)
    );
}

#[tokio::test]
async fn a_plugin_s_own_failure_is_passed_on() {
    let bench = bench().await;
    let error = misbehave(&bench, json!({ "way": "refuse" })).await;
    let expected = PluginError::Refused {
        code: "gateway-busy".into(),
        message: "the gateway is busy".into(),
        retry: Retry::Retry,
        retry_after_ms: Some(1_500),
    };
    assert_eq!(error, expected);
}

#[tokio::test]
async fn nothing_leaks_from_one_call_to_the_next() {
    let bench = Bench::with(sagsgang_host::HostConfig {
        slots: 1,
        ..super::support::config()
    });
    bench.probe(&EVERYTHING.replace("PORT", "1")).await;
    let control = bench
        .call("misbehave", json!({ "way": "mark-and-scan" }))
        .await
        .unwrap();
    let found: u64 = control.output.as_str().unwrap().parse().unwrap();
    assert!(
        found >= 524_288,
        "marks are found where there are some: {found}"
    );
    for _ in 0..20 {
        bench
            .call("misbehave", json!({ "way": "mark" }))
            .await
            .unwrap();
        let outcome = bench
            .call("misbehave", json!({ "way": "scan" }))
            .await
            .unwrap();
        assert_eq!(outcome.output, json!("0"), "marks of the call before");
    }
}

#[tokio::test]
async fn five_broken_promises_switch_the_plugin_off_and_only_it() {
    let bench = bench().await;
    bench.script("fn scripted(input) { 1 }", "").await;
    for _ in 0..5 {
        misbehave(&bench, json!({ "way": "trap" })).await;
    }
    let error = misbehave(&bench, json!({ "way": "trap" })).await;
    assert!(
        matches!(
            error,
            PluginError::Unavailable {
                retry_after_ms: Some(_),
                ..
            }
        ),
        "{error:?}"
    );
    let health = bench.host.health("probe");
    assert_eq!(
        (health.calls, health.failures, health.breaker),
        (5, 5, BreakerState::Pausing)
    );
    assert!(health.last_error.unwrap().contains("a broken promise"));
    assert_eq!(
        bench.call("scripted", json!({})).await.unwrap().output,
        json!(1)
    );
    still_well(&bench).await;
}

#[tokio::test]
async fn others_are_served_while_endless_guests_run() {
    let bench = bench().await;
    bench.script("fn scripted(input) { 1 }", "").await;
    let spin = || bench.call("misbehave", json!({ "way": "spin" }));
    let served = async {
        let mut served = 0;
        for _ in 0..200 {
            served += u32::from(bench.call("scripted", json!({})).await.is_ok());
        }
        served
    };
    let (first, second, served) = tokio::join!(spin(), spin(), served);
    exhausted(&first.unwrap_err(), "cpu");
    exhausted(&second.unwrap_err(), "cpu");
    assert_eq!(served, 200);
}

#[tokio::test]
async fn a_call_ends_at_its_deadline() {
    let bench = bench().await;
    let mut request = bench.request("misbehave", json!({ "way": "spin" }));
    request.deadline = Some(Duration::from_millis(20));
    let error = bench.host.call(request).await.unwrap_err();
    assert_eq!(error, PluginError::TimedOut(20));
    still_well(&bench).await;
}

#[tokio::test]
async fn scripts_meet_their_limits_without_harm() {
    let ways = [
        (
            "closure chain",
            "let f = |x| x; for i in 0..10000 { let g = f; f = |x| g.call(x); } f.call(1)",
        ),
        ("endless loop", "loop { }"),
        ("growing string", "let s = \"x\"; loop { s += s; }"),
        ("growing array", "let a = []; loop { a.push(a); }"),
        ("recursion", "scripted(input)"),
    ];
    let bench = Bench::new();
    bench.probe(&EVERYTHING.replace("PORT", "1")).await;
    for (way, body) in ways {
        bench
            .script(&format!("fn scripted(input) {{ {body} }}"), "")
            .await;
        let error = bench.call("scripted", json!({})).await.unwrap_err();
        let stopped = matches!(
            error,
            PluginError::Exhausted { .. } | PluginError::Trapped { .. }
        );
        assert!(stopped, "{way}: {error:?}");
        bench.host.close_breaker("scripted");
        still_well(&bench).await;
    }
}

#[tokio::test]
async fn a_script_keeps_nothing_between_calls() {
    let bench = Bench::new();
    bench
        .script(
            "let seen = 0; fn scripted(input) { if is_def_var(\"seen\") { 1 } else { 0 } }",
            "",
        )
        .await;
    for _ in 0..3 {
        assert_eq!(
            bench.call("scripted", json!({})).await.unwrap().output,
            json!(0)
        );
    }
}
