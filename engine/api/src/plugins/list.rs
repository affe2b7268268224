//! `GET /plugins`: installed plugins and how they do.

use crate::openapi::Description;
use crate::shape::{Page, plugin::Plugin};
use axum::Json;
use axum::extract::State;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Installed plugins and how they do.").page::<Plugin>("The plugins by id.")
}

pub(crate) async fn list(State(engine): State<Arc<Engine>>) -> Json<Page<Plugin>> {
    Json(Page::whole(
        engine.plugins().into_iter().map(Plugin::from).collect(),
    ))
}
