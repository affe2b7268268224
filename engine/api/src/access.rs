//! Who may use a route.

use crate::problem::{Problem, code};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sagsgang_domain::Right;
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

/// After so long somebody may ask again who was refused because too much waits.
const RETRY_SECONDS: u64 = 1;

/// What a route asks of who calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing: it tells nothing about anybody.
    Public,
    /// A right, by one of the caller's roles.
    Right(Right),
}

/// The layer around each route.
pub(crate) async fn check(State(access): State<Access>, request: Request, next: Next) -> Response {
    let principal = request.extensions().get::<Principal>();
    match (access, principal) {
        (Access::Public, _) => next.run(request).await,
        (Access::Right(_), None) => Problem::new(&code::NOT_AUTHENTICATED).into_response(),
        (Access::Right(right), Some(principal)) if principal.may(right) => next.run(request).await,
        (Access::Right(right), Some(_)) => Problem::new(&code::NOT_ALLOWED)
            .with("right", right)
            .into_response(),
    }
}

/// The layer around routes that bring work, inside the one that asks for the right.
pub(crate) async fn yielding(
    State(engine): State<Arc<Engine>>,
    request: Request,
    next: Next,
) -> Response {
    match engine.is_pressed() {
        true => Problem::new(&code::TOO_MANY_REQUESTS)
            .detail("more waits to be done than may wait; nothing of this request was done")
            .retry_after(RETRY_SECONDS)
            .into_response(),
        false => next.run(request).await,
    }
}
