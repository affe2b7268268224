//! `POST /plugins/{plugin}/try`: what would come of a call.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::Sent;
use crate::shape::plugin::{Trial, TryAction};
use axum::Json;
use axum::extract::{Extension, Path, State};
use sagsgang_domain::Right;
use sagsgang_runtime::{CaseRef, Engine, Principal, TrialError};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Runs an action for trial: nothing is sent, kept or changed. An action that acts outside is answered with the sample of its package.")
        .json_body::<TryAction>()
        .answer::<Trial>(200, "What would come of it.")
}

pub(crate) async fn attempt(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(plugin): Path<String>,
    sent: Sent<TryAction>,
) -> Result<Json<Trial>, Problem> {
    let TryAction {
        action,
        case,
        input,
        configuration,
    } = sent.value;
    let case = case.as_deref().map(CaseRef::read);
    let (caller, locale) = (principal.caller(), principal.locale.as_str());
    let trial = engine.try_plugin(
        &caller,
        locale,
        (&plugin, &action),
        case.as_ref(),
        input,
        configuration.as_deref(),
    );
    Ok(Json(trial.await.map_err(problem)?.into()))
}

fn problem(error: TrialError) -> Problem {
    match error {
        TrialError::NotAllowed => {
            Problem::new(&code::NOT_ALLOWED).with("right", Right::ManagePlugins)
        }
        TrialError::NotFound(_) => Problem::new(&code::NOT_FOUND).detail(error),
        TrialError::Plugin(error) => Problem::new(&code::PLUGIN_FAILED)
            .detail(&error)
            .with("pluginCode", format!("plugin-{}", error.code())),
        TrialError::Engine(error) => error.into(),
    }
}
