//! Addresses that hear of events.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod deliveries;
pub(crate) mod list;
pub(crate) mod read;

use crate::problem::{Problem, code};
use axum::http::HeaderMap;
use axum::http::header::ETAG;
use sagsgang_domain::Right;
use sagsgang_runtime::WebhookError;
use uuid::Uuid;

fn id(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| Problem::new(&code::NOT_FOUND))
}

fn version(version: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(value) = format!("\"{version}\"").parse() {
        headers.insert(ETAG, value);
    }
    headers
}

fn problem(error: WebhookError) -> Problem {
    match error {
        WebhookError::NotFound => Problem::new(&code::NOT_FOUND),
        WebhookError::NotAllowed => {
            Problem::new(&code::NOT_ALLOWED).with("right", Right::ManageWebhooks)
        }
        WebhookError::Stale { current } => Problem::new(&code::STALE_VERSION)
            .detail(format!("the webhook is at version {current} now"))
            .with("currentVersion", current),
        WebhookError::Url(_) | WebhookError::Secret | WebhookError::NoKey => {
            Problem::new(&code::WEBHOOK_INVALID).detail(error)
        }
        WebhookError::Engine(error) => error.into(),
    }
}
