//! `GET /cases/{case}`: a case.

use super::{answer, found};
use crate::openapi::Description;
use crate::problem::Problem;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("A case, by its id or its number.").case_answer(200, "The case.")
}

pub(crate) async fn read(
    State(engine): State<Arc<Engine>>,
    Path(case): Path<String>,
) -> Result<Response, Problem> {
    Ok(answer(StatusCode::OK, &found(&engine, &case).await?))
}
