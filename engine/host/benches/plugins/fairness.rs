//! What others notice while two guests never return: each is stopped when its budget is used up, and begins again.

use super::figures::{Figures, heading};
use super::guests::{
    RIGHTS, case, config, decider, from_threads, guest, host, install, plugin, scripted, thread,
    timed,
};
use sagsgang_host::{ActionRef, Host};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

const CALLS: usize = 20_000;
const ENDLESS: usize = 2;

pub fn measure(calls: Option<usize>) {
    let calls = calls.unwrap_or(CALLS);
    let runtime = thread();
    let host = host(config());
    let bytes = guest("probe").expect("plugins/build has been run");
    let probe = plugin("probe", "misbehave", RIGHTS, "plugin.wasm", &bytes);
    let endless = runtime.block_on(install(&host, probe, "misbehave"));
    let others = [
        (
            "component",
            runtime.block_on(install(&host, decider(), "decide")),
        ),
        (
            "script",
            runtime.block_on(install(&host, scripted("decide-script"), "decide-script")),
        ),
    ];
    heading("Other plugins while two guests never return");
    for (name, action) in &others {
        let figures = from_threads(&host, action, &case(), 1, calls);
        figures.tell(&format!("{name}, nobody misbehaves"), "");
        let (figures, stopped) = beside_endless(&host, &endless, action, calls);
        figures.tell(
            &format!("{name}, {ENDLESS} endless ({stopped} stopped)"),
            "p99 2 ms",
        );
    }
}

/// Calls an action while the endless ones run, each on a thread of its own.
fn beside_endless(
    host: &Host,
    endless: &Arc<ActionRef>,
    action: &Arc<ActionRef>,
    calls: usize,
) -> (Figures, u32) {
    let (ended, stopped) = (AtomicBool::new(false), AtomicU32::new(0));
    let spin = || {
        thread().block_on(async {
            while !ended.load(Ordering::SeqCst) {
                let (_, result) = timed(host, endless, &json!({ "way": "spin" })).await;
                result.unwrap_err();
                stopped.fetch_add(1, Ordering::SeqCst);
                host.close_breaker("probe");
            }
        });
    };
    let figures = std::thread::scope(|scope| {
        for _ in 0..ENDLESS {
            scope.spawn(spin);
        }
        let figures = from_threads(host, action, &case(), 1, calls);
        ended.store(true, Ordering::SeqCst);
        figures
    });
    (figures, stopped.into_inner())
}
