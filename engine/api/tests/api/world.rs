//! An engine, its router, and requests to it.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use sagsgang_api::router;
use sagsgang_domain::{Caller, Role};
use sagsgang_runtime::{Engine, EngineOptions, Principal};
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;

const CASE_TYPE: &str = "
caseType: test.report
version: 1
title: { da: Melding, en: Report }
fields: { type: object, properties: { repeats: { type: integer } } }
statuses: { created: { initial: true }, open: {}, closed: { final: true } }
transitions:
  - { name: begin, from: [created], to: open }
  - { name: finish, from: [open], to: closed }
";

/// An engine with one case type, and its router.
pub struct World {
    pub engine: Arc<Engine>,
    router: Router,
    _data: TempDir,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.bytes)))
    }

    /// The code of a problem.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut EngineOptions)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut options = EngineOptions::in_folder(data.path().to_owned());
        change(&mut options);
        let engine = Engine::open(options).await.unwrap();
        let files = vec![("report.yaml".to_owned(), CASE_TYPE.to_owned())];
        engine.publish(&Caller::system(), files).await.unwrap();
        Self {
            router: router(Arc::clone(&engine)),
            engine,
            _data: data,
        }
    }

    /// Sends a request as somebody with these roles; without roles as nobody.
    pub async fn send(&self, roles: &[Role], mut request: Request<Body>) -> Answer {
        if !roles.is_empty() {
            request.extensions_mut().insert(principal(roles));
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    /// Sends JSON as an administrator.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut request = Request::post(path).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(
            &[Role::Administrator],
            request.body(Body::from(body.to_string())).unwrap(),
        )
        .await
    }

    /// Reads as an administrator.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(
            &[Role::Administrator],
            Request::get(path).body(Body::empty()).unwrap(),
        )
        .await
    }
}

pub fn principal(roles: &[Role]) -> Principal {
    Principal {
        name: "prøve".to_owned(),
        display_name: "Prøve Person".to_owned(),
        roles: roles.to_vec(),
        team: None,
        locale: "da".to_owned(),
        session: None,
        preferences: Default::default(),
    }
}
