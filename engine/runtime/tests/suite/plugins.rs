//! The life of a plugin: dropped in, granted, configured, changed, rolled back, switched off, removed.

use crate::world::*;
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::{Value, json};
use std::path::PathBuf;

const WAIT: Option<std::time::Duration> = None;

/// An engine without the development switch.
async fn world() -> World {
    World::with(|options| options.plugin_development = false).await
}

fn manifest(version: &str, capabilities: &str) -> String {
    format!(
        "id = \"greet\"\nversion = \"{version}\"\ninterface = \"1\"\n[title]\nda = \"Hils\"\n[[action]]\n\
         name = \"greet\"\neffect = \"pure\"\nbutton = {{ where = [\"case\"] }}\n[capabilities]\n{capabilities}\n\
         [config]\nschema = \"schemas/config.json\"\ndefault = \"config/default.json\"\n"
    )
}

const NOTE: &str = "case-commands = [\"note\"]";
const SCHEMA: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["word"], "properties": {
    "word": { "type": "string", "maxLength": 20 }, "token": { "type": "string", "minLength": 8, "x-secret": true } } }"#;

fn folder(world: &World) -> PathBuf {
    world.folder.path().join("plugins/greet")
}

/// Puts a version into the watched folder and waits until it is installed.
async fn drop_in(world: &World, version: &str, capabilities: &str, greeting: &str) {
    let folder = folder(world);
    for (name, text) in [
        ("schemas/config.json", SCHEMA.to_owned()),
        ("config/default.json", "{ \"word\": \"du\" }".to_owned()),
        (
            "plugin.rhai",
            format!(
                "fn greet(input) {{ let settings = context::configuration(); commands::note(\"{greeting} \" + settings.word); settings }}"
            ),
        ),
        ("plugin.toml", manifest(version, capabilities)),
    ] {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    world
        .until("the version is installed and recorded", async |engine| {
            let detail = engine.plugin("greet").await.unwrap()?;
            let line = detail
                .log
                .iter()
                .any(|line| line.deed == "installed" && line.detail["version"] == version);
            (line && detail.newest.version == version).then_some(())
        })
        .await;
}

async fn case(world: &World) -> CaseId {
    let made = world
        .engine
        .create_case(&caseworker(), missed(json!({})), None, WAIT)
        .await;
    made.unwrap().case.id
}

async fn greet(world: &World, case: CaseId) -> Result<(String, Value), String> {
    let done = world
        .engine
        .run_action(&caseworker(), "da", &case.into(), "greet", json!({}), None)
        .await;
    match done {
        Ok(done) => {
            let text = done.entries[0].data["text"].as_str().unwrap().to_owned();
            Ok((text, done.result))
        }
        Err(ExecuteError::Plugin(problem)) => Err(problem.code),
        Err(other) => panic!("{other}"),
    }
}

async fn deeds(world: &World) -> Vec<String> {
    let detail = world.engine.plugin("greet").await.unwrap().unwrap();
    detail
        .log
        .into_iter()
        .rev()
        .map(|line| format!("{} {}", line.actor, line.deed))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_is_dropped_in_waits_for_a_grant_that_can_be_taken_back() {
    let world = world().await;
    let (engine, who) = (&world.engine, administrator());
    let case = case(&world).await;
    drop_in(&world, "1.0.0", NOTE, "Hej").await;
    assert_eq!(greet(&world, case).await.unwrap_err(), "plugin-waiting");
    let view = engine
        .plugins()
        .into_iter()
        .find(|one| one.id == "greet")
        .unwrap();
    assert_eq!(
        (view.state, view.consent),
        (PluginState::Waiting, Consent::Waiting)
    );
    assert_eq!(
        (view.asks_for, view.capabilities),
        (vec!["case-commands".to_owned()], Vec::new())
    );

    let refused = engine
        .grant_plugin(&caseworker(), "greet", &NewGrant::default(), None)
        .await;
    assert!(matches!(refused, Err(PluginChangeError::NotAllowed)));
    let elsewhere = NewGrant {
        digest: Some("0".repeat(64)),
        ..NewGrant::default()
    };
    let refused = engine.grant_plugin(&who, "greet", &elsewhere, None).await;
    assert!(matches!(refused, Err(PluginChangeError::OtherPackage)));
    let stale = engine
        .grant_plugin(&who, "greet", &NewGrant::default(), Some(7))
        .await;
    assert!(matches!(
        stale,
        Err(PluginChangeError::Stale { current: 0 })
    ));

    engine
        .grant_plugin(&who, "greet", &NewGrant::default(), Some(0))
        .await
        .unwrap();
    assert_eq!(greet(&world, case).await.unwrap().0, "Hej du");
    let detail = engine.plugin("greet").await.unwrap().unwrap();
    assert_eq!(detail.granted_by.as_deref(), Some("administrator"));
    assert_eq!(
        (detail.revision, detail.view.state),
        (1, PluginState::Running)
    );

    engine.revoke_plugin(&who, "greet", Some(1)).await.unwrap();
    assert_eq!(greet(&world, case).await.unwrap_err(), "plugin-waiting");
    let detail = engine.plugin("greet").await.unwrap().unwrap();
    assert_eq!(detail.view.consent, Consent::TakenBack);
    assert_eq!(
        deeds(&world).await,
        [
            "installation installed",
            "administrator granted",
            "administrator revoked"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_grants_what_the_operator_refuses() {
    let world = World::with(|options| {
        let refused = &mut options.plugin_ceiling.refused;
        refused.insert(Capability::CaseCommands);
    })
    .await;
    let case = case(&world).await;
    drop_in(&world, "1.0.0", NOTE, "Hej").await;
    let (who, all) = (administrator(), NewGrant::default());
    let granted = world.engine.grant_plugin(&who, "greet", &all, None);
    granted.await.unwrap();
    assert_eq!(greet(&world, case).await.unwrap_err(), "plugin-denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn bundled_plugins_are_granted_by_the_installation_and_can_be_taken_back_for_good() {
    let world = world().await;
    let detail = world.engine.plugin("notify").await.unwrap().unwrap();
    assert_eq!(detail.view.consent, Consent::Installation);
    assert_eq!(detail.granted_by.as_deref(), Some("installation"));
    assert_eq!(detail.log[0].deed, "granted");
    let removed = world.engine.remove_plugin(&administrator(), "notify").await;
    assert!(matches!(removed, Err(PluginChangeError::Bundled)));
    world
        .engine
        .revoke_plugin(&administrator(), "notify", None)
        .await
        .unwrap();
    world.engine.stop().await;
    let mut options = options(world.folder.path());
    options.plugin_development = false;
    let again = Engine::open(options).await.unwrap();
    let detail = again.plugin("notify").await.unwrap().unwrap();
    assert_eq!(detail.view.consent, Consent::TakenBack);
    again.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_bytes_of_an_unsigned_plugin_wait_again_while_the_granted_version_works() {
    let world = world().await;
    let (engine, who) = (&world.engine, administrator());
    let case = case(&world).await;
    drop_in(&world, "1.0.0", NOTE, "Hej").await;
    engine
        .grant_plugin(&who, "greet", &NewGrant::default(), None)
        .await
        .unwrap();
    drop_in(&world, "1.1.0", NOTE, "Goddag").await;
    assert_eq!(greet(&world, case).await.unwrap().0, "Hej du");
    let detail = engine.plugin("greet").await.unwrap().unwrap();
    assert_eq!(detail.view.waiting_version.as_deref(), Some("1.1.0"));
    engine
        .grant_plugin(&who, "greet", &NewGrant::default(), None)
        .await
        .unwrap();
    assert_eq!(greet(&world, case).await.unwrap().0, "Goddag du");

    // Back to the version before, which keeps its grant, also after a restart.
    engine
        .roll_back_plugin(&who, "greet", None, None)
        .await
        .unwrap();
    assert_eq!(greet(&world, case).await.unwrap().0, "Hej du");
    let refused = engine.roll_back_plugin(&who, "greet", None, None).await;
    assert!(matches!(refused, Err(PluginChangeError::NoOlderVersion)));
    engine.stop().await;
    let mut options = options(world.folder.path());
    options.plugin_development = false;
    let again = Engine::open(options).await.unwrap();
    let detail = again.plugin("greet").await.unwrap().unwrap();
    let versions: Vec<_> = detail
        .versions
        .iter()
        .map(|one| (one.version.as_str(), one.current))
        .collect();
    assert_eq!(versions, [("1.1.0", false), ("1.0.0", true)]);
    // A package that nobody has seen before takes its place again.
    again.start();
    let world = World {
        engine: again,
        folder: world.folder,
    };
    drop_in(&world, "1.2.0", NOTE, "Davs").await;
    world
        .engine
        .grant_plugin(&who, "greet", &NewGrant::default(), None)
        .await
        .unwrap();
    assert_eq!(greet(&world, case).await.unwrap().0, "Davs du");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_checked_and_their_secrets_never_come_back() {
    let world = world().await;
    let (engine, who) = (&world.engine, administrator());
    let case = case(&world).await;
    drop_in(&world, "1.0.0", NOTE, "Hej").await;
    engine
        .grant_plugin(&who, "greet", &NewGrant::default(), None)
        .await
        .unwrap();
    let put = async |value: Value, expected| {
        engine
            .configure_plugin(&who, "greet", "default", value, expected)
            .await
    };
    let wrong = put(json!({ "word": "du", "tokn": "x" }), None).await;
    assert!(
        matches!(wrong, Err(PluginChangeError::Configuration(_))),
        "{wrong:?}"
    );
    let wrong = put(json!({ "word": "du", "token": "kort" }), None)
        .await
        .unwrap_err();
    assert!(!wrong.to_string().contains("kort"), "{wrong}");
    let made = put(
        json!({ "word": "alle", "token": "hemmelig-nøgle" }),
        Some(0),
    )
    .await
    .unwrap();
    assert_eq!(
        (made.value.clone(), made.revision),
        (json!({ "word": "alle" }), 1)
    );
    let (text, result) = greet(&world, case).await.unwrap();
    assert_eq!(
        (text.as_str(), result),
        ("Hej alle", json!({ "word": "alle" }))
    );
    let stale = put(json!({ "word": "x" }), Some(0)).await;
    assert!(matches!(
        stale,
        Err(PluginChangeError::Stale { current: 1 })
    ));
    // A secret that is left out stays, one that is null goes.
    put(json!({ "word": "jer" }), Some(1)).await.unwrap();
    let detail = engine.plugin("greet").await.unwrap().unwrap();
    assert_eq!(detail.configurations[0].secrets, ["token"]);
    let told = format!("{detail:?}");
    assert!(!told.contains("hemmelig"), "{told}");
    put(json!({ "word": "jer", "token": null }), None)
        .await
        .unwrap();
    let detail = engine.plugin("greet").await.unwrap().unwrap();
    assert!(detail.configurations[0].secrets.is_empty());
    for entry in std::fs::read_dir(world.folder.path()).unwrap().flatten() {
        if entry.path().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            let found = bytes
                .windows(13)
                .any(|part| part == "hemmelig-nøg".as_bytes());
            assert!(!found, "{}", entry.path().display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_is_switched_off_and_removed_when_no_workflow_calls_it() {
    let world = world().await;
    let (engine, who) = (&world.engine, administrator());
    let case = case(&world).await;
    drop_in(&world, "1.0.0", "", "Hej").await;
    std::fs::write(
        folder(&world).join("plugin.rhai"),
        "fn greet(input) { #{ word: \"ok\" } }",
    )
    .unwrap();
    drop_in_wait(&world).await;
    world
        .publish(
            "document: { dsl: '1.0.3', namespace: test, name: greets, version: '1.0.0' }\ndo:\n  - hello: { call: 'greet:1.0.0@default', with: {} }\n",
        )
        .await;
    engine
        .enable_plugin(&who, "greet", false, None)
        .await
        .unwrap();
    let answer = engine
        .run_action(&caseworker(), "da", &case.into(), "greet", json!({}), None)
        .await;
    assert!(
        matches!(answer, Err(ExecuteError::Plugin(problem)) if problem.code == "plugin-disabled")
    );
    assert!(
        engine
            .buttons(ButtonPlace::Case, None, "da")
            .iter()
            .all(|button| button.action != "greet")
    );
    let run = engine
        .start_run(&who, "test/greets", json!({}), None, None)
        .await
        .unwrap();
    let incident = world
        .until("it is an incident", async |engine| {
            let incidents = engine.incidents(true, None, 50).await.unwrap();
            incidents
                .into_iter()
                .find(|incident| incident.instance == Some(run.id))
        })
        .await;
    assert!(
        incident.detail.contains("switched off"),
        "{}",
        incident.detail
    );
    engine
        .enable_plugin(&who, "greet", true, None)
        .await
        .unwrap();

    let refused = engine.remove_plugin(&who, "greet").await.unwrap_err();
    assert!(
        refused.to_string().contains("test/greets 1.0.0"),
        "{refused}"
    );
    world
        .publish(
            "document: { dsl: '1.0.3', namespace: test, name: greets, version: '1.0.1' }\ndo:\n  - hello: { set: { a: 1 } }\n",
        )
        .await;
    // The run that stands still may be taken up again, and calls it then.
    let refused = engine.remove_plugin(&who, "greet").await;
    assert!(matches!(refused, Err(PluginChangeError::InUse(_))));
    engine
        .decide_run(&who, run.id, &RunDecision::Cancel, "not needed")
        .await
        .unwrap();
    engine.remove_plugin(&who, "greet").await.unwrap();
    assert!(engine.plugin("greet").await.unwrap().is_none());
    assert!(!folder(&world).exists());
}

/// Waits until the watched folder has been read again.
async fn drop_in_wait(world: &World) {
    let digest = |engine: &Engine| {
        let plugins = engine.plugins();
        plugins
            .into_iter()
            .find(|one| one.id == "greet")
            .map(|one| one.digest)
    };
    let before = digest(&world.engine);
    world
        .until("it was read again", async |engine| {
            (digest(engine) != before).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_shows_what_would_come_of_a_call() {
    let world = world().await;
    let (engine, who) = (&world.engine, administrator());
    let case = case(&world).await;
    let before = world.history_kinds(case).await;
    drop_in(&world, "1.0.0", NOTE, "Hej").await;
    let trial = async |action: (&str, &str)| {
        engine
            .try_plugin(&who, "da", action, Some(&case.into()), json!({}), None)
            .await
    };
    assert!(matches!(
        trial(("greet", "greet")).await,
        Err(TrialError::Plugin(_))
    ));
    engine
        .grant_plugin(&who, "greet", &NewGrant::default(), None)
        .await
        .unwrap();
    let tried = trial(("greet", "greet")).await.unwrap();
    assert_eq!((tried.commands.len(), tried.sample), (1, false));
    assert!(matches!(
        trial(("notify", "greet")).await,
        Err(TrialError::NotFound(_))
    ));
    let input = json!({ "channel": "sms", "to": "+4512345678", "body": "x" });
    let tried = engine
        .try_plugin(&who, "da", ("notify", "notify"), None, input, None)
        .await
        .unwrap();
    assert!(tried.sample);
    assert_eq!(world.history_kinds(case).await, before, "nothing happened");
}
