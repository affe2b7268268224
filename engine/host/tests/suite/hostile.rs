//! Guests that misbehave: the call ends, says why, leaves nothing, and the next call is as good as any.

use super::kit::{GUESTS, Guest, TRICKS, tar_pit};
use super::support::{Bench, EVERYTHING};
use sagsgang_host::{BreakerState, Limits, PluginError, Retry};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What a stopped call may take beyond its limit while the machine has other work. The benchmark `hostile` measures what it
/// takes when there is none.
const PATIENCE: Duration = Duration::from_secs(3);

/// Plays the whole kit as one kind of guest, while a neighbour is called all the time.
async fn play(guest: Guest) {
    let bench = Bench::new();
    let pit = tar_pit().await;
    bench.neighbour().await;
    for trick in TRICKS {
        let what = format!("{} as {guest:?}", trick.name);
        let ended = std::cell::Cell::new(false);
        let played = async {
            let played = trick.play(&bench, guest, pit).await;
            ended.set(true);
            played
        };
        // The neighbour is called first, and again until the trick is over.
        let served = async {
            while !ended.get() {
                let answer = bench.call("neighbour", json!({})).await;
                assert_eq!(answer.unwrap().output, json!(1), "{what}");
                tokio::task::yield_now().await;
            }
        };
        let ((), played) = tokio::join!(served, played);
        assert_eq!(
            played.ending,
            trick.ending(guest),
            "{what}: {:?}",
            played.result
        );
        assert!(
            played.took < trick.bound.limit() + PATIENCE,
            "{what}: {:?}",
            played.took
        );
        match &played.result {
            Ok(outcome) => {
                let kept: usize = outcome.log.iter().map(|line| line.message.len()).sum();
                assert!(kept < 70_000, "{what}: {kept} bytes of log");
                let last = outcome.log.last().unwrap();
                assert!(last.message.contains("lines were dropped"), "{what}");
            }
            Err(error) => {
                let health = bench.host.health(&played.plugin);
                assert_eq!(health.last_error, Some(error.to_string()), "{what}");
                let told = &bench.host.failures(&played.plugin)[0];
                assert_eq!(
                    (told.code, &told.message),
                    (error.code(), &error.to_string()),
                    "{what}"
                );
            }
        }
    }
}

#[tokio::test]
async fn every_trick_of_a_component_ends_and_says_why_while_others_are_served() {
    play(Guest::Component).await;
}

#[tokio::test]
async fn every_trick_of_a_script_ends_and_says_why_while_others_are_served() {
    play(Guest::Script).await;
}

#[tokio::test]
async fn a_server_that_lets_callers_wait_holds_up_nobody_else_and_stands_in_the_log_of_the_call() {
    let bench = Bench::new();
    let pit = tar_pit().await;
    bench.neighbour().await;
    for guest in GUESTS {
        for trick in TRICKS.iter().filter(|trick| trick.name.contains("server")) {
            let began = Instant::now();
            // As many as the plugin has turns, and more.
            let waiting =
                futures_util::future::join_all((0..6).map(|_| trick.play(&bench, guest, pit)));
            let served = async {
                for _ in 0..50 {
                    bench.call("neighbour", json!({})).await.unwrap();
                }
                began.elapsed()
            };
            let (waited, served) = tokio::join!(waiting, served);
            let last = began.elapsed();
            assert!(served < last, "{}: others waited with them", trick.name);
            for played in waited {
                let is_told = match &played.result {
                    Err(PluginError::TimedOut(_)) => true,
                    // Its own calls hold the turns; they are given up after the time that they may take.
                    Err(PluginError::Unavailable { reason, .. }) => reason.contains("busy"),
                    _ => false,
                };
                assert!(is_told, "{}: {:?}", trick.name, played.result);
            }
            let plugin = match guest {
                Guest::Component => "probe",
                Guest::Script => "scripted",
            };
            let told = bench.host.failures(plugin).remove(0);
            assert_eq!(told.attempts[0].status, None, "{told:?}");
            assert!(told.attempts[0].url.contains("/hook/"), "{told:?}");
            assert!(told.attempts[0].error.is_some(), "{told:?}");
        }
    }
}

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
async fn a_panic_is_a_trap_with_the_last_words() {
    let bench = bench().await;
    let error = misbehave(&bench, json!({ "way": "trap" })).await;
    assert!(
        matches!(&error, PluginError::Trapped { message } if message.contains("a broken promise")),
        "{error:?}"
    );
    still_well(&bench).await;
}

#[tokio::test]
async fn floods_are_bounded() {
    let bench = bench().await;
    let outcome = bench
        .call(
            "misbehave",
            json!({ "way": "log", "lines": 1_000, "bytes": 1_000 }),
        )
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
