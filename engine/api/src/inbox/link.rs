//! `POST /inbox/{message}/link`: a case takes a message.

use super::message_id;
use crate::cases::{case_ref, execute};
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::{Expected, Once, Sent};
use crate::shape::command::Executed;
use crate::shape::message::LinkMessage;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("A case takes a message.")
        .versioned()
        .once()
        .json_body::<LinkMessage>()
        .answer::<Executed>(
            200,
            "The version of the case afterwards and the new entries of its history.",
        )
        .refuses(&[409])
}

pub(crate) async fn link(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(message): Path<String>,
    Expected(expected): Expected,
    once: Once,
    sent: Sent<LinkMessage>,
) -> Result<Response, Problem> {
    let message = message_id(&message)?;
    let request = once.request(&sent.bytes);
    let case = case_ref(&sent.value.case);
    let executed = engine
        .link_message(&principal.caller(), message, &case, expected, request)
        .await?;
    Ok(execute::answer(executed))
}
