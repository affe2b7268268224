//! `POST /cases/{case}/macros/{macro}`: several commands as one change.

use super::case_ref;
use super::execute::answer;
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::Once;
use crate::shape::command::Executed;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new(
        "Carries out a macro of the configuration on a case: all of its commands or none.",
    )
    .once()
    .answer::<Executed>(
        200,
        "The version afterwards and the new entries of the history.",
    )
    .refuses(&[409])
}

pub(crate) async fn run_macro(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path((case, name)): Path<(String, String)>,
    once: Once,
) -> Result<Response, Problem> {
    let request = once.request(name.as_bytes());
    let caller = principal.caller();
    let executed = engine
        .run_macro(&caller, &case_ref(&case), &name, request)
        .await?;
    Ok(answer(executed))
}
