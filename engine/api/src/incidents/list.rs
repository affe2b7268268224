//! `GET /incidents`: what stopped and waits for a person.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Query, paging};
use crate::shape::{Page, run::Incident};
use axum::Json;
use axum::extract::State;
use sagsgang_domain::Timestamp;
use sagsgang_runtime::Engine;
use std::sync::Arc;
use uuid::Uuid;

pub(crate) fn describe() -> Description {
    Description::new("What stopped and waits for a person.")
        .query("state", "`open` (the default) or `resolved`.")
        .paged()
        .page::<Incident>("The incidents, the newest first.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
    mut query: Query,
) -> Result<Json<Page<Incident>>, Problem> {
    let open = match query.one("state").as_deref() {
        None | Some("open") => true,
        Some("resolved") => false,
        Some(other) => {
            return Err(Problem::new(&code::MALFORMED)
                .detail(format!("state={other} is neither open nor resolved")));
        }
    };
    let (after, limit) = paging(&mut query)?;
    query.finish()?;
    let after = after.as_deref().map(place).transpose()?;
    let incidents = engine.incidents(open, after, limit + 1).await?;
    let page = Page::of(incidents, limit, |incident| {
        format!("{}_{}", incident.at.as_micros(), incident.id)
    });
    Ok(Json(page.map(Incident::from)))
}

/// The place in the list at which a page ended.
fn place(after: &str) -> Result<(Timestamp, Uuid), Problem> {
    after
        .split_once('_')
        .and_then(|(at, id)| Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?)))
        .ok_or_else(|| {
            Problem::new(&code::MALFORMED).detail(format!("after={after} is no place in the list"))
        })
}
