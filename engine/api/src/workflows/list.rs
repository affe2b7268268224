//! `GET /workflows`: published workflows.

use crate::openapi::Description;
use crate::problem::Problem;
use crate::shape::{Page, definition::Workflow};
use axum::Json;
use axum::extract::State;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Published workflows, in all versions.")
        .page::<Workflow>("The workflows by name.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
) -> Result<Json<Page<Workflow>>, Problem> {
    let starts = engine.next_starts().await?;
    let workflows = engine.workflows().into_iter().map(Workflow::from);
    let with_start = workflows.map(|mut workflow| {
        if workflow.active {
            let name = format!("{}/{}", workflow.namespace, workflow.name);
            workflow.next_start = starts.get(&name).copied();
        }
        workflow
    });
    Ok(Json(Page::whole(with_start.collect())))
}
