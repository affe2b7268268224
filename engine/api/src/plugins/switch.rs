//! `POST /plugins/{plugin}/enable`, `disable` and `rollback`.

use super::{answer, problem};
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::{Expected, SentOrNot};
use crate::shape::plugin::{PluginDetail, RollBack};
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe_enable() -> Description {
    Description::new("Switches a plugin on, and forgives the failures that had it held back.")
        .versioned()
        .answer::<PluginDetail>(200, "The plugin as it stands.")
}

pub(crate) async fn enable(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(plugin): Path<String>,
    expected: Expected,
) -> Result<Response, Problem> {
    set(&engine, &principal, &plugin, true, expected).await
}

pub(crate) fn describe_disable() -> Description {
    Description::new(
        "Switches a plugin off: calls of it fail with that reason, its buttons are gone.",
    )
    .versioned()
    .answer::<PluginDetail>(200, "The plugin as it stands.")
}

pub(crate) async fn disable(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(plugin): Path<String>,
    expected: Expected,
) -> Result<Response, Problem> {
    set(&engine, &principal, &plugin, false, expected).await
}

async fn set(
    engine: &Engine,
    principal: &Principal,
    plugin: &str,
    enabled: bool,
    expected: Expected,
) -> Result<Response, Problem> {
    engine
        .enable_plugin(&principal.caller(), plugin, enabled, expected.0)
        .await
        .map_err(problem)?;
    answer(engine, plugin).await
}

pub(crate) fn describe_roll_back() -> Description {
    Description::new("Takes up the version before, or the one that is named. A newer package that is installed later takes its place again.")
        .versioned()
        .json_body::<RollBack>()
        .answer::<PluginDetail>(200, "The plugin as it stands.")
        .refuses(&[409])
}

pub(crate) async fn roll_back(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(plugin): Path<String>,
    expected: Expected,
    SentOrNot(wanted): SentOrNot<RollBack>,
) -> Result<Response, Problem> {
    let version = wanted.version.as_deref();
    engine
        .roll_back_plugin(&principal.caller(), &plugin, version, expected.0)
        .await
        .map_err(problem)?;
    answer(&engine, &plugin).await
}
