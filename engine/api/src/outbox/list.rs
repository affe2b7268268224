//! `GET /outbox`: messages to customers and where they stand.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Query, paging};
use crate::shape::{Page, message};
use axum::Json;
use axum::extract::State;
use sagsgang_domain::{Message, MessageState};
use sagsgang_runtime::{Engine, OUTGOING};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Messages to customers and where they stand.")
        .query(
            "state",
            "One of these states (`queued`, `kept`, `failed`, `sent`, `delivered`, `retracted`); several separated by commas.",
        )
        .paged()
        .page::<message::Message>("The messages, the newest first.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
    mut query: Query,
) -> Result<Json<Page<Message>>, Problem> {
    let states = states(&query.list("state"))?;
    let (after, limit) = paging(&mut query)?;
    query.finish()?;
    let page = engine.outbox_page(&states, after.as_deref(), limit).await?;
    Ok(Json(Page {
        items: page.items,
        next: page.next,
    }))
}

/// The states with these names; all of them where none is named.
fn states(names: &[String]) -> Result<Vec<MessageState>, Problem> {
    if names.is_empty() {
        return Ok(OUTGOING.into());
    }
    let state = |name: &String| {
        let known = OUTGOING.into_iter().find(|state| state.name() == name);
        known.ok_or_else(|| {
            let known = OUTGOING.map(MessageState::name).join(", ");
            Problem::new(&code::MALFORMED).detail(format!("state={name} is none of {known}"))
        })
    };
    names.iter().map(state).collect()
}
