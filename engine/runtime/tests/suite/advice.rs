//! What a plugin advises after its own failure: try again, give up, ask a person.

use crate::world::*;
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::{Value, json};
use std::time::Duration;

const WAIT: Option<Duration> = Some(Duration::from_secs(10));
const SCRIPT: &str = r#"
fn advise(input) {
    if input.way == "ask" { failure::ask("which", "which of the two?"); }
    if input.way == "reject" { failure::reject("no", "not so"); }
    if context::case().title == "Klar" { return "done"; }
    throw #{ advice: "retry", code: "busy", message: "still busy", retryAfterMs: input.after };
}
fn advises(input) { advise(input) }
fn acts(input) { advise(input) }
fn acts_once(input) { advise(input) }
"#;

async fn world() -> World {
    let world = World::new().await;
    let folder = world.folder.path().join("plugins/advises");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("plugin.rhai"), SCRIPT).unwrap();
    let actions: String = [
        ("advises", "pure"),
        ("acts", "idempotent"),
        ("acts-once", "once"),
    ]
    .map(|(name, effect)| format!("[[action]]\nname = \"{name}\"\neffect = \"{effect}\"\n"))
    .concat();
    let manifest = format!(
        "id = \"advises\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nda = \"Råder\"\n{actions}[capabilities]\n\
         case-read = true\n"
    );
    std::fs::write(folder.join("plugin.toml"), manifest).unwrap();
    world
        .until("the plugin is installed", async |engine| {
            let plugins = engine.plugins();
            let found = plugins.into_iter().find(|plugin| plugin.id == "advises")?;
            (found.state == PluginState::Running).then_some(())
        })
        .await;
    world
}

/// Publishes a workflow with one call, begins a run of it on a new case, and says how it is called.
async fn start(world: &World, name: &str, body: &str, wait: Option<Duration>) -> (CaseId, RunView) {
    let text = format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: {name}, version: '1.0.0' }}\n{body}\n"
    );
    world.publish(&text).await;
    let new = missed(json!({}));
    let made = world
        .engine
        .create_case(&caseworker(), new, None, WAIT)
        .await;
    let case = made.unwrap().case.id;
    let (who, input) = (administrator(), json!({ "caseId": case }));
    let workflow = format!("test/{name}");
    let run = world.engine.start_run(&who, &workflow, input, None, wait);
    (case, run.await.unwrap())
}

fn failures(engine: &Engine) -> u64 {
    let plugins = engine.plugins();
    let found = plugins.into_iter().find(|plugin| plugin.id == "advises");
    found.unwrap().failures
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_may_succeed_later_is_made_again_when_its_plugin_says() {
    let world = world().await;
    for action in ["advises", "acts"] {
        let before = failures(&world.engine);
        let body = format!(
            "do:\n  - call: {{ call: '{action}:1.0.0@default', with: {{ way: retry, after: 100 }} }}"
        );
        let (case, run) = start(&world, action, &body, None).await;
        world
            .until("it was tried again", async |engine| {
                (failures(engine) >= before + 2).then_some(())
            })
            .await;
        let found = world.engine.run(run.id).await.unwrap().unwrap();
        assert_eq!(found.status, "waiting", "{action}");
        assert_eq!(world.engine.incidents(true, None, 9).await.unwrap(), []);
        let ready = command(json!({ "type": "describe", "title": "Klar" }));
        let case = case.into();
        let who = caseworker();
        let changed = world.engine.execute(&who, &case, vec![ready], None, None);
        changed.await.unwrap();
        let ended = world
            .until("it has gone well", async |engine| {
                let found = engine.run(run.id).await.unwrap()?;
                (found.status == "completed").then_some(found)
            })
            .await;
        assert_eq!(ended.output, Some(json!("done")), "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_with_a_policy_says_itself_how_often_a_call_is_made_again() {
    let world = world().await;
    for action in ["advises", "acts", "acts-once"] {
        let before = failures(&world.engine);
        let body = format!(
            "do:
  - guarded:
      try: [ {{ call: {{ call: '{action}:1.0.0@default', with: {{ way: retry, after: 20 }} }} }} ]
      catch: {{ retry: {{ delay: PT0.01S, limit: {{ attempt: {{ count: 2 }} }} }}, do: [ {{ note: {{ set: {{ gave: up }} }} }} ] }}"
        );
        let (_, run) = start(&world, &format!("p-{action}"), &body, WAIT).await;
        let ended = world
            .until("it has given up", async |engine| {
                let found = engine.run(run.id).await.unwrap()?;
                (found.status == "completed").then_some(found)
            })
            .await;
        assert_eq!(ended.output, Some(json!({ "gave": "up" })), "{action}");
        assert_eq!(failures(&world.engine), before + 3, "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_asks_is_answered_by_a_person_and_what_it_rejects_is_caught() {
    let world = world().await;
    let body = |way: &str| {
        format!(
            "do:
  - guarded:
      try: [ {{ call: {{ call: 'advises:1.0.0@default', with: {{ way: {way} }} }} }} ]
      catch: {{ do: [ {{ note: {{ set: {{ caught: true }} }} }} ] }}
  - after: {{ set: {{ answer: '${{ . }}' }} }}"
        )
    };
    let (_, run) = start(&world, "rejects", &body("reject"), WAIT).await;
    assert_eq!(
        (run.status, run.output),
        ("completed", Some(json!({ "answer": { "caught": true } })))
    );
    let (case, run) = start(&world, "asks", &body("ask"), WAIT).await;
    assert_eq!(run.status, "faulted", "nobody else may answer");
    let open = world.engine.incidents(true, None, 9).await.unwrap();
    let incident = open
        .iter()
        .find(|incident| incident.instance == Some(run.id))
        .unwrap();
    assert_eq!(incident.case, Some(case));
    assert!(
        incident.detail.contains("which of the two?"),
        "{}",
        incident.detail
    );
    let answer = RunDecision::Skip {
        output: json!("the first"),
        then: None,
    };
    let who = administrator();
    let decided = world.engine.decide_run(&who, run.id, &answer, "set efter");
    decided.await.unwrap();
    let ended = world
        .until("it has gone on", async |engine| {
            let found = engine.run(run.id).await.unwrap()?;
            (found.status == "completed").then_some(found)
        })
        .await;
    let expected: Value = json!({ "answer": "the first" });
    assert_eq!(ended.output, Some(expected));
}
