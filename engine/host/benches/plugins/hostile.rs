//! The hostile kit on the clock: how soon after its limit each trick ends, and what another caller notices meanwhile.

use super::figures::{Figures, heading};
use super::guests::{case, decider, install, scripted, thread, timed};
use super::kit::{GUESTS, TRICKS, tar_pit};
use super::support::Bench;
use sagsgang_host::ActionRef;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// For how long each trick is played again and again.
const MILLISECONDS: usize = 1_000;
/// What a trick may take beyond its limit.
const GRACE: Duration = Duration::from_millis(100);

pub fn measure(milliseconds: Option<usize>) {
    let time = Duration::from_millis(milliseconds.unwrap_or(MILLISECONDS) as u64);
    let pits = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let pit = pits.block_on(tar_pit());
    let bench = Bench::new();
    let component = thread().block_on(install(&bench.host, decider(), "decide"));
    let script = thread().block_on(install(
        &bench.host,
        scripted("decide-script"),
        "decide-script",
    ));
    heading("The hostile kit");
    let others = [&component, &script];
    let never = AtomicBool::new(false);
    let quiet = others.map(|action| {
        let figures = until(&bench, action, Instant::now() + time, &never);
        figures.tell(&format!("`{}`, nobody misbehaves", action.name()), "");
        figures.at(99)
    });
    println!(
        "\n{:<60} {:>10} {:>10} {:>11} {:>8}",
        "trick (aims: limit + 100 ms; others' p99 × 2)",
        "longest ms",
        "limit ms",
        "component ×",
        "script ×"
    );
    let mut late = 0;
    for (trick, guest) in TRICKS
        .iter()
        .flat_map(|trick| GUESTS.map(|guest| (trick, guest)))
    {
        let mut longest = Duration::ZERO;
        let mut ratios = [0.0; 2];
        for (place, action) in others.into_iter().enumerate() {
            let (ended, far) = (AtomicBool::new(false), Instant::now() + 60 * time);
            let figures = std::thread::scope(|scope| {
                let neighbour = scope.spawn(|| until(&bench, action, far, &ended));
                let end = Instant::now() + time;
                while Instant::now() < end {
                    let played = thread().block_on(trick.play(&bench, guest, pit));
                    assert_eq!(
                        played.ending,
                        trick.ending(guest),
                        "{} by {}: {:?}",
                        trick.name,
                        played.plugin,
                        played.result
                    );
                    longest = longest.max(played.took);
                }
                ended.store(true, Ordering::SeqCst);
                neighbour.join().unwrap()
            });
            ratios[place] = figures.at(99) / quiet[place];
        }
        let limit = trick.bound.limit();
        late += u32::from(longest > limit + GRACE);
        println!(
            "{:<60} {:>10.1} {:>10} {:>11.1} {:>8.1}",
            format!("{}, as {guest:?}", trick.name),
            longest.as_secs_f64() * 1_000.0,
            limit.as_millis(),
            ratios[0],
            ratios[1]
        );
    }
    println!("tricks that went on for more than 100 ms beyond their limit: {late} (aim 0)");
}

/// Calls an action without a pause until a time, or until it is ended.
fn until(bench: &Bench, action: &Arc<ActionRef>, end: Instant, ended: &AtomicBool) -> Figures {
    let (began, input) = (Instant::now(), case());
    let mut times = Vec::new();
    thread().block_on(async {
        while Instant::now() < end && !ended.load(Ordering::SeqCst) {
            let (took, result) = timed(&bench.host, action, &input).await;
            result.unwrap();
            times.push(took);
        }
    });
    Figures::new(times, began.elapsed())
}
