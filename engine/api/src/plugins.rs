//! Plugins.

pub(crate) mod attempt;
pub(crate) mod broken;
pub(crate) mod calls;
pub(crate) mod configure;
pub(crate) mod failures;
pub(crate) mod grant;
pub(crate) mod install;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod remove;
pub(crate) mod switch;

use crate::problem::{Problem, code};
use crate::shape::plugin::PluginDetail;
use axum::Json;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use sagsgang_domain::Right;
use sagsgang_runtime::{Engine, PluginChangeError};

/// A plugin as it stands, with the version of what was decided about it.
async fn answer(engine: &Engine, id: &str) -> Result<Response, Problem> {
    let found = engine.plugin(id).await?;
    let detail = found.ok_or_else(|| Problem::new(&code::NOT_FOUND))?;
    let version = format!("\"{}\"", detail.revision);
    Ok(([(ETAG, version)], Json(PluginDetail::from(detail))).into_response())
}

fn problem(error: PluginChangeError) -> Problem {
    let detail = error.to_string();
    match error {
        PluginChangeError::NotFound => Problem::new(&code::NOT_FOUND),
        PluginChangeError::NotAllowed => {
            Problem::new(&code::NOT_ALLOWED).with("right", Right::ManagePlugins)
        }
        PluginChangeError::Stale { current } => Problem::new(&code::STALE_VERSION)
            .detail(detail)
            .with("currentVersion", current),
        PluginChangeError::OtherPackage => Problem::new(&code::STALE_VERSION).detail(detail),
        PluginChangeError::Beyond(names) => Problem::new(&code::GRANT_INVALID)
            .detail(detail)
            .with("beyond", names),
        PluginChangeError::Configuration(problems) => Problem::new(&code::CONFIGURATION_INVALID)
            .detail(detail)
            .with("problems", problems),
        PluginChangeError::InUse(workflows) | PluginChangeError::Configured(workflows) => {
            Problem::new(&code::PLUGIN_IN_USE)
                .detail(detail)
                .with("workflows", workflows)
        }
        PluginChangeError::Bundled | PluginChangeError::NoOlderVersion => {
            Problem::new(&code::PLUGIN_REFUSED).detail(detail)
        }
        PluginChangeError::Disk(error) => {
            tracing::error!(%error, "the files of a plugin could not be removed");
            Problem::new(&code::INTERNAL)
        }
        PluginChangeError::Engine(error) => error.into(),
    }
}
