//! Plugins that change while the engine runs.

use super::support::{Bench, context, dist, package, script};
use sagsgang_host::{CallRequest, Package, Source, WatchReport};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn answering(number: u32) -> String {
    // Long enough that calls are in progress when the next version arrives.
    format!("fn scripted(input) {{ let n = 0; for i in 0..2000 {{ n += 1; }} {number} }}")
}

#[tokio::test]
async fn calls_in_flight_end_with_the_version_they_began_with() {
    let bench = Bench::new();
    bench.script(&answering(1), "").await;
    let calls = async {
        let mut answers = Vec::new();
        while answers.last() != Some(&json!(5)) {
            assert!(answers.len() < 100_000, "the last version never came");
            answers.push(bench.call("scripted", json!({})).await.unwrap().output);
        }
        answers
    };
    let swaps = async {
        for number in 2..=5 {
            bench.script(&answering(number), "").await;
        }
    };
    let (answers, ()) = tokio::join!(calls, swaps);
    assert!(
        answers.is_sorted_by_key(|answer| answer.as_u64()),
        "never an older version after a newer one"
    );
    assert_eq!(bench.host.plugins().len(), 1);
}

/// Calls an action from 64 callers, each again as soon as it is answered, while other packages take the plugin's place; gives
/// how many calls there were.
async fn call_while_swapping(
    action: &'static str,
    mut packages: impl Iterator<Item = Package>,
) -> usize {
    let bench = Bench::new();
    let first = packages.next().unwrap();
    bench
        .host
        .install_package(first, Source::Package)
        .await
        .unwrap();
    let ended = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..64)
        .map(|_| {
            let (host, ended) = (bench.host.clone(), ended.clone());
            tokio::runtime::Handle::current().spawn(async move {
                let mut calls = 0;
                while !ended.load(Ordering::SeqCst) {
                    let request = CallRequest {
                        action: host.find_action(action, None).expect("it is always there"),
                        input: json!({ "repeats": 3, "fields": {} }),
                        context: context(),
                        deadline: None,
                    };
                    let outcome = host.call(request).await.expect("no call is lost");
                    assert_eq!(outcome.output["score"], 30);
                    calls += 1;
                    tokio::task::yield_now().await;
                }
                calls
            })
        })
        .collect();
    for package in packages {
        bench
            .host
            .install_package(package, Source::Package)
            .await
            .unwrap();
    }
    ended.store(true, Ordering::SeqCst);
    let mut calls = 0;
    for caller in callers {
        calls += caller.await.unwrap();
    }
    calls
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_of_64_callers_is_lost_while_packages_take_each_other_s_place() {
    const SWAPS: usize = 40;
    let wasm = std::fs::read(dist().with_file_name("probes").join("decide.wasm")).unwrap();
    let text = b"fn decide(input) { #{ score: input.repeats * 10 } }";
    for (file, bytes) in [("plugin.wasm", &wasm[..]), ("plugin.rhai", text)] {
        let packages = (0..SWAPS).map(|number| {
            let version = format!("1.0.{}", number / 2);
            let package = package("decide", &version, &["decide"], "", &[(file, bytes)]);
            // Every other one has the version of the one before and takes its place.
            package.with_file("README.md", number.to_string().into_bytes())
        });
        assert!(
            call_while_swapping("decide", packages).await >= 64,
            "{file}"
        );
    }
}

#[tokio::test]
async fn a_pinned_version_stays_beside_the_new_one() {
    let bench = Bench::new();
    bench
        .host
        .install_package(script(&answering(1), "1.0.0", ""), Source::Package)
        .await
        .unwrap();
    let pinned = bench.request("scripted", json!({}));
    bench
        .host
        .install_package(script(&answering(2), "1.1.0", ""), Source::Package)
        .await
        .unwrap();
    assert_eq!(
        bench.call("scripted", json!({})).await.unwrap().output,
        json!(2)
    );
    assert_eq!(
        bench.host.call(pinned.clone()).await.unwrap().output,
        json!(1)
    );
    let versions = [("1.0.0", "1.0.0"), ("1.1", "1.1.0"), ("1", "1.1.0")];
    for (wanted, found) in versions {
        assert_eq!(
            bench
                .host
                .find_action("scripted", Some(wanted))
                .unwrap()
                .plugin
                .version(),
            found
        );
    }
    assert!(bench.host.remove("scripted"));
    assert!(bench.host.find_action("scripted", None).is_none());
    assert_eq!(
        bench.host.call(pinned).await.unwrap().output,
        json!(1),
        "who holds it may end with it"
    );
}

