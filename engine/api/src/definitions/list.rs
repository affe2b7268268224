//! `GET /definitions`: the configuration in force, as it was published.

use crate::openapi::Description;
use crate::shape::{Page, definition::Definition};
use axum::Json;
use axum::extract::State;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("The texts of the case types, workflows and templates in force.")
        .page::<Definition>("The texts by kind and name.")
}

pub(crate) async fn list(State(engine): State<Arc<Engine>>) -> Json<Page<Definition>> {
    let texts = engine.active_texts();
    Json(Page::whole(
        texts.into_iter().map(Definition::from).collect(),
    ))
}
