//! Help for those who write definitions.

use crate::world::World;
use axum::body::Body;
use axum::http::Request;
use sagsgang_definition::ImportKind;
use sagsgang_domain::Role;
use sagsgang_runtime::{Import, ImportPlan, ImportRow, RowOutcome};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/definitions/complete";

fn ask(text: &str, kind: &str) -> Value {
    let place = text.find('|').unwrap();
    json!({
        "text": text.replacen('|', "", 1),
        "offset": text[..place].encode_utf16().count(),
        "kind": kind,
    })
}

#[tokio::test]
async fn a_place_of_a_text_is_answered_with_what_the_installation_knows() {
    let world = World::new().await;
    let labels = async |text: &str, kind: &str| {
        let answer = world.post(PATH, &[], &ask(text, kind)).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        let items = answer.json()["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["label"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let head =
        "document: { dsl: 1.0.3, namespace: æøå, name: x, version: 1.0.0 }\ndo:\n  - note:\n      ";
    let calls = labels(&format!("{head}call: case-n|"), "workflow").await;
    assert_eq!(calls, ["case-note"]);
    let arguments = labels(
        &format!("{head}call: message-send\n      with: {{ channel: sms, | }}"),
        "workflow",
    )
    .await;
    assert_eq!(arguments[0], "to");
    assert!(!arguments.contains(&"channel".to_owned()), "{arguments:?}");
    let types = labels(
        &format!("{head}call: case-create\n      with: {{ type: | }}"),
        "workflow",
    )
    .await;
    assert_eq!(types, [world.engine.case_types()[0].name.clone()]);
    let answer = world
        .post(PATH, &[], &ask(&format!("{head}cal|"), "workflow"))
        .await
        .json();
    let before = head.encode_utf16().count();
    assert_eq!(answer["from"], before);
    assert_eq!(
        answer["items"][0],
        json!({ "label": "call", "kind": "keyword", "detail": "", "insert": "call: " })
    );
    assert!(
        labels("ver|", "case-type")
            .await
            .contains(&"version".to_owned())
    );
}

#[tokio::test]
async fn an_unknown_kind_is_refused_and_so_is_a_caller_without_the_right() {
    let world = World::new().await;
    let answer = world.post(PATH, &[], &ask("|", "poem")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (422, "invalid-request")
    );
    let request = Request::post(PATH)
        .header("content-type", "application/json")
        .body(Body::from(ask("|", "workflow").to_string()))
        .unwrap();
    assert_eq!(world.send(&[Role::Integration], request).await.status, 403);
}

#[tokio::test]
async fn a_text_is_checked_as_publishing_it_would() {
    const CHECK: &str = "/api/v1/definitions/check";
    let world = World::new().await;
    let text =
        "caseType: a.b\nversion: 1\nstatuses: { new: { initial: true }, done: { final: true } }\n";
    let found = world
        .post(CHECK, &[], &json!({ "text": text }))
        .await
        .json();
    assert_eq!(
        found,
        json!({ "kind": "case-type", "name": "a.b", "version": "1", "problems": [] })
    );
    let clocks = format!("{text}calendar: nowhere\n");
    let found = world
        .post(CHECK, &[], &json!({ "path": "b.yaml", "text": clocks }))
        .await
        .json();
    let problem = &found["problems"][0];
    assert_eq!(
        (&problem["code"], &problem["line"], &problem["file"]),
        (&json!("unknown-calendar"), &json!(4), &json!("b.yaml"))
    );
    assert_eq!(found["name"], Value::Null);
    let unclear = world.post(CHECK, &[], &json!({ "text": "milk: 2" })).await;
    assert_eq!(
        (unclear.status.as_u16(), unclear.code().as_str()),
        (422, "invalid-request")
    );
}

#[tokio::test]
async fn the_classification_is_read_page_by_page() {
    let world = World::new().await;
    let plan = ImportPlan {
        kind: ImportKind::Kle,
        source: "kle".to_owned(),
        brought_by: "kle.csv".to_owned(),
        fields: ["code", "title", "date"].map(str::to_owned).to_vec(),
        dry_run: false,
    };
    let row = |(code, title, date): (&str, &str, &str)| ImportRow {
        line: 2,
        values: [code, title, date].map(str::to_owned).to_vec(),
    };
    let rows = [("07", "Affald", "2026-01-01"), ("07.18", "Genbrug", "")].map(row);
    let brought = Import::new(&world.engine, plan).take(&rows).await.unwrap();
    assert_eq!(brought, [RowOutcome::Created, RowOutcome::Created]);
    let first = world.get("/api/v1/kle?limit=1").await.json();
    let affald = json!([{ "code": "07", "title": "Affald", "date": "2026-01-01" }]);
    assert_eq!((&first["items"], &first["next"]), (&affald, &json!("07")));
    let last = world.get("/api/v1/kle?after=07").await.json();
    let genbrug = json!([{ "code": "07.18", "title": "Genbrug" }]);
    assert_eq!((&last["items"], &last["next"]), (&genbrug, &Value::Null));
}
