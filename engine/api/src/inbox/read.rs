//! `GET /inbox/{message}`: a message with its files.

use super::message_id;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::shape::message::MessageWithFiles;
use axum::Json;
use axum::extract::{Path, State};
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("A message with its files.").answer::<MessageWithFiles>(200, "The message.")
}

pub(crate) async fn read(
    State(engine): State<Arc<Engine>>,
    Path(message): Path<String>,
) -> Result<Json<MessageWithFiles>, Problem> {
    let view = engine.message(message_id(&message)?).await?;
    Ok(Json(
        view.ok_or_else(|| Problem::new(&code::NOT_FOUND))?.into(),
    ))
}
