//! Several sets of settings of one plugin: a step of a workflow says which, each has its own secrets.

use crate::world::*;
use hmac::{Hmac, Mac};
use sagsgang_definition::TextKind;
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::{Value, json};
use sha2::Sha256;

const MANIFEST: &str = "id = \"sender\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nda = \"Send\"\n[[action]]\nname = \"send\"\n\
    effect = \"pure\"\nbutton = { where = [\"case\"] }\n[config]\nschema = \"schemas/config.json\"\n";
const SCHEMA: &str = r#"{ "type": "object", "additionalProperties": false, "properties": {
    "depot": { "type": "string", "maxLength": 10 }, "token": { "type": "string", "x-secret": true } } }"#;
/// Answers its settings, and whether the code was made with the secret of the same settings.
const SCRIPT: &str = r#"fn send(input) {
    let code = blob();
    for byte in input.code { code.push(byte); }
    let settings = context::configuration();
    let depot = if settings == () { "none" } else { settings.depot };
    let signed = false;
    try { signed = context::is_signed("token", "x", code); } catch { }
    #{ depot: depot, signed: signed }
}"#;

async fn world() -> World {
    let world = World::new().await;
    let folder = world.folder.path().join("plugins/sender");
    std::fs::create_dir_all(folder.join("schemas")).unwrap();
    for (name, text) in [
        ("schemas/config.json", SCHEMA),
        ("plugin.rhai", SCRIPT),
        ("plugin.toml", MANIFEST),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    world
        .until("the plugin is installed", async |engine| {
            engine.plugin("sender").await.unwrap()
        })
        .await;
    world
}

async fn put(world: &World, name: &str, value: Value) {
    world
        .engine
        .configure_plugin(&administrator(), "sender", name, value, None)
        .await
        .unwrap();
}

/// The code of the message `x` under a secret.
fn code(secret: &str) -> Value {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(b"x");
    json!(mac.finalize().into_bytes().to_vec())
}

/// Calls with the usual settings, then with those of the north; both with the same code.
fn workflow(version: &str, north: &str) -> String {
    format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: sends, version: '{version}' }}\ndo:\n  \
         - usual:\n      call: send\n      with: {{ code: '${{ .code }}' }}\n      \
           output: {{ as: '${{ {{ code: $input.code, usual: . }} }}' }}\n  \
         - north:\n      call: send\n      metadata: {{ configuration: {north} }}\n      \
           with: {{ code: '${{ .code }}' }}\n      output: {{ as: '${{ {{ usual: $input.usual, north: . }} }}' }}\n"
    )
}

