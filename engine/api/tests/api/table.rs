//! The table of routes against the OpenAPI document and against the rights.

use crate::world::World;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use sagsgang_api::{Access, document, routes};
use sagsgang_domain::Role;
use serde_json::Value;
use std::collections::BTreeSet;

fn parsed() -> Value {
    serde_json::from_str(&document().to_json().unwrap()).unwrap()
}

#[test]
fn the_document_and_the_table_have_the_same_routes() {
    let document = parsed();
    assert_eq!(document["openapi"], "3.1.0");
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    let table: Vec<_> = routes()
        .iter()
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    let rows: BTreeSet<_> = table.iter().cloned().collect();
    assert_eq!(rows.len(), table.len(), "a row stands twice");
    assert_eq!(described, rows);
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_how_it_answers() {
    let document = parsed();
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} stands twice");
            let answers = operation["responses"].as_object().unwrap();
            assert!(
                answers.keys().any(|status| status.starts_with('2')),
                "{path} {name}"
            );
            let named: BTreeSet<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            let in_path: BTreeSet<&str> = path
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                .collect();
            assert_eq!(named, in_path, "{path}");
        }
    }
}

#[test]
fn every_reference_leads_to_a_shape() {
    fn collect<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(object) => {
                if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                    found.insert(reference);
                }
                object.values().for_each(|inner| collect(inner, found));
            }
            Value::Array(items) => items.iter().for_each(|inner| collect(inner, found)),
            _ => {}
        }
    }
    let document = parsed();
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

/// A path with its parameters filled in.
fn filled_in(path: &str) -> String {
    let id = "01932d5c-7a00-7000-8000-000000000001";
    let part = |part: &str| {
        if part.starts_with('{') {
            id.to_owned()
        } else {
            part.to_owned()
        }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_route_asks_for_its_right() {
    let world = World::new().await;
    for route in routes() {
        let request = || {
            Request::builder()
                .method(route.method.clone())
                .uri(filled_in(route.path))
                .body(Body::empty())
        };
        let place = format!("{} {}", route.method, route.path);
        let nobody = world.send(&[], request().unwrap()).await;
        let Access::Right(right) = route.access else {
            assert_ne!(nobody.status, StatusCode::UNAUTHORIZED, "{place}");
            continue;
        };
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{place}");
        assert_eq!(nobody.code(), "not-authenticated", "{place}");
        let all = Role::PEOPLE.iter().chain(&[Role::Workflow, Role::System]);
        let without: Vec<Role> = all
            .filter(|role| !right.roles().contains(role))
            .copied()
            .collect();
        let answer = world.send(&without, request().unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{place}");
        assert_eq!(
            answer.json()["right"],
            serde_json::to_value(right).unwrap(),
            "{place}"
        );
    }
}

#[tokio::test]
async fn what_is_not_in_the_table_is_not_there() {
    let world = World::new().await;
    assert_eq!(world.get("/api/v1/secrets").await.code(), "not-found");
    let request = Request::delete("/api/v1/cases")
        .body(Body::empty())
        .unwrap();
    let answer = world.send(&[Role::Administrator], request).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed")
    );
    assert!(answer.header("allow").contains("POST"));
}

#[tokio::test]
async fn the_documentation_is_served() {
    let world = World::new().await;
    let nobody = |path: &str| world.send(&[], Request::get(path).body(Body::empty()).unwrap());
    let served: Value = nobody("/api/openapi.json").await.json();
    assert_eq!(served, parsed());
    let page = nobody("/api/docs").await;
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(String::from_utf8_lossy(&page.bytes).contains("/api/v1/cases"));
    assert_eq!(
        nobody("/api/docs/errors/stale-version").await.status,
        StatusCode::OK
    );
    assert_eq!(
        nobody("/api/docs/errors/illegal-transition").await.status,
        StatusCode::OK
    );
    assert_eq!(
        nobody("/api/docs/errors/no-such-code").await.status,
        StatusCode::NOT_FOUND
    );
    assert!(
        nobody("/api/docs/style.css")
            .await
            .header("content-type")
            .starts_with("text/css")
    );
}

#[tokio::test]
async fn who_brings_work_while_too_much_waits_is_asked_to_come_again() {
    let world = World::with(|options| options.most_waiting = 0).await;
    let new = serde_json::json!({ "caseType": "waste.report", "title": "Klage" });
    let refused = world.post("/api/v1/cases", &[], &new).await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("retry-after")),
        (429, "1")
    );
    assert_eq!(refused.code(), "too-many-requests");
    // Reading, and deciding about what is there, go on.
    assert_eq!(world.get("/api/v1/cases").await.status, 200);
    let pressing: Vec<&str> = routes()
        .iter()
        .filter(|route| route.yields)
        .map(|route| route.path)
        .collect();
    assert!(pressing.contains(&"/api/v1/events"), "{pressing:?}");
}
