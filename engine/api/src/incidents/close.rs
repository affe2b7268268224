//! `POST /incidents/{incident}/close`: somebody has dealt with what no decision about a run closes.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::Sent;
use crate::shape::run::{Incident, Reason};
use axum::Json;
use axum::extract::{Extension, Path, State};
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new(
        "Closes an incident of no run, or of a run that cannot go on. Any other is closed by a decision about its run.",
    )
    .json_body::<Reason>()
    .answer::<Incident>(200, "The incident afterwards.")
    .refuses(&[409])
}

pub(crate) async fn close(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(incident): Path<String>,
    sent: Sent<Reason>,
) -> Result<Json<Incident>, Problem> {
    let id = incident
        .parse()
        .map_err(|_| Problem::new(&code::NOT_FOUND))?;
    let closed = engine
        .close_incident(&principal.caller(), id, &sent.value.reason)
        .await?;
    Ok(Json(closed.into()))
}