async fn ended(world: &World, workflow: &str, input: Value) -> RunView {
    let run = world
        .engine
        .start_run(&administrator(), workflow, input, None, None)
        .await
        .unwrap();
    world
        .until("the run ended", async |engine| {
            let found = engine.run(run.id).await.unwrap()?;
            ["completed", "faulted"]
                .contains(&found.status)
                .then_some(found)
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_calls_with_the_settings_and_the_secrets_that_it_names() {
    let world = world().await;
    put(
        &world,
        "default",
        json!({ "depot": "syd", "token": "sydlig" }),
    )
    .await;
    put(
        &world,
        "north",
        json!({ "depot": "nord", "token": "nordlig" }),
    )
    .await;
    world.publish(&workflow("1.0.0", "north")).await;
    let run = ended(&world, "test/sends", json!({ "code": code("nordlig") })).await;
    let expected = json!({ "usual": { "depot": "syd", "signed": false }, "north": { "depot": "nord", "signed": true } });
    assert_eq!(run.output, Some(expected), "{run:?}");
    let run = ended(&world, "test/sends", json!({ "code": code("sydlig") })).await;
    let expected = json!({ "usual": { "depot": "syd", "signed": true }, "north": { "depot": "nord", "signed": false } });
    assert_eq!(run.output, Some(expected), "{run:?}");
    // A person who presses the button gets the usual settings; a trial those that it names.
    let made = world
        .engine
        .create_case(&caseworker(), missed(json!({})), None, None)
        .await
        .unwrap();
    let (who, case) = (caseworker(), made.case.id.into());
    let pressed = world.engine.run_action(
        &who,
        "da",
        &case,
        "send",
        json!({ "code": code("sydlig") }),
        None,
    );
    assert_eq!(
        pressed.await.unwrap().result,
        json!({ "depot": "syd", "signed": true })
    );
    let tried = async |name| {
        let (who, input) = (administrator(), json!({ "code": [] }));
        let action = ("sender", "send");
        world
            .engine
            .try_plugin(&who, "da", action, None, input, Some(name))
            .await
    };
    assert_eq!(tried("north").await.unwrap().output["depot"], "nord");
    let missing = tried("west").await.unwrap_err().to_string();
    assert!(missing.contains("no configuration `west`"), "{missing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_are_not_there_are_found_before_publishing() {
    let world = world().await;
    let text = workflow("1.0.0", "nroth");
    let place = |one: &sagsgang_definition::Diagnostic| (one.line, one.column, one.code);
    put(&world, "north", json!({})).await;
    let at = text.find("nroth").unwrap();
    let offset = text[..at].encode_utf16().count() + 1;
    let offered = world.engine.complete(TextKind::Workflow, &text, offset);
    let offered: Vec<&str> = offered.items.iter().map(|item| &*item.label).collect();
    assert_eq!(
        offered,
        ["north"],
        "those with an n, as far as it is written"
    );
    let found = world
        .engine
        .diagnose("sends.yaml", &text, TextKind::Workflow)
        .await
        .unwrap();
    assert_eq!(found.findings.len(), 1, "{found:?}");
    let finding = &found.findings[0];
    assert_eq!(place(finding), (9, 34, "unknown-configuration"));
    assert!(
        finding
            .hint
            .as_ref()
            .unwrap()
            .contains("one of: default, north;"),
        "{finding}"
    );
    assert_eq!(found.identity, None);
    let files = vec![("sends.yaml".to_owned(), text.clone())];
    let refused = world.engine.publish(&Caller::system(), files).await;
    let Err(PublishError::Problems(problems)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(problems, found.findings);
    assert_eq!(problems[0].file, "sends.yaml");
    for (call, said) in [
        ("case-note", "belongs to no plugin"),
        ("gone", "no installed plugin has an action `gone`"),
    ] {
        let text = text.replace(
            "call: send\n      metadata",
            &format!("call: {call}\n      metadata"),
        );
        let found = world
            .engine
            .diagnose("sends.yaml", &text, TextKind::Workflow)
            .await
            .unwrap();
        let mut findings = found.findings.iter();
        assert!(findings.any(|one| one.message.contains(said)), "{found:?}");
    }
    let right = world
        .engine
        .diagnose(
            "sends.yaml",
            &workflow("1.0.0", "north"),
            TextKind::Workflow,
        )
        .await
        .unwrap();
    assert!(
        right.findings.is_empty() && right.identity.is_some(),
        "{right:?}"
    );
    let usual = workflow("1.0.0", "default");
    let usual = world
        .engine
        .diagnose("sends.yaml", &usual, TextKind::Workflow)
        .await
        .unwrap();
    assert!(
        usual.findings.is_empty(),
        "those of the package are always there: {usual:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_deleted_only_when_no_workflow_names_them() {
    let world = world().await;
    let (engine, who) = (&world.engine, administrator());
    put(&world, "default", json!({})).await;
    put(&world, "north", json!({ "depot": "nord" })).await;
    world.publish(&workflow("1.0.0", "north")).await;
    let delete = async |caller: &Caller, name, expected| {
        engine
            .delete_plugin_configuration(caller, "sender", name, expected)
            .await
    };
    let refused = delete(&who, "north", None).await.unwrap_err();
    assert!(
        matches!(&refused, PluginChangeError::Configured(users) if *users == ["test/sends 1.0.0"])
    );
    let detail = engine.plugin("sender").await.unwrap().unwrap();
    let used: Vec<_> = detail
        .configurations
        .iter()
        .map(|one| one.used_by.len())
        .collect();
    assert_eq!(used, [0, 1]);
    world.publish(&workflow("1.1.0", "default")).await;
    assert!(matches!(
        delete(&caseworker(), "north", None).await,
        Err(PluginChangeError::NotAllowed)
    ));
    let stale = delete(&who, "north", Some(7)).await;
    assert!(matches!(
        stale,
        Err(PluginChangeError::Stale { current: 1 })
    ));
    delete(&who, "north", Some(1)).await.unwrap();
    assert!(matches!(
        delete(&who, "north", None).await,
        Err(PluginChangeError::NotFound)
    ));
    let kept = delete(&who, "default", None).await;
    assert!(
        matches!(kept, Err(PluginChangeError::Configuration(_))),
        "{kept:?}"
    );
    let detail = engine.plugin("sender").await.unwrap().unwrap();
    assert_eq!(detail.configurations.len(), 1);
    assert_eq!(detail.log[0].deed, "configuration-deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_whose_settings_are_gone_stops_and_goes_on_when_they_are_back() {
    let world = world().await;
    put(&world, "north", json!({ "depot": "nord" })).await;
    world.publish(&workflow("1.0.0", "north")).await;
    world.publish(&workflow("1.1.0", "default")).await;
    let old = "document: { dsl: '1.0.3', namespace: test, name: old, version: '1.0.0' }\ndo:\n  - sends:\n      run:\n        \
               workflow: { namespace: test, name: sends, version: '1.0.0', input: { code: [] } }\n";
    world.publish(old).await;
    let who = administrator();
    let deleted = world
        .engine
        .delete_plugin_configuration(&who, "sender", "north", None);
    deleted.await.unwrap();
    let run = ended(&world, "test/old", json!({})).await;
    assert_eq!(run.status, "faulted");
    assert!(
        run.detail
            .as_ref()
            .unwrap()
            .contains("no configuration `north`"),
        "{run:?}"
    );
    put(&world, "north", json!({ "depot": "nord" })).await;
    let again = RunDecision::Retry { input: None };
    world
        .engine
        .decide_run(&who, run.id, &again, "sat igen")
        .await
        .unwrap();
    let done = world
        .until("the run ended", async |engine| {
            let found = engine.run(run.id).await.unwrap()?;
            (found.status == "completed").then_some(found)
        })
        .await;
    assert_eq!(done.output.unwrap()["north"]["depot"], "nord");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_layout_is_checked_and_changes_the_next_label() {
    let world = World::new().await;
    let container = Container {
        id: ContainerId(uuid::Uuid::from_u128(5)),
        container_id: "BH-1049-22817".to_owned(),
        kind: "240 liters beholder".to_owned(),
        compartments: Vec::new(),
        property: None,
        address: Address::default(),
        status: "active".to_owned(),
        last_collection: None,
        next_collection: None,
    };
    let jonas = caseworker();
    let put = world.engine.put(&jonas, container.clone());
    put.await.unwrap();
    let new = NewCase {
        containers: vec![container.id],
        ..missed(json!({}))
    };
    let made = world.engine.create_case(&jonas, new, None, None);
    let case = made.await.unwrap().case.id;
    let print = async || {
        let label = "container-label";
        let (case, input) = (case.into(), json!({}));
        let done = world
            .engine
            .run_action(&jonas, "da", &case, label, input, None);
        let document = done.await.unwrap().documents.remove(0);
        let bytes = world.engine.document_bytes(&document).await;
        bytes.unwrap().to_vec()
    };
    let lay_out = async |lines: Value| {
        let layout = json!({ "size": "62-endless", "code": "id", "lines": lines });
        let who = administrator();
        let put = world
            .engine
            .configure_plugin(&who, "container-label", "default", layout, None);
        put.await.map(|_| ())
    };
    let usual = print().await;
    lay_out(json!([{ "text": "Kommune", "size": 20, "bold": true }, { "value": "type" }]))
        .await
        .unwrap();
    let changed = print().await;
    assert_ne!(usual, changed);
    assert_eq!(
        changed,
        print().await,
        "it is the layout that made the difference"
    );
    for wrong in [
        json!([{ "value": "colour" }]),
        json!([{ "value": "type", "text": "both" }]),
        json!([{ "value": "type", "size": 400 }]),
        json!("type"),
    ] {
        let refused = lay_out(wrong.clone()).await;
        assert!(
            matches!(refused, Err(PluginChangeError::Configuration(_))),
            "{wrong}: {refused:?}"
        );
    }
}
