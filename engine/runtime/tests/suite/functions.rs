//! Functions that workflows find built in, and the three workflows of the design that use them.

use crate::world::{World, administrator, caseworker, command, missed, of_case};
use sagsgang_domain::{Case, Event};
use sagsgang_runtime::{RunFilter, RunView};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const WAIT: Option<Duration> = Some(Duration::from_secs(10));

fn text(name: &str, body: &str) -> String {
    format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: {name}, version: '1.0.0' }}\n{body}\n"
    )
}

async fn case(world: &World, fields: Value) -> Case {
    let caller = caseworker();
    let created = world
        .engine
        .create_case(&caller, missed(fields), None, WAIT);
    created.await.unwrap().case
}

async fn run(world: &World, workflow: &str, input: Value) -> RunView {
    let caller = administrator();
    let run = world.engine.start_run(&caller, workflow, input, None, WAIT);
    run.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_gives_a_person_a_task_and_goes_on_when_it_is_done() {
    let world = World::new().await;
    world
        .publish(&text(
            "asks",
            "do:
  - ask: { call: case-task, with: { title: Se til printeren, role: depot } , export: { as: '{ task: .task.id }' } }
  - confirmed:
      listen:
        to:
          one:
            with: { type: case.task-done.v1 }
            correlate: { task: { from: .data.task, expect: '${ $context.task }' } }
  - tell: { call: case-note, with: { text: '${ \"Svar: \" + .[0].outcome }' } }",
        ))
        .await;
    let case = case(&world, json!({})).await;
    let asked = run(&world, "test/asks", json!({ "caseId": case.id })).await;
    assert_eq!(asked.status, "waiting");
    let id = case.id.into();
    let open = world.engine.case(&id).await.unwrap().unwrap();
    assert_eq!(open.tasks.len(), 1);
    assert_eq!(open.tasks[0].title, "Se til printeren");
    let finish = command(
        json!({ "type": "finish-task", "task": open.tasks[0].id, "outcome": "virker", "note": "Papir lagt i" }),
    );
    let caller = caseworker();
    let done = world
        .engine
        .execute(&caller, &id, vec![finish.clone()], None, None);
    assert!(done.await.unwrap().case.tasks.is_empty());
    world.completed(case.id, "test/asks").await;
    let history = world.engine.history(case.id, 0, 100).await.unwrap();
    let last = history.last().unwrap();
    assert_eq!(
        Event::from_parts(&last.kind, &last.data).unwrap(),
        Event::Noted {
            text: "Svar: virker".to_owned(),
            attachments: Vec::new(),
        }
    );
    // What is done cannot be done again.
    let again = world.engine.execute(&caller, &id, vec![finish], None, None);
    assert!(again.await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_finds_cases_escalates_and_draws_a_document() {
    let world = World::new().await;
    world
        .publish(&text(
            "finds",
            "do:
  - find: { call: case-query, with: { type: waste.missed-collection, open: true, limit: 2, fields: [caseNo, fraction] } }",
        ))
        .await;
    world
        .publish(&text(
            "acts",
            "do:
  - up: { call: case-escalate, with: { level: 2, reason: Ingen svarer } }
  - draw: { call: 'document-render:1.0.0@default', with: { name: label.pdf, document: { kind: label, size: 100x60, labels: [ { code: BH-1 } ] } } }",
        ))
        .await;
    for fraction in ["paper", "metal", "glass"] {
        case(&world, json!({ "fraction": fraction })).await;
    }
    let found = run(&world, "test/finds", json!({})).await.output.unwrap();
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
    assert_eq!(found["items"][0]["fraction"], "glass");
    assert!(found["items"][0]["caseNo"].is_string() && found["more"] == true);

    let case = case(&world, json!({})).await;
    let acted = run(&world, "test/acts", json!({ "caseId": case.id })).await;
    assert_eq!(acted.output.as_ref().unwrap()["pages"], 1, "{acted:?}");
    let now = world.engine.case(&case.id.into()).await.unwrap().unwrap();
    assert_eq!(now.documents.len(), 1);
    let kinds = world.history_kinds(case.id).await;
    assert!(kinds.contains(&"case.escalated.v1".to_owned()), "{kinds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_cases_are_found_part_by_part_and_one_by_its_id_alone() {
    let world = World::new().await;
    let step = "type: waste.missed-collection, sort: created, limit: 2, after: '${ .after }', fields: [id]";
    world
        .publish(&text(
            "pages",
            &format!("do:\n  - find: {{ call: case-query, with: {{ {step} }} }}"),
        ))
        .await;
    let one = "id: '${ .id }', status: '${ .status }', open: true, fields: [id]";
    world
        .publish(&text(
            "one",
            &format!("do:\n  - find: {{ call: case-query, with: {{ {one} }} }}"),
        ))
        .await;
    let mut ids = Vec::new();
    for fraction in ["paper", "metal", "glass"] {
        ids.push(json!({ "id": case(&world, json!({ "fraction": fraction })).await.id }));
    }
    let find = async |after: Value| {
        let found = run(&world, "test/pages", json!({ "after": after })).await;
        found.output.unwrap()
    };
    let first = find(Value::Null).await;
    assert_eq!(first["items"], json!([ids[2], ids[1]]));
    assert_eq!(first["more"], true);
    let second = find(first["next"].clone()).await;
    assert_eq!(
        second,
        json!({ "items": [ids[0]], "more": false, "next": null })
    );
    let lost = run(&world, "test/pages", json!({ "after": "nowhere" })).await;
    assert!(lost.detail.unwrap().contains("`after`"));

    let found = run(&world, "test/one", ids[0].clone()).await;
    assert_eq!(found.output.unwrap()["items"], json!([ids[0]]));
    let both = json!({ "id": ids[0]["id"], "status": "closed" });
    let refused = run(&world, "test/one", both).await;
    assert_eq!(refused.status, "faulted");
    assert!(refused.detail.unwrap().contains("not `status`"));
}

/// Puts a script with one action into the watched folder and waits until it can be called.
async fn install(world: &World, name: &str, version: &str, body: &str) {
    let folder = world.folder.path().join("plugins").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let manifest = format!(
        "id = \"{name}\"\nversion = \"{version}\"\ninterface = \"1\"\n[title]\nda = \"{name}\"\nen = \"{name}\"\n\
         [[action]]\nname = \"{name}\"\neffect = \"pure\"\n"
    );
    let function = name.replace('-', "_");
    std::fs::write(
        folder.join("plugin.rhai"),
        format!("fn {function}(input) {{ {body} }}"),
    )
    .unwrap();
    std::fs::write(folder.join("plugin.toml"), manifest).unwrap();
    world
        .until("the plugin is installed", async |engine| {
            engine
                .plugins()
                .into_iter()
                .find(|plugin| plugin.id == name)
        })
        .await;
}

/// A workflow of the design, beside the bundled ones.
fn design(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../definition/tests/workflows")
        .join(format!("{name}.yaml"));
    let text = std::fs::read_to_string(path).unwrap();
    text.replace("namespace: waste", "namespace: design")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workflow_of_a_missed_collection_runs_from_report_to_receipt() {
    let world = World::new().await;
    install(&world, "waste-priority", "1.0.0", "#{ priority: \"high\" }").await;
    install(&world, "route-assign", "1.0.0", "#{ route: 7 }").await;
    install(&world, "sms-send", "2.1.0", "#{ sent: input.template }").await;
    world.publish(&design("missed-collection")).await;
    let case = case(&world, json!({ "fraction": "paper" })).await;
    let waiting = world
        .until("it waits for the outcome", async |engine| {
            let runs = engine
                .runs(&of_case(case.id, Some("waiting")), 9)
                .await
                .unwrap();
            runs.into_iter()
                .find(|run| run.workflow == "design/missed-collection")
                .filter(|run| run.waits.len() == 3)
        })
        .await;
    assert_eq!(waiting.tasks.last().unwrap(), "silence");
    // The bundled workflow of this case type sets a priority too; which of the two comes last is open.
    let history = world.engine.history(case.id, 0, 100).await.unwrap();
    let mut set = history
        .iter()
        .filter(|entry| entry.kind == "case.priority-changed.v1");
    assert!(set.any(|entry| entry.data["to"] == "high"), "{history:?}");
    let close = command(json!({ "type": "set-status", "status": "closed" }));
    world
        .engine
        .execute(&caseworker(), &case.id.into(), vec![close], None, None)
        .await
        .unwrap();
    world.completed(case.id, "design/missed-collection").await;
    let ended = world.engine.run(waiting.id).await.unwrap().unwrap();
    assert_eq!(ended.output, Some(json!({ "sent": "missed-closed" })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workflow_of_a_delivered_container_runs_from_event_to_label() {
    let world = World::new().await;
    install(&world, "label-render", "1.0.0", "#{ blob: \"b-1\" }").await;
    install(&world, "label-print", "1.0.0", "#{ printed: input.blob }").await;
    install(&world, "email-send", "1.3.0", "#{ sent: input.attach }").await;
    world
        .publish(
            "caseType: waste.container\nversion: 1\ntitle: { da: Beholder, en: Container }\nnumbering: '{yyyy}-{seq:06}'\n\
             fields: { type: object }\npriorities: { scale: [normal], default: normal }\n\
             statuses: { created: { initial: true }, closed: { final: true } }\n\
             transitions: [ { name: close, from: [created], to: closed } ]\n",
        )
        .await;
    world.publish(&design("container-delivered")).await;
    let event = json!({ "specversion": "1.0", "source": "/fleet", "id": "1", "type": "fleet.container-delivered.v1",
        "data": { "rfid": "E200", "address": "Elmevej 5", "depot": "nord", "owner": { "email": "a@b.example" } } });
    assert!(
        world
            .engine
            .accept_event(&administrator(), event)
            .await
            .unwrap()
    );
    let ended = world
        .until("it ended", async |engine| {
            let runs = engine.runs(&RunFilter::default(), 9).await.unwrap();
            runs.into_iter()
                .find(|run| run.workflow == "design/container-delivered" && run.status != "waiting")
                .filter(|run| run.status != "ready")
        })
        .await;
    assert_eq!(ended.detail, None);
    assert_eq!(ended.output, Some(json!({ "sent": ["b-1"] })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nightly_reminder_runs_one_workflow_for_each_case() {
    let world = World::new().await;
    let text = design("nightly-reminder")
        .replace("[assigned]", "[created]")
        .replace("P2D", "PT0S")
        .replace("namespace: waste", "namespace: design");
    world.publish(&text).await;
    world
        .publish(
            "document: { dsl: '1.0.3', namespace: design, name: remind-one, version: '1.0.0' }\n\
             do:\n  - note: { call: case-note, with: { text: '${ \"Husk \" + .case.caseNo }' } }\n",
        )
        .await;
    let cases = [case(&world, json!({})).await, case(&world, json!({})).await];
    let started = run(&world, "design/nightly-reminder", json!({})).await;
    assert_eq!(started.detail, None);
    for case in cases {
        world.completed(case.id, "design/remind-one").await;
        let kinds = world.history_kinds(case.id).await;
        assert!(kinds.contains(&"case.noted.v1".to_owned()), "{kinds:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_speaks_of_the_case_that_it_is_sent_in_and_of_no_other() {
    let world = World::new().await;
    let template = "template: test-number
version: 1
subject: { da: 'Sag {{ case.caseNo }}' }
body: { da: 'Vi skriver om sag {{ case.caseNo }}.' }
";
    world.publish(template).await;
    world
        .publish(&text(
            "sends",
            "do:
  - note: { call: case-note, with: { case: '${ .first }', text: Set } }
  - send: { call: message-send, with: { case: '${ $workflow.input.second }', channel: email, to: anna@borger.example, template: test-number } }",
        ))
        .await;
    let (first, second) = (case(&world, json!({})).await, case(&world, json!({})).await);
    let input = json!({ "first": first.id, "second": second.id });
    let sent = run(&world, "test/sends", input).await;
    assert_eq!(sent.status, "completed", "{sent:?}");
    let message = world
        .engine
        .outbox()
        .await
        .unwrap()
        .into_iter()
        .find(|message| message.case == Some(second.id) && message.subject.starts_with("Sag"));
    let message = message.unwrap();
    assert_eq!(
        message.text.trim(),
        format!("Vi skriver om sag {}.", second.number)
    );
    assert!(!message.subject.contains(&first.number));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_links_a_case_with_another() {
    let world = World::new().await;
    world
        .publish(&text(
            "links",
            "do:
  - link: { call: case-link, with: { case: '${ .case }', kind: case, id: '${ .other }' } }",
        ))
        .await;
    let (one, other) = (case(&world, json!({})).await, case(&world, json!({})).await);
    let input = json!({ "case": one.id, "other": other.id });
    let linked = run(&world, "test/links", input).await;
    assert_eq!(linked.status, "completed", "{linked:?}");
    let now = world.engine.case(&one.id.into()).await.unwrap().unwrap();
    assert!(json!(now).to_string().contains(&other.id.to_string()));
}
