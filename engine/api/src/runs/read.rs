//! `GET /runs/{run}`: a run of a workflow.

use super::run_id;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::shape::run::Run;
use axum::Json;
use axum::extract::{Path, State};
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("A run of a workflow.").answer::<Run>(200, "The run.")
}

pub(crate) async fn read(
    State(engine): State<Arc<Engine>>,
    Path(run): Path<String>,
) -> Result<Json<Run>, Problem> {
    let run = engine.run(run_id(&run)?).await?;
    Ok(Json(
        run.ok_or_else(|| Problem::new(&code::NOT_FOUND))?.into(),
    ))
}
