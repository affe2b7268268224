//! `GET /webhooks/{webhook}`: one address.

use super::{id, version};
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::shape::webhook::Webhook;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("An address that hears of events.")
        .answer::<Webhook>(200, "The webhook; `ETag` has its version.")
}

pub(crate) async fn read(
    State(engine): State<Arc<Engine>>,
    Path(webhook): Path<String>,
) -> Result<Response, Problem> {
    let found = engine.webhook(id(&webhook)?).await?;
    let found = found.ok_or_else(|| Problem::new(&code::NOT_FOUND))?;
    Ok((version(found.version), Json(Webhook::from(found))).into_response())
}
