//! `GET /workflows`: published workflows.

use crate::openapi::Description;
use crate::shape::{Page, definition::Workflow};
use axum::Json;
use axum::extract::State;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Published workflows, in all versions.")
        .page::<Workflow>("The workflows by name.")
}

pub(crate) async fn list(State(engine): State<Arc<Engine>>) -> Json<Page<Workflow>> {
    Json(Page::whole(
        engine.workflows().into_iter().map(Workflow::from).collect(),
    ))
}
