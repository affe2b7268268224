//! `POST /workflows/{namespace}/{name}/runs`: starts a workflow by hand.

use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::{Once, Sent, Wait};
use crate::shape::run::{Run, StartRun};
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Starts a workflow by hand.")
        .waits()
        .once()
        .json_body::<StartRun>()
        .answer::<Run>(201, "The run; `Location` has its address.")
        .refuses(&[409])
}

pub(crate) async fn start(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path((namespace, name)): Path<(String, String)>,
    Wait(wait): Wait,
    once: Once,
    sent: Sent<StartRun>,
) -> Result<Response, Problem> {
    let caller = principal.caller();
    let request = once.request(&sent.bytes);
    let workflow = format!("{namespace}/{name}");
    let run = engine
        .start_run(&caller, &workflow, sent.value.input, request, wait)
        .await?;
    let address = format!("/api/v1/runs/{}", run.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, address)],
        Json(Run::from(run)),
    )
        .into_response())
}
