//! `GET /case-types/{name}/migrations`: the migrations of a case type.

use crate::openapi::Description;
use crate::problem::Problem;
use crate::shape::{Page, migration::Migration};
use axum::Json;
use axum::extract::{Path, State};
use sagsgang_runtime::Engine;
use std::sync::Arc;

/// Older ones are reached by their addresses.
const MOST: u32 = 200;

pub(crate) fn describe() -> Description {
    Description::new("The migrations of the cases of a case type, the newest first.")
        .page::<Migration>("The newest two hundred.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
    Path(name): Path<String>,
) -> Result<Json<Page<Migration>>, Problem> {
    let known = engine.migrations(&name, MOST).await?;
    let items = known.into_iter().map(|one| Migration::of(one, &engine));
    Ok(Json(Page::whole(items.collect())))
}
