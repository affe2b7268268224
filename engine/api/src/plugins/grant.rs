//! `PUT` and `DELETE /plugins/{plugin}/grant`: what a plugin may do.

use super::{answer, problem};
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::{Expected, SentOrNot};
use crate::shape::plugin::{PluginDetail, PutGrant};
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Grants a plugin what it asks for, or the part that is named. It counts for calls that begin from now on.")
        .versioned()
        .json_body::<PutGrant>()
        .answer::<PluginDetail>(200, "The plugin as it stands; `ETag` has the version of what was decided.")
}

pub(crate) async fn grant(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(plugin): Path<String>,
    expected: Expected,
    SentOrNot(grant): SentOrNot<PutGrant>,
) -> Result<Response, Problem> {
    engine
        .grant_plugin(&principal.caller(), &plugin, &grant.into(), expected.0)
        .await
        .map_err(problem)?;
    answer(&engine, &plugin).await
}

pub(crate) fn describe_revoke() -> Description {
    Description::new("Takes back everything that a plugin was granted. It is not called until somebody grants again.")
        .versioned()
        .answer::<PluginDetail>(200, "The plugin as it stands.")
}

pub(crate) async fn revoke(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(plugin): Path<String>,
    expected: Expected,
) -> Result<Response, Problem> {
    engine
        .revoke_plugin(&principal.caller(), &plugin, expected.0)
        .await
        .map_err(problem)?;
    answer(&engine, &plugin).await
}
