//! `DELETE /plugins/{plugin}`: takes a plugin out.

use super::problem;
use crate::openapi::Description;
use crate::problem::Problem;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new(
        "Removes a plugin with its settings and its values. Refused while a workflow calls it.",
    )
    .empty_answer(204, "It is gone.")
    .refuses(&[409])
}

pub(crate) async fn remove(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(plugin): Path<String>,
) -> Result<StatusCode, Problem> {
    engine
        .remove_plugin(&principal.caller(), &plugin)
        .await
        .map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}
