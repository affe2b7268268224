//! `GET /case-types/{name}/migrations/{migration}`: how far a migration has come.

use super::found;
use crate::openapi::Description;
use crate::problem::Problem;
use crate::shape::migration::Migration;
use axum::Json;
use axum::extract::{Path, State};
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("A migration: what differs between the versions, and how far it has come.")
        .answer::<Migration>(200, "The migration.")
}

pub(crate) async fn read(
    State(engine): State<Arc<Engine>>,
    Path((name, id)): Path<(String, String)>,
) -> Result<Json<Migration>, Problem> {
    let known = found(&engine, &name, &id).await?;
    Ok(Json(Migration::of(known, &engine)))
}
