//! `POST /cases`: creates a case.

use super::answer;
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::{Once, Sent, Wait};
use crate::shape;
use axum::extract::{Extension, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use sagsgang_domain::NewCase;
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Creates a case.")
        .once()
        .waits()
        .json_body::<shape::case::NewCase>()
        .case_answer(201, "The case; `Location` has its address.")
        .refuses(&[409])
}

pub(crate) async fn create(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    once: Once,
    Wait(wait): Wait,
    new: Sent<NewCase>,
) -> Result<Response, Problem> {
    let request = once.request(&new.bytes);
    let created = engine
        .create_case(&principal.caller(), new.value, request, wait)
        .await?;
    let mut response = answer(StatusCode::CREATED, &created.case);
    let address = format!("/api/v1/cases/{}", created.case.id);
    if let Ok(address) = HeaderValue::from_str(&address) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    Ok(response)
}
