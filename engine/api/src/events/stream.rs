//! `GET /events`: what changes, as server-sent events. Topic and version only: the reader fetches what it may see.

use crate::openapi::Description;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};
use sagsgang_runtime::{Engine, Topic};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

/// Proxies close what is silent for longer.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(crate) fn describe() -> Description {
    Description::new("What changes, as server-sent events: `data: case:2026-004182 v18`.").bytes_answer(
        200,
        "text/event-stream",
        "A topic and, where it has one, its version. `event: lost` says that some were missed: read again.",
    )
}

pub(crate) async fn stream(
    State(engine): State<Arc<Engine>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = BroadcastStream::new(engine.subscribe()).map(|change| Ok(event(change)));
    Sse::new(changes).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("heartbeat"))
}

fn event(change: Result<Topic, BroadcastStreamRecvError>) -> Event {
    match change {
        Ok(Topic { topic, version: 0 }) => Event::default().data(topic),
        Ok(Topic { topic, version }) => Event::default().data(format!("{topic} v{version}")),
        Err(BroadcastStreamRecvError::Lagged(missed)) => {
            Event::default().event("lost").data(missed.to_string())
        }
    }
}
