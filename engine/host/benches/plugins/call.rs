//! What a call costs: the same small decision over a case of 1 KB as native code, as a component, as a script, and in
//! JavaScript and Python where `plugins/build-interpreted` has been run; and what a component pays to ask the host something.
//! Beside other libraries it is measured in `tests/beside`.

use super::decision;
use super::figures::{Figures, heading, repeat, tell};
use super::guests::{
    RIGHTS, built, case, config, decider, from_threads, guest, host, install, plugin, scripted,
    thread, timed,
};
use sagsgang_host::{ActionRef, Host, Source};
use serde::Deserialize;
use serde_json::{Value, json};
use std::hint::black_box;
use std::sync::Arc;

const CALLS: usize = 40_000;
/// The most that a call may ask the host, less a few.
const HOST_CALLS: usize = 9_000;

/// Python's interpreter takes more than the usual memory.
const LIMITS: &str = "[limits]\nmemory = \"64 MiB\"\n";

pub fn measure(calls: Option<usize>) {
    let calls = calls.unwrap_or(CALLS);
    let runtime = thread();
    let host = host(config());
    let input = case();
    heading("A call with a case of 1 KB");
    native(&input, calls).tell("native Rust, the floor", "");
    let component = runtime.block_on(install(&host, decider(), "decide"));
    tell_threads(
        &host,
        &component,
        "component",
        &input,
        calls,
        ["p50 20 µs, p99 60 µs, 50,000/s", "90,000/s"],
    );
    let script = runtime.block_on(install(&host, scripted("decide-script"), "decide-script"));
    tell_threads(
        &host,
        &script,
        "script",
        &input,
        calls / 2,
        ["p50 40 µs", ""],
    );
    let bundled = built().join("dist/auto-prioritise");
    runtime
        .block_on(host.install(&bundled, Source::Folder))
        .unwrap();
    let bundled = host.find_action("auto-prioritise", None).unwrap();
    tell_threads(
        &host,
        &bundled,
        "script `auto-prioritise`",
        &input,
        calls / 2,
        ["", ""],
    );
    interpreted(&input, calls);
    host_call();
}

/// The same JSON in and out, without a wall in between.
fn native(input: &Value, calls: usize) -> Figures {
    #[derive(Deserialize)]
    struct Case {
        repeats: i64,
        fields: Value,
    }
    repeat(calls, || {
        let text = black_box(input).to_string();
        let case: Case = serde_json::from_str(&text).unwrap();
        let fraction = case.fields["fraction"].as_str().unwrap_or_default();
        let (priority, score) = decision::of(case.repeats, fraction);
        let answer = json!({ "priority": priority, "score": score }).to_string();
        black_box(serde_json::from_str::<Value>(&answer).unwrap());
    })
}

fn tell_threads(
    host: &Host,
    action: &Arc<ActionRef>,
    name: &str,
    input: &Value,
    calls: usize,
    aims: [&str; 2],
) {
    let one = from_threads(host, action, input, 1, calls);
    one.tell(&format!("{name}, one thread"), aims[0]);
    let two = from_threads(host, action, input, 2, calls);
    two.tell(&format!("{name}, two threads"), aims[1]);
}

fn interpreted(input: &Value, calls: usize) {
    for (name, title, calls, aim) in [
        (
            "probe-javascript",
            "JavaScript (QuickJS)",
            calls / 4,
            "p50 200 µs",
        ),
        ("probe-python", "Python (CPython)", calls / 40, "p50 2 ms"),
    ] {
        let Some(bytes) = guest(name) else {
            println!("{title}: not built; run plugins/build-interpreted");
            continue;
        };
        let host = host(config());
        let rights = format!("{RIGHTS}{LIMITS}");
        let probe = plugin("probe", "decide", &rights, "plugin.wasm", &bytes);
        let action = thread().block_on(install(&host, probe, "decide"));
        tell_threads(&host, &action, title, input, calls, [aim, ""]);
    }
}

/// The difference between a call that asks the host nothing and one that asks it often, shared out.
fn host_call() {
    let runtime = thread();
    let host = host(config());
    let bytes = guest("probe").unwrap();
    let probe = plugin("probe", "misbehave", RIGHTS, "plugin.wasm", &bytes);
    let action = runtime.block_on(install(&host, probe, "misbehave"));
    let half = |count: usize| {
        let input = json!({ "way": "clock", "count": count });
        let figures = repeat(400, || {
            let (_, result) = runtime.block_on(timed(&host, &action, &input));
            assert_eq!(result.unwrap().output, json!(count.to_string()));
        });
        figures.at(50)
    };
    let each = (half(HOST_CALLS) - half(0)) / HOST_CALLS as f64;
    tell("a question to the host", &format!("{each:.3} µs"), "0.5 µs");
}
