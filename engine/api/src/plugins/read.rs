//! `GET /plugins/{plugin}`: one plugin with everything that is needed to decide about it.

use super::answer;
use crate::openapi::Description;
use crate::problem::Problem;
use crate::shape::plugin::PluginDetail;
use axum::extract::{Path, State};
use axum::response::Response;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("A plugin: health, versions, what it asks for and may do, settings without their secrets, what was decided.")
        .answer::<PluginDetail>(200, "The plugin; `ETag` has the version of what was decided.")
}

pub(crate) async fn read(
    State(engine): State<Arc<Engine>>,
    Path(plugin): Path<String>,
) -> Result<Response, Problem> {
    answer(&engine, &plugin).await
}
