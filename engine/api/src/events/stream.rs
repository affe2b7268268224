//! `GET /events`: what changes, as server-sent events. Topic and version only: the reader fetches what it may see.

use crate::openapi::Description;
use axum::extract::{Extension, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};
use sagsgang_domain::Right;
use sagsgang_runtime::{Engine, Principal, Topic};
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
    Extension(principal): Extension<Principal>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let reads_registers = principal.caller().may(Right::ReadRegisters);
    let changes = BroadcastStream::new(engine.subscribe()).filter_map(move |change| {
        let concerns = match &change {
            Ok(topic) => concerns(&topic.topic, &principal.name, reads_registers),
            Err(_) => true,
        };
        std::future::ready(concerns.then(|| Ok(event(change))))
    });
    Sse::new(changes).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("heartbeat"))
}

/// Whether a topic says nothing that somebody may not know: who was told something, and which records there are.
fn concerns(topic: &str, user: &str, reads_registers: bool) -> bool {
    match topic.split_once(':') {
        Some(("notices", whose)) => whose == user,
        Some(("container" | "property" | "agreement" | "contact", _)) => reads_registers,
        _ => true,
    }
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

#[cfg(test)]
mod tests {
    use super::concerns;

    #[test]
    fn nobody_hears_of_the_notices_of_others_nor_of_records_that_they_may_not_read() {
        assert!(concerns("notices:jonas", "jonas", false));
        assert!(!concerns("notices:jonas", "mette", true));
        assert!(concerns("contact:1", "mette", true) && !concerns("contact:1", "mette", false));
        assert!(
            concerns("case:2026-000001", "mette", false) && concerns("contacts", "mette", false)
        );
    }
}
