//! `GET /outbox`: messages to customers and where they stand.

use crate::openapi::Description;
use crate::problem::Problem;
use crate::shape::{Page, message};
use axum::Json;
use axum::extract::State;
use sagsgang_domain::Message;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Messages to customers and where they stand.")
        .page::<message::Message>("The messages, the newest first.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
) -> Result<Json<Page<Message>>, Problem> {
    Ok(Json(Page::whole(engine.outbox().await?)))
}
