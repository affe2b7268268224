//! Whoever works on a run may die of it: the third time a person decides. One that only takes long is not counted.

use crate::world::{World, administrator, options};
use sagsgang_runtime::{Engine, EngineOptions, HttpGrant, RunDecision, RunView};
use sagsgang_store::{Store, StoreOptions};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A service that answers after a time and counts who asks.
pub async fn service(after: Duration) -> (String, Arc<AtomicUsize>) {
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
            #[expect(clippy::disallowed_methods, reason = "one connection")]
            let _answering = tokio::spawn({
                let count = Arc::clone(&count);
                async move {
                    let read = stream.read(&mut [0; 4_096]).await.unwrap_or(0);
                    count.fetch_add(usize::from(read > 0), SeqCst);
                    tokio::time::sleep(after).await;
                    let text = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
                    let _ = stream.write_all(text.as_bytes()).await;
                }
            });
        }
    });
    (origin, asked)
}

async fn begun(world: &World) -> RunView {
    let who = administrator();
    let run = world
        .engine
        .start_run(&who, "test/asks", json!({}), None, None);
    run.await.unwrap()
}

async fn until_asked(world: &World, asked: &AtomicUsize, times: usize) {
    world
        .until("the service was asked", async |_| {
            (asked.load(SeqCst) >= times).then_some(())
        })
        .await;
    assert_eq!(asked.load(SeqCst), times);
}

/// An action that ended the process each time was begun again and again, every half minute, for ever.
#[tokio::test(flavor = "multi_thread")]
async fn an_action_whose_process_is_gone_three_times_is_left_to_a_person() {
    let (origin, asked) = service(Duration::from_secs(600)).await;
    let allowed = vec![HttpGrant::parse(&origin).unwrap()];
    let world = World::with(|options| {
        options.allow_loopback = true;
        options.http_allow = allowed;
    })
    .await;
    world
        .publish(&format!(
            "document: {{ dsl: '1.0.3', namespace: test, name: asks, version: '1.0.0' }}\n\
             do:\n\
             \x20 - ask:\n\
             \x20     try: [ {{ call: {{ call: http, with: {{ method: post, endpoint: '{origin}/x', body: {{}} }} }} }} ]\n\
             \x20     catch: {{ do: [ {{ caught: {{ set: {{}} }} }} ] }}\n"
        ))
        .await;
    let run = begun(&world).await.id;
    let beside = Store::open(&StoreOptions {
        database: options(world.folder.path()).database,
        blobs: world.folder.path().join("blobs"),
        readers: 1,
        write_cache: 8,
    })
    .await
    .unwrap();
    for times in 1..=3 {
        until_asked(&world, &asked, times).await;
        // As if whoever carries it out were gone for longer than its lease.
        beside.end_leases().await.unwrap();
    }
    let incident = world
        .until("a person is asked", async |engine| {
            let open = engine.incidents(true, None, 5).await.unwrap();
            open.into_iter().next()
        })
        .await;
    assert_eq!(incident.instance, Some(run));
    assert!(
        incident.detail.contains("died 3 times"),
        "{}",
        incident.detail
    );
    let stands = world.engine.run(run).await.unwrap().unwrap();
    assert_eq!(stands.status, "faulted", "no `catch` took it");
    assert_eq!(asked.load(SeqCst), 3);
    // Whoever lets it go on lets it be tried anew.
    let again = RunDecision::Retry { input: None };
    let who = administrator();
    let decided = world.engine.decide_run(&who, run, &again, "rettet");
    tokio::time::timeout(Duration::from_secs(20), decided)
        .await
        .unwrap()
        .unwrap();
    until_asked(&world, &asked, 4).await;
    beside.close().await;
}

const MANIFEST: &str = "id = \"outside\"
version = \"1.0.0\"
interface = \"1\"
[title]
da = \"Udenfor\"
[[action]]
name = \"look\"
effect = \"pure\"
[capabilities]
http = [{ origin = \"ORIGIN\", paths = [\"/\"] }]
[limits]
wall-ms = 60000
";
const SCRIPT: &str = "fn look(input) { http::post_json(input.url, #{}); #{ asked: true } }";

/// What was not written after a second was taken for left behind by every other process, which counted a death and stepped
/// it too.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_takes_long_is_neither_counted_nor_taken_by_another_process() {
    let (origin, asked) = service(Duration::from_secs(5)).await;
    let plugged = |options: &mut EngineOptions| {
        let plugin = options.plugins.as_ref().unwrap().join("outside");
        std::fs::create_dir_all(&plugin).unwrap();
        let manifest = MANIFEST.replace("ORIGIN", &origin);
        std::fs::write(plugin.join("plugin.toml"), manifest).unwrap();
        std::fs::write(plugin.join("plugin.rhai"), SCRIPT).unwrap();
        options.allow_loopback = true;
    };
    let world = World::with(plugged).await;
    world
        .publish(&format!(
            "document: {{ dsl: '1.0.3', namespace: test, name: asks, version: '1.0.0' }}\n\
             do:\n  - ask: {{ call: look, with: {{ url: '{origin}/x' }} }}\n"
        ))
        .await;
    let mut others = Vec::new();
    for _ in 0..2 {
        let mut beside = options(world.folder.path());
        plugged(&mut beside);
        let beside = Engine::open(beside).await.unwrap();
        beside.start();
        others.push(beside);
    }
    let run = begun(&world).await.id;
    world
        .until("the run has ended", async |engine| {
            let found = engine.run(run).await.unwrap()?;
            (found.status != "ready").then_some(())
        })
        .await;
    let ended = world.engine.run(run).await.unwrap().unwrap();
    assert_eq!((ended.status, ended.moves), ("completed", 2));
    // Once more before the run was written: a step ahead of that is given up after a tenth of a second.
    assert_eq!(asked.load(SeqCst), 2, "the others left it alone");
    for beside in others {
        beside.stop().await;
    }
}