#[tokio::test]
async fn a_package_that_stands_apart_answers_only_whoever_names_its_bytes() {
    let bench = Bench::new();
    let package = |number, version| script(&answering(number), version, "");
    let apart = bench
        .host
        .install_apart(package(1, "1.0.0"), Source::Package)
        .await
        .unwrap();
    let found = |version| bench.host.find_action("scripted", version);
    let pinned = || bench.host.find_pinned("scripted", apart.digest()).unwrap();
    assert!(found(None).is_none() && found(Some("1.0.0")).is_none());
    assert!(bench.host.plugins().is_empty() && bench.host.versions("scripted").is_empty());
    assert_eq!(pinned().plugin.version(), "1.0.0");
    // Beside it stands what answers, other bytes under the same number as well.
    bench
        .host
        .install_package(package(2, "1.0.0"), Source::Package)
        .await
        .unwrap();
    bench
        .host
        .install_apart(package(1, "1.0.0"), Source::Package)
        .await
        .unwrap();
    let mut request = bench.request("scripted", json!({}));
    assert_eq!(
        bench.host.call(request.clone()).await.unwrap().output,
        json!(2)
    );
    request.action = pinned();
    assert_eq!(bench.host.call(request).await.unwrap().output, json!(1));
    assert_eq!(bench.host.versions("scripted").len(), 1);
    // Installed for everybody it answers everybody.
    bench
        .host
        .install_package(package(1, "1.0.0"), Source::Package)
        .await
        .unwrap();
    assert_eq!(
        bench.call("scripted", json!({})).await.unwrap().output,
        json!(1)
    );
}

fn write(folder: &Path, script: &str) {
    std::fs::create_dir_all(folder).unwrap();
    let manifest = "id = \"dropped\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nen = \"Dropped\"\n[[action]]\nname = \"dropped\"\neffect = \"pure\"\n";
    std::fs::write(folder.join("plugin.toml"), manifest).unwrap();
    std::fs::write(folder.join("plugin.rhai"), script).unwrap();
}

#[tokio::test]
async fn a_watched_folder_takes_effect_and_broken_packages_do_not() {
    let bench = Bench::new();
    let watched = tempfile::tempdir().unwrap();
    let folder = watched.path().join("dropped");
    let mut watch = bench.host.watch(watched.path().to_owned(), Source::Folder);
    let mut next = async || {
        tokio::time::timeout(Duration::from_secs(30), watch.next())
            .await
            .expect("a report in time")
            .unwrap()
    };
    write(&folder, "fn dropped(input) { 1 }");
    assert!(matches!(next().await, WatchReport::Installed(..)));
    assert_eq!(
        bench.call("dropped", json!({})).await.unwrap().output,
        json!(1)
    );
    write(&folder, "fn dropped(input) { 1 + }");
    assert!(
        matches!(next().await, WatchReport::Broken(_, problems) if problems[0].code == "script-invalid")
    );
    assert_eq!(
        bench.call("dropped", json!({})).await.unwrap().output,
        json!(1),
        "the old version stays"
    );
    write(&folder, "fn dropped(input) { 22 }");
    assert!(matches!(next().await, WatchReport::Installed(..)));
    assert_eq!(
        bench.call("dropped", json!({})).await.unwrap().output,
        json!(22)
    );
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(matches!(next().await, WatchReport::Removed(_, id) if id == "dropped"));
    assert!(bench.host.find_action("dropped", None).is_none());
}

#[tokio::test]
async fn the_bundled_plugins_come_from_one_folder() {
    let bench = Bench::new();
    let mut watch = bench.host.watch(dist(), Source::Folder);
    for _ in 0..8 {
        let report = tokio::time::timeout(Duration::from_secs(60), watch.next())
            .await
            .expect("a report in time");
        assert!(
            matches!(report, Some(WatchReport::Installed(..))),
            "{report:?}"
        );
    }
    let mut buttons: Vec<String> = bench
        .host
        .actions()
        .iter()
        .filter(|action| action.button().is_some())
        .map(|action| action.title("da").to_owned())
        .collect();
    buttons.sort();
    assert_eq!(
        buttons,
        ["Forbind med besked", "Udskriv beholderlabel", "Udskriv sag"]
    );
}
