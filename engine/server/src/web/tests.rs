//! The layers around pages and API, over a real engine.

use super::*;
use crate::start;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode};
use sagsgang_domain::Role;
use sagsgang_runtime::{EngineOptions, NewAccount};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

const PASSWORD: &str = "prøve-adgang-1-2-3";

struct World {
    web: Web,
    _data: TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl World {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let engine = Engine::open(EngineOptions::in_folder(data.path().to_owned()))
            .await
            .unwrap();
        start::publish_pack(&engine).await.unwrap();
        engine
            .put_account(NewAccount {
                name: "jonas".to_owned(),
                display_name: "Jonas Holm".to_owned(),
                roles: vec![Role::Caseworker],
                team: None,
                password: Some(PASSWORD.to_owned()),
                locale: "da".to_owned(),
            })
            .await
            .unwrap();
        let web = Web {
            engine,
            metrics: Arc::default(),
            closing: CancellationToken::new(),
        };
        Self { web, _data: data }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        send(router(self.web.clone()), method, path, headers, body).await
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, headers, "").await
    }
}

async fn send(
    router: Router,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router
        .oneshot(request.body(Body::from(body.to_owned())).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text,
    }
}

#[tokio::test]
async fn health_and_figures_are_open_to_everybody() {
    let world = World::new().await;
    assert_eq!(world.get("/health/live", &[]).await.status, StatusCode::OK);
    assert_eq!(world.get("/health/ready", &[]).await.status, StatusCode::OK);
    let figures = world.get("/metrics", &[]).await.text;
    assert!(
        figures.contains("sagsgang_http_requests_total{method=\"GET\",status=\"2xx\"} 2"),
        "{figures}"
    );
    world.web.closing.cancel();
    assert_eq!(
        world.get("/health/ready", &[]).await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
}

#[tokio::test]
async fn a_token_and_a_session_both_say_who_asks() {
    let world = World::new().await;
    assert_eq!(
        world.get("/api/v1/cases", &[]).await.status,
        StatusCode::UNAUTHORIZED
    );
    let token = world.web.engine.make_token("jonas", None).await.unwrap();
    let bearer = format!("Bearer {token}");
    assert_eq!(
        world
            .get("/api/v1/cases", &[("authorization", &bearer)])
            .await
            .status,
        StatusCode::OK
    );
    assert_eq!(
        world
            .get("/api/v1/cases", &[("authorization", "Bearer no")])
            .await
            .status,
        StatusCode::UNAUTHORIZED
    );
    let session = world
        .web
        .engine
        .log_in("jonas", PASSWORD, "test")
        .await
        .unwrap();
    let cookie = format!("session={session}");
    assert_eq!(
        world
            .get("/api/v1/cases", &[("cookie", &cookie)])
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_request_that_another_site_forged_is_refused() {
    let world = World::new().await;
    let session = world
        .web
        .engine
        .log_in("jonas", PASSWORD, "test")
        .await
        .unwrap();
    let cookie = format!("session={session}");
    let body = r#"{"caseType":"waste.complaint","title":"Klage"}"#;
    let post = async |site: &str| {
        let headers = [
            ("cookie", cookie.as_str()),
            ("content-type", "application/json"),
            ("sec-fetch-site", site),
        ];
        world
            .send(Method::POST, "/api/v1/cases", &headers, body)
            .await
    };
    let forged = post("cross-site").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert!(forged.text.contains("\"cross-site\""));
    assert_eq!(post("same-origin").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn pages_say_what_browsers_must_hold_to() {
    let world = World::new().await;
    for path in ["/login", "/api/docs"] {
        let page = world.get(path, &[]).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert!(page.headers.contains_key("x-request-id"));
    }
}

#[tokio::test]
async fn the_page_of_the_editor_permits_its_own_styles_and_no_others() {
    let world = World::new().await;
    let engine = &world.web.engine;
    let account = NewAccount {
        name: "karla".to_owned(),
        display_name: "Karla Dam".to_owned(),
        roles: vec![Role::Configurator],
        team: None,
        password: Some(PASSWORD.to_owned()),
        locale: "da".to_owned(),
    };
    engine.put_account(account).await.unwrap();
    let session = engine.log_in("karla", PASSWORD, "test").await.unwrap();
    let cookie = format!("session={session}");
    let get = async |path: &str| {
        let page = world.get(path, &[("cookie", &cookie)]).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        (page.text.clone(), policy.to_owned())
    };
    let mut seen = Vec::new();
    for _ in 0..2 {
        let (text, policy) = get("/settings/workflows/-/new").await;
        let nonce = text
            .split("nonce=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let nonce = nonce.unwrap().to_owned();
        assert!(
            policy.contains(&format!("style-src 'self' 'nonce-{nonce}'")),
            "{policy}"
        );
        assert!(policy.contains("script-src 'self';"), "{policy}");
        seen.push(nonce);
    }
    assert_ne!(seen[0], seen[1], "each answer has its own");
    let (text, policy) = get("/settings/workflows").await;
    assert!(
        !policy.contains("nonce") && !text.contains("editor.min.js"),
        "{policy}"
    );
}

#[tokio::test]
async fn what_is_worth_it_is_compressed() {
    let world = World::new().await;
    let encoding = [("accept-encoding", "gzip")];
    let large = world.get("/api/openapi.json", &encoding).await;
    assert_eq!(large.headers["content-encoding"], "gzip");
    let small = world.get("/health/live", &encoding).await;
    assert!(!small.headers.contains_key("content-encoding"));
}

#[tokio::test]
async fn a_panic_is_answered_with_the_reference_in_the_log() {
    let world = World::new().await;
    async fn broken() -> StatusCode {
        panic!("an invariant is broken")
    }
    let router = Router::new()
        .route("/broken", get(broken))
        .layer(CatchPanicLayer::custom(fault::panicked))
        .layer(from_fn(fault::refer))
        .layer(from_fn_with_state(world.web.clone(), trace::trace));
    let answer = send(router, Method::GET, "/broken", &[], "").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    let problem: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(problem["code"], "internal");
    assert_eq!(
        problem["reference"],
        answer.headers["x-request-id"].to_str().unwrap()
    );
    assert!(!answer.text.contains("invariant"));
}

#[tokio::test]
async fn an_event_stream_ends_when_the_server_stops() {
    let world = World::new().await;
    let token = world.web.engine.make_token("jonas", None).await.unwrap();
    let request = Request::get("/api/v1/events")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    let response = router(world.web.clone()).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    world.web.closing.cancel();
    let rest = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert!(rest.is_empty());
}
