//! Messages, events from outside, and what changes as a stream.

use crate::world::World;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use sagsgang_domain::Role;
use serde_json::json;

const MAIL: &str = "From: Anna Lind <anna@borger.example>\r\nTo: affald@eksempelkoebing.example\r\n\
                    Subject: Ikke tomt\r\nMessage-ID: <1@borger.example>\r\n\r\nSkraldespanden er ikke tomt.\r\n";

async fn deliver(world: &World) -> serde_json::Value {
    let request = Request::post("/api/v1/inbox")
        .header("content-type", "message/rfc822")
        .body(Body::from(MAIL));
    let answer = world.send(&[Role::Integration], request.unwrap()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.json());
    answer.json()
}

#[tokio::test]
async fn a_message_becomes_a_case_and_goes_back() {
    let world = World::new().await;
    let message = deliver(&world).await;
    assert_eq!(message["from"], "anna@borger.example");
    let path = format!("/api/v1/inbox/{}", message["id"].as_str().unwrap());
    assert_eq!(
        world.get("/api/v1/inbox").await.json()["items"][0]["id"],
        message["id"]
    );
    let body = json!({ "caseType": "test.report" });
    let created = world.post(&format!("{path}/create-case"), &[], &body).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.json());
    let case = created.json();
    assert_eq!(case["title"], "Ikke tomt");
    let read = world.get(&path).await.json();
    assert_eq!(read["caseNumber"], case["number"]);
    assert_eq!(world.get("/api/v1/inbox").await.json()["items"], json!([]));
    assert_eq!(
        world.get("/api/v1/inbox?linked=true").await.json()["items"][0]["case"],
        case["id"]
    );
    let unlinked = world.post(&format!("{path}/unlink"), &[], &json!({})).await;
    assert_eq!(unlinked.status, StatusCode::OK, "{}", unlinked.json());
    let linked = world
        .post(
            &format!("{path}/link"),
            &[],
            &json!({ "case": case["number"] }),
        )
        .await;
    assert_eq!(linked.json()["events"][0]["type"], "case.linked.v1");
    assert_eq!(world.get("/api/v1/inbox/nothing").await.code(), "not-found");
}

#[tokio::test]
async fn a_message_of_another_kind_is_refused() {
    let world = World::new().await;
    let answer = world.post("/api/v1/inbox", &[], &json!({})).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong-media-type")
    );
}

#[tokio::test]
async fn the_same_event_is_answered_alike() {
    let world = World::new().await;
    let event = json!({ "specversion": "1.0", "id": "7", "source": "/scale", "type": "dk.example.weighed", "data": {} });
    let first = world.post("/api/v1/events", &[], &event).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.json());
    let again = world.post("/api/v1/events", &[], &event).await;
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    let broken = world
        .post("/api/v1/events", &[], &json!({ "id": "7" }))
        .await;
    assert_eq!(broken.code(), "invalid-request");
}

#[tokio::test]
async fn what_changes_is_told_with_topic_and_version_only() {
    use futures_util::StreamExt;
    use tower::ServiceExt;
    let world = World::new().await;
    let mut request = Request::get("/api/v1/events").body(Body::empty()).unwrap();
    request
        .extensions_mut()
        .insert(crate::world::principal(&[Role::Caseworker]));
    let response = sagsgang_api::router(world.engine.clone())
        .oneshot(request)
        .await
        .unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    let body = json!({ "caseType": "test.report", "title": "Hemmelig titel" });
    let case = world.post("/api/v1/cases", &[], &body).await.json();
    let told = stream.next().await.unwrap().unwrap();
    let told = String::from_utf8_lossy(&told);
    assert_eq!(
        told,
        format!("data: case:{} v1\n\n", case["number"].as_str().unwrap())
    );
}

#[tokio::test]
async fn the_inbox_is_read_page_by_page() {
    let world = World::new().await;
    for number in 1..=3 {
        let mail = MAIL.replace("<1@", &format!("<{number}@"));
        let request = Request::post("/api/v1/inbox")
            .header("content-type", "message/rfc822")
            .body(Body::from(mail));
        world.send(&[Role::Integration], request.unwrap()).await;
    }
    let mut seen = Vec::new();
    let mut address = "/api/v1/inbox?limit=2".to_owned();
    loop {
        let page = world.get(&address).await.json();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["messageId"].clone()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        assert_eq!(items.len(), 2);
        address = format!("/api/v1/inbox?limit=2&after={next}");
    }
    assert_eq!(
        seen,
        ["3@borger.example", "2@borger.example", "1@borger.example"]
    );
    let outbox = world.get("/api/v1/outbox?limit=1").await.json();
    assert_eq!(outbox, json!({ "items": [], "next": null }));
}
