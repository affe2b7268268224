//! Addresses that hear of events, as programs manage them.

use crate::world::World;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use sagsgang_domain::Role;
use serde_json::{Value, json};

async fn send(
    world: &World,
    role: Role,
    method: &str,
    path: &str,
    version: &str,
    body: &Value,
) -> (StatusCode, Value, String) {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json");
    if !version.is_empty() {
        request = request.header("if-match", version);
    }
    let request = request.body(Body::from(body.to_string())).unwrap();
    let answer = world.send(&[role], request).await;
    let etag = answer.header("etag").to_owned();
    let json = if answer.bytes.is_empty() {
        Value::Null
    } else {
        answer.json()
    };
    (answer.status, json, etag)
}

#[tokio::test]
async fn a_webhook_is_made_changed_and_removed_and_its_secret_is_shown_once() {
    let world = World::new().await;
    let wanted = json!({ "url": "https://system.example.dk/hook", "types": ["case.created.v1"] });
    let (status, made, etag) = send(
        &world,
        Role::Integration,
        "POST",
        "/api/v1/webhooks",
        "",
        &wanted,
    )
    .await;
    assert_eq!(
        (status, etag.as_str()),
        (StatusCode::CREATED, "\"1\""),
        "{made}"
    );
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    let path = format!("/api/v1/webhooks/{}", made["id"].as_str().unwrap());
    let read = world.get(&path).await.json();
    assert!(read["secret"].is_null() && read["enabled"] == true && read["reason"].is_null());
    let listed = world.get("/api/v1/webhooks").await.json();
    assert_eq!(listed["items"], json!([read]));

    let report = json!({ "caseType": "test.report", "title": "Melding" });
    world.post("/api/v1/cases", &[], &report).await;
    let told = world.get(&format!("{path}/deliveries")).await.json();
    assert_eq!(told["items"][0]["type"], "case.created.v1", "{told}");
    assert_eq!(told["items"][0]["state"], "queued");
    assert!(told["items"][0]["event"]["data"]["title"].is_null());

    let paused = json!({ "url": "https://system.example.dk/hook", "enabled": false });
    let (status, _, _) = send(&world, Role::Administrator, "PUT", &path, "\"7\"", &paused).await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
    let (status, changed, etag) =
        send(&world, Role::Administrator, "PUT", &path, "\"1\"", &paused).await;
    assert_eq!(
        (status, etag.as_str()),
        (StatusCode::OK, "\"2\""),
        "{changed}"
    );
    world.post("/api/v1/cases", &[], &report).await;
    let told = world.get(&format!("{path}/deliveries")).await.json();
    assert_eq!(told["items"].as_array().unwrap().len(), 1);

    let (status, _, _) = send(&world, Role::Administrator, "DELETE", &path, "", &json!({})).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(world.get(&path).await.code(), "not-found");
}

#[tokio::test]
async fn an_address_inside_is_refused_and_a_caseworker_may_not() {
    let world = World::new().await;
    for url in ["https://10.0.0.1/hook", "http://system.example.dk/hook"] {
        let (status, answer, _) = send(
            &world,
            Role::Integration,
            "POST",
            "/api/v1/webhooks",
            "",
            &json!({ "url": url }),
        )
        .await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{url}");
        assert_eq!(answer["code"], "webhook-invalid");
    }
    let wanted = json!({ "url": "https://system.example.dk/hook" });
    let (status, _, _) = send(
        &world,
        Role::Caseworker,
        "POST",
        "/api/v1/webhooks",
        "",
        &wanted,
    )
    .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}
