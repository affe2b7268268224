//! Two processes on one database: what people decide about plugins through one of them holds in the other, and neither
//! takes what the other one works on, whatever their clocks say.

use crate::world::*;
use sagsgang_domain::Timestamp;
use sagsgang_host::Package;
use sagsgang_runtime::*;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The archive of a plugin that writes a note.
fn package(version: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let manifest = format!(
        "id = \"greet\"\nversion = \"{version}\"\ninterface = \"1\"\n[title]\nda = \"Hils\"\n[[action]]\n\
         name = \"greet\"\neffect = \"pure\"\n"
    );
    let script = format!("fn greet(input) {{ \"{version}\" }}");
    std::fs::write(folder.path().join("plugin.toml"), manifest).unwrap();
    std::fs::write(folder.path().join("plugin.rhai"), script).unwrap();
    let package = Package::read(folder.path()).unwrap();
    package.to_archive().unwrap()
}

/// Waits until a process has this version of the plugin, or none of it.
async fn until_version(engine: &Engine, version: Option<&str>) {
    for _ in 0..300 {
        let detail = engine.plugin("greet").await.unwrap();
        let current = detail.map(|detail| detail.newest.version);
        if current.as_deref() == version {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the other process never had version {version:?}");
}

/// Another process on the same data, with a plugin folder of its own.
async fn other(world: &World, plugins: &Path) -> std::sync::Arc<Engine> {
    let mut options = options(world.folder.path());
    options.plugins = Some(plugins.to_owned());
    let engine = Engine::open(options).await.unwrap();
    engine.start();
    engine
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_installed_through_one_process_is_taken_up_by_all_and_removed_from_all() {
    let world = World::new().await;
    let who = administrator();
    let plugins = tempfile::tempdir().unwrap();
    let engine = other(&world, plugins.path()).await;
    let installed = world.engine.install_plugin(&who, package("1.0.0"));
    installed.await.unwrap();
    until_version(&engine, Some("1.0.0")).await;
    let file = plugins.path().join("greet.sagsplugin");
    assert!(file.exists(), "the next start finds it too");

    // The other way, and once more after a time in which the first was not there.
    let installed = engine.install_plugin(&who, package("1.1.0"));
    installed.await.unwrap();
    until_version(&world.engine, Some("1.1.0")).await;
    engine.stop().await;
    drop(engine);
    let installed = world.engine.install_plugin(&who, package("1.2.0"));
    installed.await.unwrap();
    let engine = other(&world, plugins.path()).await;
    let now = engine.plugin("greet").await.unwrap().unwrap();
    let versions: Vec<_> = now.versions.iter().map(|one| &*one.version).collect();
    assert_eq!(versions, ["1.2.0", "1.1.0", "1.0.0"]);

    world.engine.remove_plugin(&who, "greet").await.unwrap();
    until_version(&engine, None).await;
    assert!(!file.exists());
    engine.stop().await;
}

/// The computer's clock, set wrong by some seconds.
struct Wrong(i64);

impl Clock for Wrong {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_seconds(self.0)
    }
}

/// A service that needs two seconds for an answer and counts who asks.
async fn slow() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&asked);
    #[expect(
        clippy::disallowed_methods,
        reason = "the service lives as long as the test's runtime"
    )]
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            #[expect(clippy::disallowed_methods, reason = "one connection")]
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4_096]).await;
                tokio::time::sleep(Duration::from_secs(2)).await;
                let text = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
                let _ = stream.write_all(text.as_bytes()).await;
            });
        }
    });
    (origin, asked)
}

/// A lease counted by each node's own clock: one an hour ahead took every action that another one had just begun.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_whose_clock_is_ahead_or_behind_takes_nothing_that_another_one_works_on() {
    for seconds in [3_600, -3_600] {
        let (origin, asked) = slow().await;
        let allowed = |options: &mut EngineOptions| {
            options.allow_loopback = true;
            options.http_allow = vec![HttpGrant::parse(&origin).unwrap()];
        };
        let world = World::with(allowed).await;
        world
            .publish(&format!(
                "document: {{ dsl: '1.0.3', namespace: test, name: asks, version: '1.0.0' }}\n\
                 do:\n  - ask: {{ call: http, with: {{ method: post, endpoint: '{origin}/x', body: {{}} }} }}\n"
            ))
            .await;
        let mut wrong = options(world.folder.path());
        allowed(&mut wrong);
        wrong.clock = Arc::new(Wrong(seconds));
        let beside = Engine::open(wrong).await.unwrap();
        beside.start();
        // Each of them begins some, and both look for what nobody does.
        for (engine, runs) in [(&world.engine, 3), (&beside, 3)] {
            for _ in 0..runs {
                let who = administrator();
                let run = engine.start_run(&who, "test/asks", json!({}), None, None);
                run.await.unwrap();
            }
        }
        let all = RunFilter {
            workflow: Some("test/asks".to_owned()),
            ..RunFilter::default()
        };
        world
            .until("all of them have ended", async |engine| {
                let runs = engine.runs(&all, 10).await.unwrap();
                let ended = runs.iter().filter(|run| run.status == "completed");
                (ended.count() == 6).then_some(())
            })
            .await;
        assert_eq!(
            asked.load(Ordering::SeqCst),
            6,
            "one request each, {seconds} s"
        );
        beside.stop().await;
    }
}
