//! `POST /cases/{case}/actions/{action}`: a plugin's button.

use super::case_ref;
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::{Once, Sent};
use crate::shape::{history::items, message::Document, operation};
use axum::Json;
use axum::extract::{Extension, Path, State};
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Runs a plugin's action on a case, as its button does.")
        .once()
        .json_body::<operation::RunAction>()
        .answer::<operation::ActionResult>(200, "What the action brought.")
        .refuses(&[409])
}

pub(crate) async fn act(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path((case, action)): Path<(String, String)>,
    once: Once,
    sent: Sent<operation::RunAction>,
) -> Result<Json<operation::ActionResult>, Problem> {
    let request = once.request(&sent.bytes);
    let case = case_ref(&case);
    let caller = principal.caller();
    let done = engine
        .run_action(
            &caller,
            &principal.locale,
            &case,
            &action,
            sent.value.input,
            request,
        )
        .await?;
    Ok(Json(operation::ActionResult {
        result: done.result,
        documents: done.documents.into_iter().map(Document::from).collect(),
        events: items(done.entries),
        version: done.case.version,
    }))
}
