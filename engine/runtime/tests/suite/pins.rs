//! Versions of a plugin beside each other: a run keeps the one with which it began, a new run takes the new one.

use crate::world::*;
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::{Value, json};
use std::sync::Arc;

/// An engine without the development switch, with a version of the plugin.
async fn world() -> World {
    let world = World::with(|options| options.plugin_development = false).await;
    put(&world, "1.0.0", "1.0.0").await;
    world
}

/// The same, with a clock that the test moves.
async fn timed_world() -> (World, Hands) {
    let hands = Hands::default();
    hands.set("2026-06-01T08:00:00Z");
    let world = World::with(|options| {
        options.plugin_development = false;
        options.clock = Arc::new(hands.clone());
    })
    .await;
    put(&world, "1.0.0", "1.0.0").await;
    (world, hands)
}

/// Puts a version into the watched folder that answers with these words, and waits until it is recorded.
async fn put(world: &World, version: &str, words: &str) {
    let folder = world.folder.path().join("plugins/greet");
    std::fs::create_dir_all(&folder).unwrap();
    let script = format!("fn greet(input) {{ \"{words}\" }}");
    std::fs::write(folder.join("plugin.rhai"), script).unwrap();
    let manifest = format!(
        "id = \"greet\"\nversion = \"{version}\"\ninterface = \"1\"\n[title]\nda = \"Hils\"\n[[action]]\nname = \"greet\"\neffect = \"pure\"\n"
    );
    std::fs::write(folder.join("plugin.toml"), manifest).unwrap();
    world
        .until("the version answers", async |engine| {
            let trial = engine
                .try_plugin(
                    &administrator(),
                    "da",
                    ("greet", "greet"),
                    None,
                    json!({}),
                    None,
                )
                .await;
            let detail = engine.plugin("greet").await.unwrap()?;
            let recorded = detail
                .log
                .iter()
                .any(|line| line.detail["digest"] == detail.newest.digest.as_str());
            (recorded && trial.ok()?.output == words).then_some(())
        })
        .await;
}

/// Calls, waits for an event, and calls again.
fn workflow(version: &str, function: &str) -> String {
    format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: greets, version: '{version}' }}\ndo:\n  \
         - first: {{ call: '{function}', with: {{}}, export: {{ as: '${{ {{ first: . }} }}' }} }}\n  \
         - hear: {{ listen: {{ to: {{ one: {{ with: {{ type: test.go }} }} }} }} }}\n  \
         - second: {{ call: '{function}', with: {{}}, output: {{ as: '${{ [$context.first, .] }}' }} }}\n"
    )
}

async fn start(world: &World) -> InstanceId {
    let begun = world
        .engine
        .start_run(&administrator(), "test/greets", json!({}), None, None)
        .await
        .unwrap();
    until(world, begun.id, "waiting").await;
    begun.id
}

async fn until(world: &World, run: InstanceId, status: &str) -> RunView {
    world
        .until(status, async |engine| {
            let found = engine.run(run).await.unwrap()?;
            (found.status == status).then_some(found)
        })
        .await
}

async fn go(world: &World, id: &str) {
    let event =
        json!({ "specversion": "1.0", "id": id, "source": "/test", "type": "test.go", "data": {} });
    world
        .engine
        .accept_event(&administrator(), event)
        .await
        .unwrap();
}

async fn output(world: &World, run: InstanceId) -> Value {
    until(world, run, "completed").await.output.unwrap()
}

/// Where the calls of new runs of the workflow in force go: version, and whether it is there.
fn pins(world: &World) -> Vec<(String, bool)> {
    let workflows = world.engine.workflows();
    let active = workflows
        .into_iter()
        .find(|one| one.name == "greets" && one.active);
    let pins = active.unwrap().pins.into_iter();
    pins.map(|pin| (pin.version, pin.installed)).collect()
}

/// Waits until the call of new runs goes to a version.
async fn until_pinned(world: &World, version: &str, installed: bool) {
    let wanted = [(version.to_owned(), installed)];
    world
        .until("new runs call this version", async |_| {
            (pins(world) == wanted).then_some(())
        })
        .await;
}

