//! `GET /runs`: runs of workflows.

use crate::cases::found;
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::{Query, paging};
use crate::shape::{Page, operation::Run};
use axum::Json;
use axum::extract::State;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Runs of workflows, the newest first.")
        .query("case", "Id or number of a case: its runs only.")
        .query("state", "Where they stand, such as `waiting` or `faulted`.")
        .query("limit", "Rows of the page: 50, at most 500.")
        .page::<Run>("The runs.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
    mut query: Query,
) -> Result<Json<Page<Run>>, Problem> {
    let case = query.one("case");
    let state = query.one("state");
    let (_, limit) = paging(&mut query)?;
    query.finish()?;
    let case = match case {
        Some(case) => Some(found(&engine, &case).await?.id),
        None => None,
    };
    let runs = engine.runs(case, state.as_deref(), limit).await?;
    Ok(Json(Page::whole(runs.into_iter().map(Run::from).collect())))
}
