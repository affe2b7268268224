//! `PUT` and `DELETE /plugins/{plugin}/configurations/{name}`: the settings of a plugin.

use super::problem;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Expected, Sent};
use crate::shape::plugin::{Configuration, Settings};
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new(
        "Puts settings in place, by the schema of the plugin; `default` is what buttons use, and workflows that name no others. A secret that is left out stays as it is, `null` forgets it.",
    )
    .versioned()
    .json_body::<Settings>()
    .answer::<Configuration>(200, "The settings without their secrets; `ETag` has their version.")
}

pub(crate) async fn configure(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path((plugin, name)): Path<(String, String)>,
    expected: Expected,
    sent: Sent<Settings>,
) -> Result<Response, Problem> {
    let made = engine
        .configure_plugin(
            &principal.caller(),
            &plugin,
            &name,
            sent.value.0,
            expected.0,
        )
        .await
        .map_err(problem)?;
    let version = format!("\"{}\"", made.revision);
    let found = engine.plugin(&plugin).await?;
    let found = found.ok_or_else(|| Problem::new(&code::NOT_FOUND))?;
    let mut all = found.configurations.into_iter();
    let shown = all.find(|one| one.name == name);
    let shown = shown.ok_or_else(|| Problem::new(&code::NOT_FOUND))?;
    Ok(([(ETAG, version)], Json(Configuration::from(shown))).into_response())
}

pub(crate) fn describe_delete() -> Description {
    Description::new("Forgets settings with their secrets. Refused for `default`, and while a workflow names them.")
        .versioned()
        .empty_answer(204, "They are gone.")
        .refuses(&[409])
}

pub(crate) async fn delete(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path((plugin, name)): Path<(String, String)>,
    expected: Expected,
) -> Result<StatusCode, Problem> {
    engine
        .delete_plugin_configuration(&principal.caller(), &plugin, &name, expected.0)
        .await
        .map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}
