//! `POST /plugins`: installs a package, in use from the next call.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::most_bytes;
use crate::shape::plugin::Plugin;
use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use sagsgang_domain::Right;
use sagsgang_runtime::{Engine, InstallError, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Installs a plugin package (`.sagsplugin`): in use from the next call, once it is granted what it asks for.")
        .bytes_body(&["application/zip", "application/octet-stream"])
        .answer::<Plugin>(201, "The plugin.")
}

pub(crate) async fn install(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    request: Request,
) -> Result<(StatusCode, Json<Plugin>), Problem> {
    let package = most_bytes(request, &()).await?;
    let plugin = engine
        .install_plugin(&principal.caller(), package.into())
        .await
        .map_err(problem)?;
    Ok((StatusCode::CREATED, Json(plugin.into())))
}

fn problem(error: InstallError) -> Problem {
    match error {
        InstallError::Problems(problems) => {
            let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Problem::new(&code::PLUGIN_INVALID)
                .detail(texts.first().cloned().unwrap_or_default())
                .with("problems", texts)
        }
        InstallError::Disk(error) => {
            tracing::error!(%error, "a plugin could not be written");
            Problem::new(&code::INTERNAL)
        }
        InstallError::Engine(error) => error.into(),
        InstallError::NotAllowed => {
            Problem::new(&code::NOT_ALLOWED).with("right", Right::ManagePlugins)
        }
    }
}
