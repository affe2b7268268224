//! `GET /cases/{case}/documents`: the files of a case.

use super::case_ref;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::shape::{Page, message::Document};
use axum::Json;
use axum::extract::{Path, State};
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("The files of a case.").page::<Document>("The files, the oldest first.")
}

pub(crate) async fn documents(
    State(engine): State<Arc<Engine>>,
    Path(case): Path<String>,
) -> Result<Json<Page<Document>>, Problem> {
    let view = engine.case_view(&case_ref(&case)).await?;
    let view = view.ok_or_else(|| Problem::new(&code::NOT_FOUND))?;
    Ok(Json(Page::whole(
        view.documents.into_iter().map(Document::from).collect(),
    )))
}
