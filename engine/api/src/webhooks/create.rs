//! `POST /webhooks`: a new address.

use super::{problem, version};
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::Sent;
use crate::shape::webhook::{PutWebhook, WebhookWithSecret};
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Tells an address of events from now on, signed as Standard Webhooks has it.")
        .json_body::<PutWebhook>()
        .answer::<WebhookWithSecret>(
            201,
            "The webhook. Only this answer has its `secret`; `Location` has its address.",
        )
}

pub(crate) async fn create(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    sent: Sent<PutWebhook>,
) -> Result<Response, Problem> {
    let made = engine
        .create_webhook(&principal.caller(), sent.value.into())
        .await
        .map_err(problem)?;
    let mut headers = version(made.version);
    if let Ok(place) = format!("/api/v1/webhooks/{}", made.id).parse() {
        headers.insert(header::LOCATION, place);
    }
    let answer = Json(WebhookWithSecret::from(made));
    Ok((StatusCode::CREATED, headers, answer).into_response())
}
