//! Who may use a route.

use crate::problem::{Problem, code};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sagsgang_domain::Right;
use sagsgang_runtime::Principal;

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
