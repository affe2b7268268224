//! `POST /cases/{case}/commands`: the one door.

use super::{case_ref, etag};
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::{Expected, Once, Sent};
use crate::shape::{self, command::Executed, history::items};
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sagsgang_domain::Command;
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Carries out a command on a case.")
        .once()
        .versioned()
        .json_body::<shape::command::Command>()
        .answer::<Executed>(
            200,
            "The version afterwards and the new entries of the history.",
        )
        .refuses(&[409])
}

pub(crate) async fn execute(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(case): Path<String>,
    once: Once,
    Expected(expected): Expected,
    command: Sent<Command>,
) -> Result<Response, Problem> {
    let request = once.request(&command.bytes);
    let caller = principal.caller();
    let executed = engine
        .execute(
            &caller,
            &case_ref(&case),
            vec![command.value],
            expected,
            request,
        )
        .await?;
    Ok(answer(executed))
}

/// The answer to a change of a case.
pub(crate) fn answer(executed: sagsgang_runtime::Executed) -> Response {
    let version = executed.case.version;
    let body = Executed {
        version,
        events: items(executed.entries),
    };
    ([(header::ETAG, etag(version))], Json(body)).into_response()
}
