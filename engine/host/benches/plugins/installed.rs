//! Two hundred plugins: how long a fresh process needs until all of them can be called, when their code was compiled before,
//! and what it holds in memory then.

use super::figures::{Figures, heading, resident, tell};
use super::guests::{case, config, host, install, one_of_many, scripted, thread, timed};
use sagsgang_host::{HostConfig, Package, Source};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

const PLUGINS: usize = 200;

/// The word with which this program starts itself again.
pub const START: &str = "start-with-all";

pub fn measure(plugins: Option<usize>) {
    let plugins = plugins.unwrap_or(PLUGINS);
    let folder = tempfile::tempdir().unwrap();
    heading(&format!(
        "{plugins} plugins, half of them components, half scripts"
    ));
    let began = Instant::now();
    let host = host(HostConfig {
        cache: Some(folder.path().join("cache")),
        ..config()
    });
    thread().block_on(async {
        for number in 0..plugins {
            let (name, package) = numbered(number);
            let place = folder.path().join(format!("{name}.sagsplugin"));
            std::fs::write(place, package.to_archive().unwrap()).unwrap();
            install(&host, package, &name).await;
        }
    });
    let compiled = began.elapsed().as_secs_f64();
    tell(
        "the first time, with compiling",
        &format!("{compiled:.1} s"),
        "",
    );
    drop(host);
    let program = std::env::current_exe().unwrap();
    let started = Command::new(program).arg(START).arg(folder.path()).status();
    assert!(started.unwrap().success(), "the second process failed");
}

/// The second process.
pub fn start(folder: &Path) {
    let before = resident();
    let began = Instant::now();
    let host = host(HostConfig {
        cache: Some(folder.join("cache")),
        ..config()
    });
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "sagsplugin"))
        .collect();
    files.sort();
    let runtime = thread();
    let (mut times, mut codes) = (Vec::new(), Vec::new());
    for file in &files {
        let one = Instant::now();
        let plugin = runtime
            .block_on(host.install(file, Source::Folder))
            .unwrap();
        times.push(one.elapsed());
        codes.push(plugin.code_came_in());
    }
    let took = began.elapsed();
    tell(
        "all can be called after",
        &format!("{:.2} s", took.as_secs_f64()),
        "2 s",
    );
    let scripts = times.split_off(files.len() / 2);
    codes.truncate(files.len() / 2);
    for (what, times, aim) in [
        ("taking up a component from the cache", times, ""),
        ("of it, reading its code", codes, "1 ms"),
        ("taking up a script", scripts, "1 ms"),
    ] {
        let figures = Figures::new(times, took);
        let text = format!("{:.0} µs, {:.0} µs", figures.at(50), figures.at(99));
        tell(&format!("{what}, p50 and p99"), &text, aim);
    }
    let held = resident();
    tell(
        "resident, by this process alone",
        &format!("{before:.0} MiB"),
        "",
    );
    tell(
        "resident, with all installed",
        &format!("{held:.0} MiB"),
        "300 MiB",
    );
    for action in host.actions() {
        let input = match action.name().starts_with('c') {
            true => json!({ "way": "clock", "count": 1 }),
            false => case(),
        };
        let (_, result) = runtime.block_on(timed(&host, &action, &input));
        result.unwrap();
    }
    tell(
        "resident, after a call of each",
        &format!("{:.0} MiB", resident()),
        "300 MiB",
    );
}

/// One of many; components come before scripts where they are sorted.
fn numbered(number: usize) -> (String, Package) {
    match number.is_multiple_of(2) {
        true => {
            let name = format!("c{number:08}");
            let package = one_of_many(&name, "");
            (name, package)
        }
        false => {
            let name = format!("s{number:08}");
            let package = scripted(&name);
            (name, package)
        }
    }
}
