//! `POST /inbox`: a message as it arrived.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::most_bytes;
use crate::shape::message;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Puts an e-mail (RFC 5322) into the customer inbox, as if it had arrived.")
        .bytes_body(&["message/rfc822"])
        .answer::<message::Message>(
            201,
            "The message. One that cannot be read is kept too, in quarantine.",
        )
}

pub(crate) async fn deliver(
    State(engine): State<Arc<Engine>>,
    request: Request,
) -> Result<Response, Problem> {
    let media_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if !media_type.unwrap_or_default().starts_with("message/rfc822") {
        return Err(Problem::new(&code::WRONG_MEDIA_TYPE).detail("the route reads message/rfc822"));
    }
    let raw = most_bytes(request, &()).await?;
    let message = engine.deliver_mail(raw.into()).await?;
    let address = format!("/api/v1/inbox/{}", message.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, address)],
        Json(message),
    )
        .into_response())
}
