//! Two processes on one database: what people decide about plugins through one of them holds in the other, and neither
//! takes what the other one works on, whatever their clocks say.

use crate::world::*;
use sagsgang_domain::{Case, InstanceId, NewCase, Timestamp};
use sagsgang_host::Package;
use sagsgang_runtime::*;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The archive of a plugin that answers with its version.
fn package(version: &str) -> Vec<u8> {
    package_with(version, "pure")
}

fn package_with(version: &str, effect: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let manifest = format!(
        "id = \"greet\"\nversion = \"{version}\"\ninterface = \"1\"\n[title]\nda = \"Hils\"\n[[action]]\n\
         name = \"greet\"\neffect = \"{effect}\"\n"
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
async fn other(world: &World, plugins: &Path) -> Arc<Engine> {
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

/// Waits until a topic is heard; the answer are all that were heard until then, this one the last.
async fn until_heard(
    topics: &mut tokio::sync::broadcast::Receiver<Topic>,
    wanted: &str,
    version: u64,
) -> Vec<String> {
    let mut heard = Vec::new();
    loop {
        let next = tokio::time::timeout(Duration::from_secs(20), topics.recv());
        let next = next
            .await
            .unwrap_or_else(|_| panic!("{wanted} was not heard: {heard:?}"));
        let next = next.unwrap();
        heard.push(next.topic.clone());
        if next.topic == wanted && next.version == version {
            return heard;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_changes_reaches_the_pages_that_are_open_at_another_one() {
    let world = World::new().await;
    let plugins = tempfile::tempdir().unwrap();
    let engine = other(&world, plugins.path()).await;
    let of_type = of_type("test.quiet");
    world
        .publish("caseType: test.quiet\nversion: 1\nstatuses: { created: { initial: true } }\n")
        .await;
    let who = caseworker();
    let created = async |engine: &Arc<Engine>| {
        let new = NewCase {
            title: "Sag".to_owned(),
            ..of_type.clone()
        };
        // The other process learns of a new case type within two seconds.
        for _ in 0..100 {
            let created = engine.create_case(&who, new.clone(), None, None);
            if let Ok(created) = created.await {
                return created.case;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no case can be made");
    };
    let (own, theirs) = (created(&world.engine).await, created(&engine).await);
    let mut topics = world.engine.subscribe();
    let change = async |engine: &Engine, case: &Case| {
        let of = CaseRef::Id(case.id);
        let done = engine.execute(&who, &of, vec![note("Ringet")], None, None);
        done.await.unwrap().case.version
    };
    let version = change(&world.engine, &own).await;
    until_heard(&mut topics, &format!("case:{}", own.number), version).await;
    let version = change(&engine, &theirs).await;
    let heard = until_heard(&mut topics, &format!("case:{}", theirs.number), version).await;
    assert!(heard.iter().any(|topic| topic == "cases"), "{heard:?}");
    let again = format!("case:{}", own.number);
    assert!(
        !heard.contains(&again),
        "its own change is told once: {heard:?}"
    );

    // On SQLite the count is held against the one before, so that the first look finds nothing yet.
    for number in 0.. {
        let mail = format!(
            "From: Ib <ib@borger.example>\r\nTo: affald@eksempelkoebing.example\r\nSubject: Hej\r\nMessage-ID: <{number}@borger.example>\r\n\r\nHej\r\n"
        );
        engine.deliver_mail(mail.into()).await.unwrap();
        let heard = until_heard(&mut topics, "inbox", 0);
        if tokio::time::timeout(Duration::from_secs(3), heard)
            .await
            .is_ok()
        {
            break;
        }
        assert!(number < 5, "mail is not heard of");
    }
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

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_removed_while_a_machine_was_off_does_not_come_back_with_it() {
    let world = World::new().await;
    let who = administrator();
    let plugins = tempfile::tempdir().unwrap();
    let file = plugins.path().join("greet.sagsplugin");
    let installed = world.engine.install_plugin(&who, package("1.0.0"));
    installed.await.unwrap();
    let engine = other(&world, plugins.path()).await;
    until_version(&engine, Some("1.0.0")).await;
    until("the file is there", async || file.exists().then_some(())).await;
    engine.stop().await;
    world.engine.remove_plugin(&who, "greet").await.unwrap();

    let engine = other(&world, plugins.path()).await;
    until_version(&engine, None).await;
    assert!(!file.exists());
    assert!(world.engine.plugin("greet").await.unwrap().is_none());
    // Whoever puts it there again means it.
    engine.stop().await;
    put_by_hand(plugins.path(), "1.0.0");
    let engine = other(&world, plugins.path()).await;
    until_version(&engine, Some("1.0.0")).await;
    engine.stop().await;
}

/// Waits for a condition, for half a minute at the most.
async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..300 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not within half a minute: {what}");
}

/// Waits until a process calls this version where none is named.
async fn until_answers(engine: &Engine, version: &str) {
    until(&format!("{version} answers"), async || {
        let detail = engine.plugin("greet").await.unwrap()?;
        (detail.view.version == version).then_some(())
    })
    .await;
}

/// Puts a package into a plugin folder by hand, over the one that lies there.
fn put_by_hand(folder: &Path, version: &str) {
    let beside = folder.join("hand.part");
    std::fs::write(&beside, package(version)).unwrap();
    std::fs::rename(beside, folder.join("greet.sagsplugin")).unwrap();
}

fn version_in(folder: &Path) -> String {
    let package = Package::read(&folder.join("greet.sagsplugin")).unwrap();
    package.manifest().unwrap().version
}

/// The first process started again, after it was stopped.
async fn again(world: World) -> World {
    let engine = Engine::open(options(world.folder.path())).await.unwrap();
    engine.start();
    World {
        engine,
        folder: world.folder,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_package_put_into_the_folder_by_hand_is_chosen_for_all_and_stays_over_a_restart() {
    let world = World::new().await;
    let who = administrator();
    let plugins = tempfile::tempdir().unwrap();
    let engine = other(&world, plugins.path()).await;
    for version in ["1.0.0", "1.1.0"] {
        let installed = world.engine.install_plugin(&who, package(version));
        installed.await.unwrap();
    }
    until_answers(&engine, "1.1.0").await;
    let folder = world.folder.path().join("plugins");
    put_by_hand(&folder, "1.0.0");
    until_answers(&world.engine, "1.0.0").await;
    until_answers(&engine, "1.0.0").await;
    // As after a choice on the page: the newest stays the newest.
    until_version(&world.engine, Some("1.1.0")).await;
    let detail = world.engine.plugin("greet").await.unwrap().unwrap();
    assert_eq!(
        (&*detail.log[0].deed, &*detail.log[0].actor),
        ("rolled-back", "installation")
    );

    world.engine.stop().await;
    let world = again(world).await;
    until_answers(&world.engine, "1.0.0").await;
    assert_eq!(version_in(&folder), "1.0.0");
    // The next version takes its place everywhere, and that holds for a machine that was off meanwhile.
    let installed = engine.install_plugin(&who, package("1.2.0"));
    installed.await.unwrap();
    until_answers(&world.engine, "1.2.0").await;
    until("the file is exchanged", async || {
        (version_in(&folder) == "1.2.0").then_some(())
    })
    .await;

    // Put there while the program does not run.
    world.engine.stop().await;
    put_by_hand(&folder, "1.1.0");
    let world = again(world).await;
    until_answers(&world.engine, "1.1.0").await;
    until_answers(&engine, "1.1.0").await;
    assert_eq!(version_in(&folder), "1.1.0");
    // The newest again, which then needs no choice.
    put_by_hand(&folder, "1.2.0");
    until_answers(&world.engine, "1.2.0").await;
    until_answers(&engine, "1.2.0").await;
    let log = engine.plugin("greet").await.unwrap().unwrap().log;
    assert_eq!(log[0].deed, "followed");
    engine.stop().await;
}

/// A workflow that calls, waits for an event, and calls again.
const TWICE: &str = "document: { dsl: '1.0.3', namespace: test, name: greets, version: '1.0.0' }\ndo:\n  \
    - first: { call: greet, with: {}, export: { as: '${ { first: . } }' } }\n  \
    - hear: { listen: { to: { one: { with: { type: test.go } } } } }\n  \
    - second: { call: greet, with: {}, output: { as: '${ [$context.first, .] }' } }\n";

async fn until_status(engine: &Engine, run: InstanceId, status: &str) -> RunView {
    until(status, async || {
        let found = engine.run(run).await.unwrap()?;
        (found.status == status).then_some(found)
    })
    .await
}

async fn begin(engine: &Arc<Engine>) -> InstanceId {
    let who = administrator();
    let begun = engine.start_run(&who, "test/greets", json!({}), None, None);
    let run = begun.await.unwrap().id;
    until_status(engine, run, "waiting").await;
    run
}

async fn go(engine: &Engine, id: &str) {
    let event =
        json!({ "specversion": "1.0", "id": id, "source": "/test", "type": "test.go", "data": {} });
    let who = administrator();
    let accepted = engine.accept_event(&who, event);
    accepted.await.unwrap();
}

/// Waits until runs that a process begins call this version.
async fn until_pinned(engine: &Engine, version: &str) {
    until(&format!("new runs call {version}"), async || {
        let workflows = engine.workflows();
        let found = workflows.iter().find(|one| one.name == "greets")?;
        let pin = found.pins.first()?;
        (pin.version == version && pin.installed).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_in_a_process_that_has_to_fetch_its_package_first() {
    let world = World::new().await;
    let folder = world.folder.path().join("plugins");
    std::fs::create_dir_all(&folder).unwrap();
    // What never ran is no outcome that nobody knows, however long it waits.
    std::fs::write(
        folder.join("greet.sagsplugin"),
        package_with("1.0.0", "once"),
    )
    .unwrap();
    until_version(&world.engine, Some("1.0.0")).await;
    world.publish(TWICE).await;
    until_pinned(&world.engine, "1.0.0").await;
    let run = begin(&world.engine).await;
    world.engine.stop().await;

    let plugins = tempfile::tempdir().unwrap();
    let engine = other(&world, plugins.path()).await;
    assert!(engine.plugin("greet").await.unwrap().is_none());
    // The kept packages are not there yet: the call waits.
    let (blobs, away) = (
        world.folder.path().join("blobs"),
        world.folder.path().join("away"),
    );
    std::fs::rename(&blobs, &away).unwrap();
    go(&engine, "1").await;
    until("the call waits", async || {
        let waits = engine.run(run).await.unwrap()?.waits;
        waits.iter().any(|wait| wait.task == "second").then_some(())
    })
    .await;
    for _ in 0..20 {
        let found = engine.run(run).await.unwrap().unwrap();
        assert_eq!(found.status, "waiting", "{:?}", found.detail);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let _ = std::fs::remove_dir_all(&blobs);
    std::fs::rename(&away, &blobs).unwrap();
    let ended = until_status(&engine, run, "completed").await;
    assert_eq!(ended.output, Some(json!(["1.0.0", "1.0.0"])));
    // It was fetched for that run, and answers nobody else.
    assert!(engine.plugin("greet").await.unwrap().is_none());
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_does_not_change_its_version_when_its_process_hears_of_an_update_later() {
    let world = World::new().await;
    let who = administrator();
    let plugins = tempfile::tempdir().unwrap();
    let engine = other(&world, plugins.path()).await;
    let installed = world.engine.install_plugin(&who, package("1.0.0"));
    installed.await.unwrap();
    world.publish(TWICE).await;
    until_pinned(&engine, "1.0.0").await;
    for minor in 1..=3 {
        let version = format!("1.{minor}.0");
        let installed = world.engine.install_plugin(&who, package(&version));
        installed.await.unwrap();
        // The other process reads pins every two seconds: this run begins before it has heard.
        let run = begin(&engine).await;
        until_pinned(&engine, &version).await;
        go(&engine, &version).await;
        let output = until_status(&engine, run, "completed").await.output;
        let Some(Value::Array(answers)) = output else {
            panic!("no two answers: {output:?}");
        };
        assert_eq!(answers[0], answers[1]);
    }
    engine.stop().await;
}
