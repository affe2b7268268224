//! `GET /plugins/{plugin}/failures`: why calls of a plugin failed.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::shape::{Page, failed_call::FailedCall};
use axum::Json;
use axum::extract::{Path, State};
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("The latest failed calls of a plugin since the start, with their log and their requests to the outside.")
        .page::<FailedCall>("The failed calls, the newest first.")
}

pub(crate) async fn failures(
    State(engine): State<Arc<Engine>>,
    Path(plugin): Path<String>,
) -> Result<Json<Page<FailedCall>>, Problem> {
    let failures = engine
        .plugin_failures(&plugin)
        .ok_or_else(|| Problem::new(&code::NOT_FOUND))?;
    Ok(Json(Page::whole(
        failures.into_iter().map(FailedCall::from).collect(),
    )))
}
