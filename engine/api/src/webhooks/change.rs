//! `PUT /webhooks/{webhook}`: the address as it shall be.

use super::{id, problem, version};
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::{Expected, Sent};
use crate::shape::webhook::{PutWebhook, Webhook};
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::response::{IntoResponse, Response};
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new(
        "Changes an address that hears of events. One that was disabled after failures is tried again.",
    )
    .versioned()
    .json_body::<PutWebhook>()
    .answer::<Webhook>(200, "The webhook as it is now.")
}

pub(crate) async fn change(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(webhook): Path<String>,
    expected: Expected,
    sent: Sent<PutWebhook>,
) -> Result<Response, Problem> {
    let changed = engine
        .change_webhook(
            &principal.caller(),
            id(&webhook)?,
            expected.0,
            sent.value.into(),
        )
        .await
        .map_err(problem)?;
    Ok((version(changed.version), Json(Webhook::from(changed))).into_response())
}
