//! `POST /inbox/{message}/unlink`: a message goes back to the inbox.

use super::message_id;
use crate::cases::execute;
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::Once;
use crate::shape::command::Executed;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("A message leaves its case and goes back to the inbox.")
        .once()
        .answer::<Executed>(
            200,
            "The version of the case afterwards and the new entries of its history.",
        )
        .refuses(&[409, 422])
}

pub(crate) async fn unlink(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(message): Path<String>,
    once: Once,
) -> Result<Response, Problem> {
    let executed = engine
        .unlink_message(
            &principal.caller(),
            message_id(&message)?,
            once.request(b""),
        )
        .await?;
    Ok(execute::answer(executed))
}
