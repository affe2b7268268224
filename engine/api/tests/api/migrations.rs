//! Cases that move from one version of their case type to another, over the API.

use crate::world::World;
use axum::body::Body;
use axum::http::Request;
use sagsgang_domain::{Caller, Role};
use sagsgang_runtime::MigrationPhase;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/case-types/test.report/migrations";

const SECOND: &str = "
caseType: test.report
version: 2
fields: { type: object, properties: { repeats: { type: integer, maximum: 3 } } }
statuses: { created: { initial: true }, running: {}, closed: { final: true } }
transitions: [ { name: begin, from: [created], to: running }, { name: finish, from: '*', to: closed } ]
";

async fn world() -> World {
    let world = World::new().await;
    for repeats in [1, 2, 9] {
        let case = json!({ "caseType": "test.report", "title": "Papir", "fields": { "repeats": repeats } });
        let made = world.post("/api/v1/cases", &[], &case).await;
        assert_eq!(made.status, 201, "{}", made.json());
    }
    let second = vec![("second.yaml".to_owned(), SECOND.to_owned())];
    world
        .engine
        .publish(&Caller::system(), second)
        .await
        .unwrap();
    world
}

/// Does what the engine's own worker does.
async fn finish(world: &World, made: &Value) -> Value {
    let id = made["id"].as_str().unwrap();
    let done = world.engine.finish_migration(id.parse().unwrap(), |_| {});
    assert!(done.await.unwrap().open().is_none());
    let answer = world.get(&format!("{PATH}/{id}")).await;
    assert_eq!(answer.status, 200);
    answer.json()
}

#[tokio::test]
async fn a_migration_is_tried_read_page_by_page_carried_out_and_taken_back() {
    let world = world().await;
    let answer = world.post(PATH, &[], &json!({ "from": 1, "to": 2 })).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    let made = answer.json();
    let address = format!("{PATH}/{}", made["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), address);
    assert_eq!(made["changes"]["statuses"]["gone"], json!(["open"]));
    let tried = finish(&world, &made).await;
    let row = &tried["phases"][0];
    assert_eq!(
        (&row["phase"], &row["moved"], &row["refused"]),
        (&json!("trial"), &json!(2), &json!(1))
    );
    let page = world
        .get(&format!("{address}/refusals?limit=1"))
        .await
        .json();
    assert_eq!(page["items"][0]["reasons"][0]["code"], "fields-invalid");
    assert_eq!(page["next"], Value::Null);
    let wrong = world.get(&format!("{address}/refusals?phase=third")).await;
    assert_eq!(wrong.status, 400);

    let early = world
        .post(&format!("{address}/revert"), &[], &json!({}))
        .await;
    assert_eq!(
        (early.status.as_u16(), early.code().as_str()),
        (409, "not-carried-out")
    );
    let begun = world
        .post(&format!("{address}/carry-out"), &[], &json!({}))
        .await;
    assert_eq!(begun.status, 202, "{}", begun.json());
    let busy = json!({ "from": 1, "to": 2, "dryRun": false });
    let busy = world.post(PATH, &[], &busy).await;
    assert_eq!(
        (busy.status.as_u16(), busy.code().as_str()),
        (409, "migration-under-way")
    );
    let moved = finish(&world, &made).await;
    assert_eq!(
        (&moved["phases"][1]["moved"], &moved["phases"][1]["refused"]),
        (&json!(2), &json!(1))
    );
    let cases = world.get("/api/v1/cases").await.json();
    let versions = cases["items"].as_array().unwrap().len();
    assert_eq!(versions, 3);

    let begun = world
        .post(&format!("{address}/revert"), &[], &json!({}))
        .await;
    assert_eq!(begun.status, 202);
    let back = finish(&world, &made).await;
    assert_eq!(back["phases"][2]["moved"], 2);
    let listed = world.get(PATH).await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let id = made["id"].as_str().unwrap().parse().unwrap();
    let known = world.engine.migration(id).await.unwrap().unwrap();
    assert!(
        known
            .phase(MigrationPhase::Back)
            .unwrap()
            .ended_at
            .is_some()
    );
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_what_there_is() {
    let world = world().await;
    let code = async |body: Value| {
        let answer = world.post(PATH, &[], &body).await;
        (answer.status.as_u16(), answer.code())
    };
    let unknown = json!({ "from": 1, "to": 2, "statuses": { "open": "nowhere" } });
    assert_eq!(code(unknown).await, (422, "unknown-status".to_owned()));
    assert_eq!(
        code(json!({ "from": 1, "to": 1 })).await,
        (422, "same-version".to_owned())
    );
    assert_eq!(
        code(json!({ "from": 1, "to": 5 })).await,
        (422, "unknown-case-type".to_owned())
    );
    assert_eq!(code(json!({ "from": 1 })).await.0, 422);
    let nothing = world.get(&format!("{PATH}/nothing")).await;
    assert_eq!(nothing.status, 404);
    let request = Request::post(PATH)
        .header("content-type", "application/json")
        .body(Body::from(json!({ "from": 1, "to": 2 }).to_string()))
        .unwrap();
    assert_eq!(world.send(&[Role::Caseworker], request).await.status, 403);
    let key = [("idempotency-key", "one")];
    let body = json!({ "from": 1, "to": 2 });
    let first = world.post(PATH, &key, &body).await.json();
    assert_eq!(
        world.post(PATH, &key, &body).await.json()["id"],
        first["id"]
    );
}
