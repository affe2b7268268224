//! `GET /broken-plugins`: packages that could not be loaded.

use crate::openapi::Description;
use crate::shape::{Page, broken_plugin::BrokenPlugin};
use axum::Json;
use axum::extract::State;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new(
        "Packages that could not be loaded since the start, with what is wrong with them. The version that was there before \
         goes on.",
    )
    .page::<BrokenPlugin>("The packages by their place.")
}

pub(crate) async fn broken(State(engine): State<Arc<Engine>>) -> Json<Page<BrokenPlugin>> {
    let broken = engine.broken_packages().into_iter();
    Json(Page::whole(broken.map(BrokenPlugin::from).collect()))
}