/// Versions of the plugin that workflows go on with.
async fn pinned(world: &World) -> Vec<String> {
    let detail = world.engine.plugin("greet").await.unwrap().unwrap();
    let used = detail
        .versions
        .into_iter()
        .filter(|one| one.pinned_by == ["test/greets 1.0.0"]);
    used.map(|one| one.version).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_keeps_the_version_with_which_it_began_also_over_a_restart() {
    let (world, hands) = timed_world().await;
    world.publish(&workflow("1.0.0", "greet")).await;
    until_pinned(&world, "1.0.0", true).await;
    let before = start(&world).await;
    put(&world, "1.1.0", "1.1.0").await;
    until_pinned(&world, "1.1.0", true).await;
    let after = start(&world).await;
    assert_eq!(pinned(&world).await, ["1.1.0", "1.0.0"]);

    world.engine.stop().await;
    let mut options = options(world.folder.path());
    options.plugin_development = false;
    options.clock = Arc::new(hands.clone());
    let again = Engine::open(options).await.unwrap();
    again.start();
    let world = World {
        engine: again,
        folder: world.folder,
    };
    go(&world, "1").await;
    assert_eq!(output(&world, before).await, json!(["1.0.0", "1.0.0"]));
    assert_eq!(output(&world, after).await, json!(["1.1.0", "1.1.0"]));
    // Nobody goes on with the first versions any more, once all processes know the next one.
    put(&world, "1.2.0", "1.2.0").await;
    until_pinned(&world, "1.2.0", true).await;
    hands.set("2026-06-01T08:02:00Z");
    world
        .until("the older ones are let go", async |_| {
            (pinned(&world).await == ["1.2.0"]).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_a_run_goes_on_with_stays_however_many_come() {
    let (world, hands) = timed_world().await;
    world.publish(&workflow("1.0.0", "greet")).await;
    let run = start(&world).await;
    for minor in 1..=14 {
        // A version that came just now may still be taken by a run that begins in another process.
        hands.set(&format!("2026-06-01T08:{:02}:00Z", 2 * minor));
        let version = format!("1.{minor}.0");
        put(&world, &version, &version).await;
    }
    let detail = world.engine.plugin("greet").await.unwrap().unwrap();
    let versions: Vec<&str> = detail
        .versions
        .iter()
        .map(|one| one.version.as_str())
        .collect();
    assert!(
        versions.contains(&"1.0.0") && !versions.contains(&"1.1.0"),
        "{versions:?}"
    );
    go(&world, "1").await;
    assert_eq!(output(&world, run).await, json!(["1.0.0", "1.0.0"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_named_in_full_is_called_by_its_bytes_only() {
    let world = world().await;
    let text = workflow("1.0.0", "greet:1.0.0@default");
    world.publish(&text).await;
    put(&world, "1.1.0", "1.1.0").await;
    until_pinned(&world, "1.0.0", true).await;
    let run = start(&world).await;
    // Somebody gives out other bytes under the same number.
    put(&world, "1.0.0", "changed").await;
    until_pinned(&world, "1.0.0", false).await;
    go(&world, "1").await;
    let stopped = until(&world, run, "faulted").await;
    assert!(
        stopped
            .detail
            .as_ref()
            .unwrap()
            .contains("is not installed any more"),
        "{stopped:?}"
    );
    let open = world.engine.incidents(true, None, 10).await.unwrap();
    assert!(open.iter().any(|one| one.instance == Some(run)), "{open:?}");
    // Whoever may publish says that the new bytes are meant, and the run goes on where it stopped.
    world.publish(&text).await;
    until_pinned(&world, "1.0.0", true).await;
    let again = RunDecision::Retry { input: None };
    let who = administrator();
    let decided = world.engine.decide_run(&who, run, &again, "gennemgået");
    decided.await.unwrap();
    assert_eq!(output(&world, run).await, json!(["1.0.0", "changed"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_taken_back_holds_for_runs_that_began_with_the_later_one() {
    let world = world().await;
    world.publish(&workflow("1.0.0", "greet:1@default")).await;
    put(&world, "1.1.0", "1.1.0").await;
    until_pinned(&world, "1.1.0", true).await;
    let run = start(&world).await;
    world
        .engine
        .roll_back_plugin(&administrator(), "greet", None, None)
        .await
        .unwrap();
    go(&world, "1").await;
    assert_eq!(output(&world, run).await, json!(["1.1.0", "1.0.0"]));
    until_pinned(&world, "1.0.0", true).await;
    // The next update takes its place again, for runs that begin from then on.
    let before = start(&world).await;
    put(&world, "1.2.0", "1.2.0").await;
    until_pinned(&world, "1.2.0", true).await;
    let after = start(&world).await;
    go(&world, "2").await;
    assert_eq!(output(&world, before).await, json!(["1.0.0", "1.0.0"]));
    assert_eq!(output(&world, after).await, json!(["1.2.0", "1.2.0"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_a_major_version_does_not_go_to_an_older_one_that_was_taken_up() {
    let world = world().await;
    put(&world, "2.0.0", "2.0.0").await;
    world.publish(&workflow("1.0.0", "greet:2@default")).await;
    until_pinned(&world, "2.0.0", true).await;
    let before = start(&world).await;
    world
        .engine
        .roll_back_plugin(&administrator(), "greet", None, None)
        .await
        .unwrap();
    let after = start(&world).await;
    go(&world, "1").await;
    assert_eq!(output(&world, before).await, json!(["2.0.0", "2.0.0"]));
    assert_eq!(output(&world, after).await, json!(["2.0.0", "2.0.0"]));
    assert_eq!(pinned(&world).await, ["2.0.0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_that_was_published_before_its_plugin_is_pinned_when_that_comes() {
    let world = World::with(|options| options.plugin_development = false).await;
    world.publish(&workflow("1.0.0", "greet")).await;
    assert_eq!(pins(&world), []);
    put(&world, "1.0.0", "1.0.0").await;
    until_pinned(&world, "1.0.0", true).await;
    let run = start(&world).await;
    go(&world, "1").await;
    assert_eq!(output(&world, run).await, json!(["1.0.0", "1.0.0"]));
}

/// Somebody clears the folder of plugins while a run waits: what it goes on with is kept elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_a_plugin_are_deleted_under_a_run_that_waits_and_it_goes_on() {
    let world = world().await;
    world.publish(&workflow("1.0.0", "greet")).await;
    until_pinned(&world, "1.0.0", true).await;
    let run = start(&world).await;
    std::fs::remove_dir_all(world.folder.path().join("plugins/greet")).unwrap();
    world
        .until("the plugin answers nobody else any more", async |engine| {
            let who = administrator();
            let call = ("greet", "greet");
            let trial = engine.try_plugin(&who, "da", call, None, json!({}), None);
            trial.await.is_err().then_some(())
        })
        .await;
    go(&world, "1").await;
    assert_eq!(output(&world, run).await, json!(["1.0.0", "1.0.0"]));
    assert!(
        world
            .engine
            .incidents(true, None, 5)
            .await
            .unwrap()
            .is_empty()
    );
}
