//! `GET /webhooks`: who hears of events.

use crate::openapi::Description;
use crate::problem::Problem;
use crate::shape::{Page, webhook::Webhook};
use axum::Json;
use axum::extract::State;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("The addresses that hear of events.").page::<Webhook>("The oldest first.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
) -> Result<Json<Page<Webhook>>, Problem> {
    let webhooks = engine.webhooks().await?;
    Ok(Json(Page::whole(
        webhooks.into_iter().map(Webhook::from).collect(),
    )))
}
