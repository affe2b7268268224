//! A million runs that wait: how long the engine takes to start beside them, what it does while nothing happens, and how
//! fast timers that are due are drained.
//!
//! `cargo bench -p sagsgang-runtime --bench waiting -- [RUNS] [DUE] [DATABASE]`

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has nothing to say"
)]

#[path = "many/runs.rs"]
mod runs;

use runs::{Hands, LISTEN, PAUSE, standing, store, write};
use sagsgang_domain::{Actor, ActorKind, Caller, Role, Timestamp};
use sagsgang_runtime::{Clock, Engine, EngineOptions, InstanceStatus, SystemClock};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Ticks of the processor's clock in a second, as Linux counts them.
const TICKS: f64 = 100.0;
const IDLE: Duration = Duration::from_secs(10);

/// Seconds that this process has computed.
fn computed() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after.split_whitespace().collect();
    let number = |place: usize| fields.get(place).and_then(|text| text.parse::<f64>().ok());
    (number(11).unwrap_or_default() + number(12).unwrap_or_default()) / TICKS
}

/// Resident memory in megabytes.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:"));
    let words = line.and_then(|line| line.split_whitespace().nth(1));
    words
        .and_then(|kb| kb.parse::<u64>().ok())
        .unwrap_or_default()
        / 1_024
}

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"));
    let mut number = |usual| {
        let given = arguments.next();
        given.and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (count, due) = (number(1_000_000_u64), number(100_000_u64));
    let folder = tempfile::tempdir().unwrap();
    let given = std::env::args().find(|argument| argument.starts_with("postgres:"));
    let mut options = EngineOptions::in_folder(folder.path().to_owned());
    options.database = given.unwrap_or(options.database);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(measure(options, count, due));
}

async fn measure(mut options: EngineOptions, count: u64, due: u64) {
    println!(
        "load average {}",
        std::fs::read_to_string("/proc/loadavg")
            .unwrap_or_default()
            .trim()
    );
    let now = SystemClock.now();
    let clock = Arc::new(Hands::at(now));
    options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    let (database, folder) = (options.database.clone(), options.data.clone());
    let begun = Instant::now();
    prepare(&database, &folder, now, count, due).await;
    println!(
        "{count} runs that wait, written in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    let before = resident();
    let begun = Instant::now();
    let engine = Engine::open(options).await.unwrap();
    engine.start();
    let caller = Caller {
        actor: Actor::new(ActorKind::Person, "administrator"),
        roles: vec![Role::Administrator],
    };
    let started = engine.start_run(
        &caller,
        "many/pause",
        json!({ "for": "PT0S" }),
        None,
        Some(Duration::from_secs(30)),
    );
    assert_eq!(started.await.unwrap().status, "completed");
    println!(
        "start, with a run to its end: {:.2} s (aim 5 s)",
        begun.elapsed().as_secs_f64()
    );
    let (cpu, memory) = (computed(), resident());
    tokio::time::sleep(IDLE).await;
    println!(
        "idle: {:.2} % of one core; {before} MB before the start, {memory} MB after it, {} MB now",
        (computed() - cpu) / IDLE.as_secs_f64() * 100.0,
        resident()
    );
    let commits = engine.counts();
    let begun = Instant::now();
    clock.turn(7_200);
    while engine.counts().completed < commits.completed + due {
        assert!(
            begun.elapsed() < Duration::from_secs(600),
            "the timers are not drained"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let drained = begun.elapsed().as_secs_f64();
    println!(
        "{due} due timers drained in {drained:.1} s (aim 30 s): {:.0} transitions/s, {} MB",
        due as f64 / drained,
        resident()
    );
    engine.stop().await;
    let store = store(&database, &folder).await;
    let (completed, odd) = standing(&store, InstanceStatus::Completed).await;
    assert_eq!((completed, odd), (due + 1, 1), "the first one had no pause");
    let (waiting, odd) = standing(&store, InstanceStatus::Waiting).await;
    assert_eq!(odd, waiting, "those that are not due have one entry");
    println!("none lost, none doubled: {completed} completed, {waiting} wait on");
    store.close().await;
}

/// Half of what is not due waits for a moment, half for an event.
async fn prepare(database: &str, folder: &std::path::Path, now: Timestamp, count: u64, due: u64) {
    let engine = Engine::open(EngineOptions {
        database: database.to_owned(),
        ..EngineOptions::in_folder(folder.to_owned())
    });
    let engine = engine.await.unwrap();
    for text in [PAUSE, LISTEN] {
        let files = vec![("many.yaml".to_owned(), text.to_owned())];
        engine.publish(&Caller::system(), files).await.unwrap();
    }
    engine.stop().await;
    let store = store(database, folder).await;
    let rest = count.saturating_sub(due);
    write(&store, PAUSE, 0, due, now, "PT1H").await;
    write(&store, PAUSE, due, rest / 2, now, "P30D").await;
    write(&store, LISTEN, due + rest / 2, rest - rest / 2, now, "P30D").await;
    store.close().await;
}
