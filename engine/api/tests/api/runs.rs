//! Runs that move to another version together, and one that is sent to another task, over the API.

use crate::world::World;
use axum::body::Body;
use axum::http::Request;
use sagsgang_domain::{Caller, Role};
use serde_json::{Value, json};

const MIGRATE: &str = "/api/v1/workflows/test/waits/migrate";

fn waits(version: &str, second: &str) -> String {
    format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: waits, version: '{version}' }}
do:
  - way: {{ switch: [ {{ a: {{ when: .second == true, then: two }} }}, {{ b: {{ then: one }} }} ] }}
  - one: {{ wait: P1D, then: last }}
  - two: {second}
  - last: {{ set: {{ done: true }} }}
"
    )
}

async fn publish(world: &World, text: String) {
    let files = vec![("waits.yaml".to_owned(), text)];
    world
        .engine
        .publish(&Caller::system(), files)
        .await
        .unwrap();
}

/// Two runs of the first version that wait at different tasks, and a second version.
async fn world() -> (World, Vec<String>) {
    let world = World::new().await;
    world.engine.start();
    publish(&world, waits("1.0.0", "{ wait: P2D }")).await;
    let mut runs = Vec::new();
    for second in [false, true] {
        let body = json!({ "input": { "second": second } });
        let path = "/api/v1/workflows/test/waits/runs";
        let answer = world.post(path, &[("prefer", "wait=10")], &body).await;
        assert!(answer.status.is_success(), "{}", answer.json());
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        for _ in 0..500 {
            let run = world.get(&format!("/api/v1/runs/{id}")).await.json();
            if run["status"] == "waiting" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        runs.push(id);
    }
    publish(&world, waits("2.0.0", "{ set: {} }")).await;
    (world, runs)
}

#[tokio::test]
async fn runs_are_tried_first_and_moved_part_by_part() {
    let (world, runs) = world().await;
    let answer = world.post(MIGRATE, &[], &json!({ "to": "2.0.0" })).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let tried = answer.json();
    let items = tried["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(
        items[0],
        json!({ "run": runs[0], "case": null, "from": "1.0.0", "standing": ["one"], "moved": true, "reasons": [] })
    );
    assert_eq!(items[1]["moved"], json!(false));
    let why = items[1]["reasons"][0].as_str().unwrap();
    assert!(why.contains("a task of another kind"), "{why}");
    let run = world.get(&format!("/api/v1/runs/{}", runs[0])).await.json();
    assert_eq!(run["version"], "1.0.0", "a trial moves nothing");

    let answer = world
        .post(MIGRATE, &[], &json!({ "to": "2.0.0", "dryRun": false }))
        .await;
    assert_eq!(answer.status, 422, "a reason is asked for");
    let mut body = json!({ "to": "2.0.0", "dryRun": false, "reason": "ny aftale", "limit": 1 });
    let first = world.post(MIGRATE, &[], &body).await.json();
    assert_eq!(
        (first["items"].as_array().unwrap().len(), &first["next"]),
        (1, &json!(runs[0]))
    );
    body["after"] = first["next"].clone();
    let second = world.post(MIGRATE, &[], &body).await.json();
    assert_eq!(second["next"], Value::Null);
    assert_eq!(second["items"][0]["run"], json!(runs[1]));
    let run = world.get(&format!("/api/v1/runs/{}", runs[0])).await.json();
    assert_eq!(
        (&run["version"], &run["status"]),
        (&json!("2.0.0"), &json!("waiting"))
    );

    let answer = world.post(MIGRATE, &[], &json!({ "to": "9.0.0" })).await;
    assert_eq!(answer.status, 409);
    let request = Request::post(MIGRATE)
        .header("content-type", "application/json")
        .body(Body::from(json!({ "to": "2.0.0" }).to_string()));
    let answer = world.send(&[Role::Caseworker], request.unwrap()).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn a_waiting_run_is_sent_to_another_task() {
    let (world, runs) = world().await;
    let run = world.get(&format!("/api/v1/runs/{}", runs[1])).await.json();
    assert_eq!(run["targets"], json!(["way", "one", "two", "last"]));
    let path = format!("/api/v1/runs/{}/jump", runs[1]);
    let answer = world.post(&path, &[], &json!({ "to": "last" })).await;
    assert_eq!(
        answer.status,
        422,
        "a reason is asked for: {}",
        answer.json()
    );
    let unknown = json!({ "to": "nowhere", "reason": "prøve" });
    let answer = world.post(&path, &[], &unknown).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (409, "run-state")
    );
    let body = json!({ "to": "last", "reason": "bestilt i telefonen" });
    let answer = world.post(&path, &[], &body).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert_eq!(answer.json()["output"], json!({ "done": true }));
    let journal = world
        .get(&format!("/api/v1/runs/{}/journal", runs[1]))
        .await
        .json();
    let entry = journal["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        entry["input"],
        json!({ "kind": "jump", "to": "last", "reason": "bestilt i telefonen" })
    );
    assert_eq!(entry["actor"]["name"], "Prøve Person");
}

#[tokio::test]
async fn publishing_tells_what_somebody_should_look_at() {
    let world = World::new().await;
    let text = "document: { dsl: '1.0.3', namespace: test, name: hears, version: '1.0.0' }
do: [ { hear: { listen: { to: { one: { with: { type: test.go } } } } } } ]
";
    let body = json!({ "files": [ { "path": "hears.yaml", "text": text } ] });
    let answer = world.post("/api/v1/workflows", &[], &body).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let warning = &answer.json()["items"][0]["warnings"][0];
    assert_eq!(
        (&warning["code"], &warning["severity"]),
        (&json!("no-deadline"), &json!("warning"))
    );
    assert_eq!(
        (&warning["line"], &warning["file"]),
        (&json!(2), &json!("hears.yaml"))
    );

    let wrong = text.replace("1.0.0", "1.0.1").replace(
        "listen: { to: { one: { with: { type: test.go } } } }",
        "call: case-note, with: { txt: a }",
    );
    let body = json!({ "files": [ { "path": "hears.yaml", "text": wrong } ] });
    let answer = world.post("/api/v1/workflows", &[], &body).await;
    assert_eq!(answer.code(), "definition-invalid");
    let codes: Vec<Value> = answer.json()["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].clone())
        .collect();
    assert_eq!(
        codes,
        ["wrong-argument", "wrong-argument"],
        "`text` is missing, `txt` is unknown"
    );
}

#[tokio::test]
async fn an_incident_of_a_run_that_has_ended_is_closed_with_a_reason() {
    let world = World::new().await;
    world.engine.start();
    let tags = "document: { dsl: '1.0.3', namespace: test, name: tags, version: '1.0.0' }
schedule: { on: { one: { with: { type: case.tagged.v1 } } } }
input: { from: '${ .[0] }' }
do:
  - one: { call: case-update, with: { tags: [ '${ .tag + \"a\" }' ] } }
";
    publish(&world, tags.to_owned()).await;
    let new = json!({ "caseType": "test.report", "title": "Mærker", "fields": { "repeats": 2 } });
    let made = world.post("/api/v1/cases", &[], &new).await.json();
    let path = format!("/api/v1/cases/{}/commands", made["id"].as_str().unwrap());
    let tag = json!({ "type": "tag", "tag": "x" });
    assert!(world.post(&path, &[], &tag).await.status.is_success());
    let mut open = Value::Null;
    for _ in 0..500 {
        open = world.get("/api/v1/incidents").await.json();
        if open["items"][0]["code"] == "workflow-loop" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let close = format!(
        "/api/v1/incidents/{}/close",
        open["items"][0]["id"].as_str().unwrap()
    );
    let reason = json!({ "reason": "Reglen er rettet" });
    let mut answer = world.post(&close, &[], &reason).await;
    for _ in 0..500 {
        // Its run may still be on its way to the end.
        if answer.status != 409 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        answer = world.post(&close, &[], &reason).await;
    }
    assert_eq!(answer.status, 200, "{}", answer.json());
    let closed = answer.json();
    assert_eq!(
        (&closed["open"], &closed["reason"]),
        (&json!(false), &json!("Reglen er rettet"))
    );
    let again = world.post(&close, &[], &reason).await;
    assert_eq!(again.status, 409, "{}", again.json());
    let unknown = "/api/v1/incidents/00000000-0000-0000-0000-000000000009/close";
    assert_eq!(world.post(unknown, &[], &reason).await.status, 404);
}
