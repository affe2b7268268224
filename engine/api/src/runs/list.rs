//! `GET /runs`: runs of workflows.

use super::run_id;
use crate::cases::found;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Query, paging};
use crate::shape::{Page, run::Run};
use axum::Json;
use axum::extract::State;
use sagsgang_runtime::{Engine, InstanceStatus, RunFilter};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Runs of workflows, the newest first.")
        .query("case", "Id or number of a case: its runs only.")
        .query("workflow", "`namespace/name` of a workflow: its runs only.")
        .query("state", "Where they stand, such as `waiting` or `faulted`.")
        .paged()
        .page::<Run>("The runs.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
    mut query: Query,
) -> Result<Json<Page<Run>>, Problem> {
    let case = query.one("case");
    let workflow = query.one("workflow");
    let state = query.one("state");
    let (after, limit) = paging(&mut query)?;
    query.finish()?;
    let status = match state {
        None => None,
        Some(name) => Some(InstanceStatus::from_name(&name).ok_or_else(|| {
            Problem::new(&code::MALFORMED).detail(format!(
                "state={name} is none of ready, waiting, completed, faulted, cancelled, suspended"
            ))
        })?),
    };
    let case = match case {
        Some(case) => Some(found(&engine, &case).await?.id),
        None => None,
    };
    let before = after.as_deref().map(run_id).transpose()?;
    let filter = RunFilter {
        case,
        workflow,
        status,
        before,
    };
    let runs = engine.runs(&filter, limit + 1).await?;
    let page = Page::of(runs, limit, |run| run.id.to_string());
    Ok(Json(page.map(Run::from)))
}
