//! A plugin that fails again and again is not called for a while, and everything else goes on.

use crate::world::*;
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::json;
use std::time::Duration;

const WAIT: Option<Duration> = Some(Duration::from_secs(10));
const SCRIPT: &str =
    "fn tires(input) { if context::case().title == \"Endeløs\" { loop {} } \"done\" }";
const MANIFEST: &str = "id = \"tires\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nda = \"Bliver træt\"\n[[action]]\n\
    name = \"tires\"\neffect = \"pure\"\nbutton = { where = [\"case\"] }\n[capabilities]\ncase-read = true\n";

async fn case(world: &World, title: &str) -> CaseRef {
    let new = NewCase {
        title: title.to_owned(),
        ..missed(json!({}))
    };
    let made = world
        .engine
        .create_case(&caseworker(), new, None, WAIT)
        .await;
    made.unwrap().case.id.into()
}

async fn press(world: &World, case: &CaseRef) -> Result<(), PluginProblem> {
    let who = caseworker();
    let done = world
        .engine
        .run_action(&who, "da", case, "tires", json!({}), None);
    match done.await {
        Ok(_) => Ok(()),
        Err(ExecuteError::Plugin(problem)) => Err(problem),
        Err(other) => panic!("{other}"),
    }
}

fn state(engine: &Engine) -> PluginState {
    let plugins = engine.plugins();
    let found = plugins.into_iter().find(|plugin| plugin.id == "tires");
    found.unwrap().state
}

#[tokio::test(flavor = "multi_thread")]
async fn after_five_endless_calls_a_plugin_pauses_and_the_cases_go_on() {
    let world = World::new().await;
    let folder = world.folder.path().join("plugins/tires");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("plugin.rhai"), SCRIPT).unwrap();
    std::fs::write(folder.join("plugin.toml"), MANIFEST).unwrap();
    world
        .until("the plugin is installed", async |engine| {
            let detail = engine.plugin("tires").await.unwrap()?;
            (!detail.log.is_empty()).then_some(())
        })
        .await;
    let (endless, good) = (case(&world, "Endeløs").await, case(&world, "God").await);
    for time in 1..=5 {
        assert_eq!(state(&world.engine), PluginState::Running, "{time}");
        let problem = press(&world, &endless).await.unwrap_err();
        assert_eq!(problem.code, "plugin-exhausted");
    }
    assert_eq!(state(&world.engine), PluginState::Paused);
    let problem = press(&world, &good).await.unwrap_err();
    assert_eq!(problem.code, "plugin-unavailable");
    let after = problem.retry_after_seconds.unwrap();
    assert!((1..=30).contains(&after), "{after}");
    let failures = world.engine.plugin_failures("tires").unwrap();
    assert_eq!(failures.len(), 5, "why it pauses, with the case of each");
    assert!(failures.iter().all(|one| one.case.is_some()));
    // Its step waits, and the case can be worked on.
    world
        .publish(
            "document: { dsl: '1.0.3', namespace: test, name: tires, version: '1.0.0' }\ndo:\n  \
             - call: { call: 'tires:1.0.0@default', with: {} }\n",
        )
        .await;
    let CaseRef::Id(id) = &good else {
        panic!("by its id")
    };
    let (who, input) = (administrator(), json!({ "caseId": id }));
    let begun = world
        .engine
        .start_run(&who, "test/tires", input, None, None);
    let run = begun.await.unwrap().id;
    let worker = caseworker();
    let noted = world
        .engine
        .execute(&worker, &good, vec![note("videre")], None, None);
    noted.await.unwrap();
    world
        .until("the step waits", async |engine| {
            let found = engine.run(run).await.unwrap()?;
            (found.status == "waiting").then_some(())
        })
        .await;
    assert_eq!(world.engine.incidents(true, None, 9).await.unwrap(), []);
    // Somebody looks at it and lets it be called again.
    let on = world.engine.enable_plugin(&who, "tires", true, None);
    on.await.unwrap();
    assert_eq!(state(&world.engine), PluginState::Running);
    press(&world, &good).await.unwrap();
}
