//! `GET /webhooks/{webhook}/deliveries`: what an address was told, and what became of it.

use super::id;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Query, paging};
use crate::shape::{Page, webhook::Delivery};
use axum::Json;
use axum::extract::{Path, State};
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("What an address was told, each with status and time; kept for 30 days.")
        .paged()
        .page::<Delivery>("The newest first.")
}

pub(crate) async fn deliveries(
    State(engine): State<Arc<Engine>>,
    Path(webhook): Path<String>,
    mut query: Query,
) -> Result<Json<Page<Delivery>>, Problem> {
    let (after, limit) = paging(&mut query)?;
    query.finish()?;
    let webhook = id(&webhook)?;
    let after = match after {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| Problem::new(&code::MALFORMED))?),
    };
    let known = engine.webhook(webhook).await?;
    known.ok_or_else(|| Problem::new(&code::NOT_FOUND))?;
    let page = engine.deliveries(webhook, after, limit).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(Delivery::from).collect(),
        next: page.next,
    }))
}
