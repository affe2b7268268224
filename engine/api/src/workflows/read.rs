//! `GET /workflows/{namespace}/{name}`: the text of a workflow.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::Query;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("The text of a workflow.")
        .query("version", "Another version than the active one.")
        .bytes_answer(200, "application/yaml", "The text as it was published.")
}

pub(crate) async fn read(
    State(engine): State<Arc<Engine>>,
    Path((namespace, name)): Path<(String, String)>,
    mut query: Query,
) -> Result<Response, Problem> {
    let version = query.one("version");
    query.finish()?;
    let text = engine.workflow_text(&format!("{namespace}/{name}"), version.as_deref());
    let text = text.ok_or_else(|| Problem::new(&code::NOT_FOUND))?;
    Ok(([(header::CONTENT_TYPE, "application/yaml")], text).into_response())
}
