//! `DELETE /webhooks/{webhook}`: an address hears no more.

use super::{id, problem};
use crate::openapi::Description;
use crate::problem::Problem;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Forgets an address and what it has yet to hear.")
        .empty_answer(204, "It is gone.")
}

pub(crate) async fn delete(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(webhook): Path<String>,
) -> Result<StatusCode, Problem> {
    engine
        .delete_webhook(&principal.caller(), id(&webhook)?)
        .await
        .map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}
