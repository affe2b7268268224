//! `GET /plugins/{plugin}/calls`: what calls of a plugin wrote and asked outside.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::shape::{Page, done_call::DoneCall};
use axum::Json;
use axum::extract::{Path, State};
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new(
        "The latest calls of a plugin since the start that went well and wrote to the log or sent requests to the outside.",
    )
    .page::<DoneCall>("The calls, the newest first.")
}

pub(crate) async fn calls(
    State(engine): State<Arc<Engine>>,
    Path(plugin): Path<String>,
) -> Result<Json<Page<DoneCall>>, Problem> {
    let calls = engine
        .plugin_calls(&plugin)
        .ok_or_else(|| Problem::new(&code::NOT_FOUND))?;
    let calls = calls.into_iter().map(DoneCall::from);
    Ok(Json(Page::whole(calls.collect())))
}
