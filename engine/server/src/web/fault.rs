//! Our faults: a panic becomes an answer, and every such answer names the reference under which the log has it.

use super::trace::RequestId;
use axum::extract::{Extension, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sagsgang_api::Problem;
use sagsgang_api::problem::code;
use std::any::Any;

/// A handler panicked: the process goes on, the caller is told.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer hands the panic over by value"
)]
pub(super) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let words = panic.downcast_ref::<&str>().map(ToString::to_string);
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    tracing::error!(panic = words.unwrap_or_default(), "a handler panicked");
    Problem::new(&code::INTERNAL).into_response()
}

/// Adds the reference to answers that admit a fault.
pub(super) async fn refer(
    Extension(id): Extension<RequestId>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Problem>() {
        None => response,
        Some(problem) => {
            let mut answer = problem.with("reference", id.0.as_ref()).into_response();
            // What the layers further in have added stays.
            for (name, value) in response.headers() {
                if !answer.headers().contains_key(name)
                    && name != axum::http::header::CONTENT_LENGTH
                {
                    answer.headers_mut().insert(name, value.clone());
                }
            }
            answer
        }
    }
}
