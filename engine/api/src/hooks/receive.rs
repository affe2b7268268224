//! `POST /hooks/{channel}`: a carrier reports what became of messages. The channel's plugin tells whether it is the carrier.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::most_bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use sagsgang_runtime::{Engine, Hook, HookError};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new(
        "A report of a carrier of messages. Whether it comes from the carrier is told by the channel's plugin, by a signature \
         for example; it needs no token of ours.",
    )
    .bytes_body(&["application/json", "application/x-www-form-urlencoded"])
    .empty_answer(204, "It was taken.")
    .refuses(&[401, 409, 503])
}

pub(crate) async fn receive(
    State(engine): State<Arc<Engine>>,
    Path(channel): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let text = |value: &axum::http::HeaderValue| value.to_str().ok().map(str::to_owned);
    let headers = request.headers().iter();
    let headers = headers.filter_map(|(name, value)| Some((name.to_string(), text(value)?)));
    let hook = Hook {
        method: request.method().to_string(),
        query,
        headers: headers.collect(),
        body: String::new(),
    };
    let body = most_bytes(request, &()).await?;
    let body = String::from_utf8(body.to_vec())
        .map_err(|_| Problem::new(&code::MALFORMED).detail("the body is not text in UTF-8"))?;
    match engine.take_report(&channel, Hook { body, ..hook }).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err(problem(error)),
    }
}

fn problem(error: HookError) -> Problem {
    match error {
        HookError::NotFound => Problem::new(&code::NOT_FOUND),
        HookError::Unauthenticated(reason) => Problem::new(&code::NOT_AUTHENTICATED).detail(reason),
        HookError::Refused(reason) => Problem::new(&code::INVALID).detail(reason),
        HookError::Later {
            reason,
            retry_after_seconds,
        } => Problem::new(&code::UNAVAILABLE)
            .detail(reason)
            .retry_after(retry_after_seconds),
        HookError::Engine(error) => error.into(),
    }
}
