//! `GET /outbox`: messages to customers and where they stand.

use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::{Query, paging};
use crate::shape::{Page, message};
use axum::Json;
use axum::extract::State;
use sagsgang_domain::Message;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Messages to customers and where they stand.")
        .paged()
        .page::<message::Message>("The messages, the newest first.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
    mut query: Query,
) -> Result<Json<Page<Message>>, Problem> {
    let (after, limit) = paging(&mut query)?;
    query.finish()?;
    let page = engine.outbox_page(after.as_deref(), limit).await?;
    Ok(Json(Page {
        items: page.items,
        next: page.next,
    }))
}
