//! What a plugin asks for in the name of somebody who may not do it: nothing of the call counts, whatever the plugin was granted.

use crate::world::*;
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::{Value, json};
use std::path::Path;

/// Until the workflows of a new case have come to rest.
const WAIT: Option<std::time::Duration> = Some(std::time::Duration::from_secs(10));
const SCRIPT: &str =
    "fn overreach(input) { for one in input.commands { commands::request(one); } 1 }";

/// Puts a plugin with a button into the watched folder and waits until it can be called.
async fn drop_in(world: &World, action: &str, rights: &str, file: &str, bytes: &[u8]) {
    let folder = world.folder.path().join("plugins").join(action);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(file), bytes).unwrap();
    let manifest = format!(
        "id = \"{action}\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nda = \"For langt\"\n[[action]]\nname = \"{action}\"\n\
         effect = \"pure\"\nbutton = {{ where = [\"case\"] }}\n[capabilities]\n{rights}"
    );
    std::fs::write(folder.join("plugin.toml"), manifest).unwrap();
    world
        .until("the plugin is installed", async |engine| {
            let plugins = engine.plugins();
            let found = plugins.into_iter().find(|plugin| plugin.id == action)?;
            (found.state == PluginState::Running).then_some(())
        })
        .await;
}

async fn ask(
    world: &World,
    caller: &Caller,
    case: CaseId,
    action: &str,
    commands: &Value,
) -> String {
    let input = json!({ "way": "ask", "commands": commands });
    let done = world
        .engine
        .run_action(caller, "da", &case.into(), action, input, None)
        .await;
    match done {
        Ok(_) => "done".to_owned(),
        Err(ExecuteError::Rejected(rejection)) => rejection.code().to_owned(),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_may_do_what_the_one_who_presses_its_button_may_do_and_no_more() {
    let world = World::new().await;
    let probe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/probes/probe.wasm");
    let probe = std::fs::read(probe).expect("plugins/build has been run");
    let everything = "case-read = true\ncases = true\ncase-commands = [\"note\", \"transition\"]\ndocuments = [\"render\"]\n\
        blobs = [\"read\", \"write\"]\nkv = \"1 KiB\"\nrandom = true\nhttp = [{ origin = \"https://a.example\" }]\n";
    let commands = "case-commands = [\"note\", \"transition\"]\n";
    drop_in(&world, "misbehave", everything, "plugin.wasm", &probe).await;
    drop_in(
        &world,
        "overreach",
        commands,
        "plugin.rhai",
        SCRIPT.as_bytes(),
    )
    .await;
    let automation = Caller {
        actor: Actor::new(ActorKind::Workflow, "test"),
        roles: vec![Role::Workflow],
    };
    let note = json!({ "type": "note", "text": "never to be seen" });
    let cancel = json!({ "type": "transition", "transition": "cancel", "reason": "x" });
    for action in ["misbehave", "overreach"] {
        let made = world
            .engine
            .create_case(&caseworker(), missed(json!({})), None, WAIT)
            .await;
        let case = made.unwrap().case.id;
        let before = world.history_kinds(case).await;
        let reopen = json!({ "type": "transition", "transition": "reopen" });
        for (caller, asked, code) in [
            // Only a caseworker cancels.
            (&automation, &cancel, "transition-not-for-role"),
            // Nobody reopens what is open.
            (&caseworker(), &reopen, "illegal-transition"),
        ] {
            let commands = json!([note, asked]);
            let found = ask(&world, caller, case, action, &commands).await;
            assert_eq!(found, code, "{action}");
            assert_eq!(world.history_kinds(case).await, before, "{action}: {code}");
        }
        let commands = json!([note, cancel]);
        let found = ask(&world, &caseworker(), case, action, &commands).await;
        assert_eq!(found, "done", "{action}: a caseworker may");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_pressed_again_under_the_same_key_does_not_call_its_plugin_again() {
    let world = World::new().await;
    let (rights, script) = ("case-commands = [\"note\"]\n", SCRIPT.as_bytes());
    drop_in(&world, "overreach", rights, "plugin.rhai", script).await;
    let (who, new) = (caseworker(), missed(json!({})));
    let made = world.engine.create_case(&who, new, None, WAIT).await;
    let case = CaseRef::Id(made.unwrap().case.id);
    let press = async |key: &str| {
        let input = json!({ "commands": [{ "type": "note", "text": "Trykket" }] });
        let request = Request {
            scope: "jonas".to_owned(),
            key: key.to_owned(),
            fingerprint: [7; 32],
        };
        let engine = &world.engine;
        let done = engine.run_action(&who, "da", &case, "overreach", input, Some(request));
        done.await.unwrap()
    };
    let calls = || {
        world
            .engine
            .plugins()
            .into_iter()
            .find(|one| one.id == "overreach")
            .unwrap()
            .calls
    };
    let first = press("once").await;
    let called = calls();
    let again = press("once").await;
    assert_eq!(calls(), called);
    assert_eq!(
        (&again.entries, again.result),
        (&first.entries, Value::Null)
    );
    assert_eq!(again.case.version, first.case.version);
    let other = press("twice").await;
    assert_eq!(
        (calls(), other.case.version),
        (called + 1, first.case.version + 1)
    );
    // Pressed again while the first call runs.
    let (one, other) = tokio::join!(press("at once"), press("at once"));
    assert_eq!(calls(), called + 2, "the second waited for the first");
    assert_eq!(one.entries, other.entries);
}
