//! `GET /dashboard`: what is open, how old and how late it is, and how the weeks went.

use crate::openapi::Description;
use crate::problem::Problem;
use crate::shape::figures::Figures;
use axum::Json;
use axum::extract::State;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new(
        "Open and overdue cases by type, team, priority and age, and the last twelve weeks.",
    )
    .answer::<Figures>(200, "The figures as they stand now.")
}

pub(crate) async fn read(State(engine): State<Arc<Engine>>) -> Result<Json<Figures>, Problem> {
    Ok(Json(Figures::from(engine.figures().await?)))
}
