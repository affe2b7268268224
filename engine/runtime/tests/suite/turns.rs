//! Calls that take turns, and what happens where too much waits.

use crate::world::{World, administrator, options};
use sagsgang_runtime::{Engine, EngineOptions, HttpGrant, Limit, RunView};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A service that takes its time and notes how many ask at once.
#[derive(Default)]
struct Busy {
    now: AtomicUsize,
    most: AtomicUsize,
    all: AtomicUsize,
}

async fn start(busy: Arc<Busy>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    #[expect(
        clippy::disallowed_methods,
        reason = "the service lives as long as the test's runtime"
    )]
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            #[expect(clippy::disallowed_methods, reason = "one connection")]
            tokio::spawn(answer(stream, Arc::clone(&busy)));
        }
    });
    origin
}

async fn answer(mut stream: TcpStream, busy: Arc<Busy>) {
    let mut request = [0; 4_096];
    let _ = stream.read(&mut request).await;
    let now = busy.now.fetch_add(1, SeqCst) + 1;
    busy.most.fetch_max(now, SeqCst);
    tokio::time::sleep(Duration::from_millis(100)).await;
    busy.now.fetch_sub(1, SeqCst);
    busy.all.fetch_add(1, SeqCst);
    let text = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    let _ = stream.write_all(text.as_bytes()).await;
}

async fn asking(world: &World, origin: &str, runs: usize) -> Vec<RunView> {
    world
        .publish(&format!(
            "document: {{ dsl: '1.0.3', namespace: test, name: asks, version: '1.0.0' }}\n\
             do:\n  - ask: {{ call: http, with: {{ method: get, endpoint: '{origin}/x' }} }}\n"
        ))
        .await;
    let mut started = Vec::new();
    for _ in 0..runs {
        let caller = administrator();
        let run = world
            .engine
            .start_run(&caller, "test/asks", json!({}), None, None);
        started.push(run.await.unwrap());
    }
    started
}

async fn ended(world: &World, runs: &[RunView]) {
    for run in runs {
        world
            .until("the run ended", async |engine| {
                let run = engine.run(run.id).await.unwrap()?;
                (run.status == "completed").then_some(())
            })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_calls_are_made_at_once_than_may_be_and_the_others_say_what_they_wait_for() {
    let busy = Arc::<Busy>::default();
    let origin = start(Arc::clone(&busy)).await;
    let world = World::with(|options| {
        options.allow_loopback = true;
        options.http_allow = vec![HttpGrant::parse(&origin).unwrap()];
        options.limits = Limit::parse_all("http 2 at once").unwrap();
    })
    .await;
    let runs = asking(&world, &origin, 8).await;
    world
        .until("a run waits for its turn", async |engine| {
            for run in &runs {
                let run = engine.run(run.id).await.unwrap()?;
                let mut waits = run.waits.iter();
                if waits.any(|wait| wait.sentence() == "waits for its turn at http") {
                    return Some(());
                }
            }
            None
        })
        .await;
    ended(&world, &runs).await;
    assert_eq!(busy.all.load(SeqCst), 8);
    assert!(
        busy.most.load(SeqCst) <= 2,
        "{} at once",
        busy.most.load(SeqCst)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_holds_back_a_call_that_waits_for_its_turn() {
    let busy = Arc::<Busy>::default();
    let origin = start(Arc::clone(&busy)).await;
    let limited = |options: &mut EngineOptions| {
        options.allow_loopback = true;
        options.http_allow = vec![HttpGrant::parse(&origin).unwrap()];
        options.limits = Limit::parse_all("http 1 at once").unwrap();
    };
    let world = World::with(limited).await;
    let runs = asking(&world, &origin, 3).await;
    world
        .until("all of them have been stepped", async |engine| {
            for run in &runs {
                let run = engine.run(run.id).await.unwrap()?;
                if run.status == "ready" {
                    return None;
                }
            }
            Some(())
        })
        .await;
    world.engine.stop().await;
    let asked = busy.all.load(SeqCst);
    let mut again = options(world.folder.path());
    limited(&mut again);
    let engine = Engine::open(again).await.unwrap();
    let held = engine.hold_back("restored").await.unwrap();
    assert_eq!(held.actions, 3 - asked as u64);
    assert!(held.actions >= 1);
    engine.start();
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(busy.all.load(SeqCst), asked, "nothing is asked again");
    engine.stop().await;
}

/// However many runs come to a call at once, such as those that a night begins.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_makes_no_more_calls_at_once_than_it_may_and_all_are_made_in_the_end() {
    let busy = Arc::<Busy>::default();
    let origin = start(Arc::clone(&busy)).await;
    let world = World::with(|options| {
        options.allow_loopback = true;
        options.http_allow = vec![HttpGrant::parse(&origin).unwrap()];
        options.most_calls = 3;
    })
    .await;
    let runs = asking(&world, &origin, 20).await;
    ended(&world, &runs).await;
    assert_eq!(busy.all.load(SeqCst), 20);
    let most = busy.most.load(SeqCst);
    assert!((2..=3).contains(&most), "{most} at once");
}

/// Without a limit they are made together: the test above would notice.
#[tokio::test(flavor = "multi_thread")]
async fn calls_that_take_no_turns_are_made_together() {
    let busy = Arc::<Busy>::default();
    let origin = start(Arc::clone(&busy)).await;
    let world = World::with(|options| {
        options.allow_loopback = true;
        options.http_allow = vec![HttpGrant::parse(&origin).unwrap()];
    })
    .await;
    let runs = asking(&world, &origin, 8).await;
    ended(&world, &runs).await;
    assert!(
        busy.most.load(SeqCst) > 2,
        "{} at once",
        busy.most.load(SeqCst)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_may_let_nothing_wait_is_pressed() {
    let pressed = World::with(|options| options.most_waiting = 0).await;
    assert!(pressed.engine.is_pressed());
    assert!(!World::new().await.engine.is_pressed());
}
