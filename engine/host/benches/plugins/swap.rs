//! Another package takes the place of the one before a thousand times, while 64 callers call without a pause: none may fail.

use super::figures::{Figures, heading, tell};
use super::guests::{case, config, decider, host, install, scripted, timed};
use sagsgang_host::{Host, Package, Source};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const SWAPS: usize = 1_000;
const CALLERS: usize = 64;

pub fn measure(swaps: Option<usize>) {
    let swaps = swaps.unwrap_or(SWAPS);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    for (name, package) in [("component", decider()), ("script", scripted("script"))] {
        heading(&format!(
            "{swaps} swaps of a {name} under {CALLERS} callers"
        ));
        let folder = tempfile::tempdir().unwrap();
        let host = host(sagsgang_host::HostConfig {
            cache: Some(folder.path().to_owned()),
            ..config()
        });
        let outcome = runtime.block_on(swap(&host, &package, swaps));
        outcome.calls.tell("calls meanwhile", "");
        outcome.swaps.tell("swaps", "");
        let lost = outcome.lost.to_string();
        tell("calls lost", &lost, "0");
        assert_eq!(outcome.lost, 0, "{:?}", outcome.first_loss);
    }
}

struct Outcome {
    calls: Figures,
    swaps: Figures,
    lost: usize,
    first_loss: Option<String>,
}

async fn swap(host: &Arc<Host>, package: &Package, swaps: usize) -> Outcome {
    let action = match package.file("plugin.rhai") {
        Some(_) => "script",
        None => "decide",
    };
    install(host, package.clone(), action).await;
    let (ended, lost) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let began = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (host, ended, lost) = (host.clone(), ended.clone(), lost.clone());
            tokio::runtime::Handle::current().spawn(async move {
                let (mut times, mut first_loss, input) = (Vec::new(), None, case());
                while !ended.load(Ordering::SeqCst) {
                    let found = host.find_action(action, None).expect("it is always there");
                    let (took, result) = timed(&host, &found, &input).await;
                    times.push(took);
                    if let Err(error) = result {
                        lost.fetch_add(1, Ordering::SeqCst);
                        first_loss.get_or_insert(error.to_string());
                    }
                    tokio::task::yield_now().await;
                }
                (times, first_loss)
            })
        })
        .collect();
    let mut times: Vec<Duration> = Vec::with_capacity(swaps);
    for number in 0..swaps {
        let next = package
            .clone()
            .with_file("README.md", number.to_string().into_bytes());
        let one = Instant::now();
        host.install_package(next, Source::Package).await.unwrap();
        times.push(one.elapsed());
    }
    ended.store(true, Ordering::SeqCst);
    let mut calls = Vec::new();
    let mut first_loss = None;
    for caller in callers {
        let (times, loss) = caller.await.unwrap();
        calls.extend(times);
        first_loss = first_loss.or(loss);
    }
    let total = began.elapsed();
    Outcome {
        calls: Figures::new(calls, total),
        swaps: Figures::new(times, total),
        lost: lost.load(Ordering::SeqCst),
        first_loss,
    }
}
