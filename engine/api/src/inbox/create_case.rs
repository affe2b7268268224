//! `POST /inbox/{message}/create-case`: a case made of a message.

use super::message_id;
use crate::cases::answer;
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::{Once, Sent};
use crate::shape::message::CaseFromMessage;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use sagsgang_domain::{ContainerId, NewCase, PropertyId};
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Creates a case of a message.")
        .once()
        .json_body::<CaseFromMessage>()
        .case_answer(201, "The case; `Location` has its address.")
        .refuses(&[409])
}

pub(crate) async fn create_case(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(message): Path<String>,
    once: Once,
    sent: Sent<CaseFromMessage>,
) -> Result<Response, Problem> {
    let request = once.request(&sent.bytes);
    let asked = sent.value;
    let new = NewCase {
        case_type: asked.case_type,
        title: asked.title.unwrap_or_default(),
        property: asked.property.map(PropertyId),
        containers: asked.containers.into_iter().map(ContainerId).collect(),
        ..NewCase::default()
    };
    let caller = principal.caller();
    let created = engine
        .create_case_from_message(&caller, message_id(&message)?, new, request)
        .await?;
    let mut response = answer(StatusCode::CREATED, &created.case);
    if let Ok(address) = HeaderValue::from_str(&format!("/api/v1/cases/{}", created.case.id)) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    Ok(response)
}
