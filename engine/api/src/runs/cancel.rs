//! `POST /runs/{run}/cancel`: ends a run.

use super::run_id;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::Sent;
use crate::shape::operation::{CancelRun, Run};
use axum::Json;
use axum::extract::{Extension, Path, State};
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Cancels a run: what it waits for is dropped, what is queued is not done.")
        .json_body::<CancelRun>()
        .answer::<Run>(200, "The run afterwards.")
        .refuses(&[409])
}

pub(crate) async fn cancel(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(run): Path<String>,
    sent: Sent<CancelRun>,
) -> Result<Json<Run>, Problem> {
    let reason = sent.value.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(Problem::new(&code::INVALID).detail("the reason is empty"));
    }
    let run = engine
        .cancel_run(&principal.caller(), run_id(&run)?, &reason)
        .await?;
    Ok(Json(run.into()))
}
