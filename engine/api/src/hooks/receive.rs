//! `POST /hooks/{channel}`: a carrier reports what became of messages. The channel's plugin tells whether it is the carrier.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::most_bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
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
    let headers = request.headers().iter().filter_map(carriers);
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

/// A header that the plugin gets to see. What may be somebody's way into this system stays here: a browser that is made to
/// post to a hook sends its session along.
fn carriers((name, value): (&HeaderName, &HeaderValue)) -> Option<(String, String)> {
    let text = value.to_str().ok()?;
    let is_bearer = || {
        text.trim_start()
            .get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "))
    };
    let is_ours = *name == COOKIE || (*name == AUTHORIZATION && is_bearer());
    (!is_ours).then(|| (name.to_string(), text.to_owned()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_sees_neither_a_session_nor_a_token_of_ours() {
        let seen = |name: &'static str, value: &'static str| {
            let header = (
                &HeaderName::from_static(name),
                &HeaderValue::from_static(value),
            );
            carriers(header).map(|(_, value)| value)
        };
        assert_eq!(seen("cookie", "session=1"), None);
        assert_eq!(seen("authorization", "Bearer t0ken"), None);
        assert_eq!(seen("authorization", "bearer t0ken"), None);
        assert_eq!(
            seen("authorization", "Basic Zm9v").as_deref(),
            Some("Basic Zm9v"),
            "a carrier's own"
        );
        assert_eq!(seen("x-gwapi-signature", "a.b.c").as_deref(), Some("a.b.c"));
    }
}
