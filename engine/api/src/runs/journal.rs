//! `GET /runs/{run}/journal`: what happened in a run, entry by entry.

use super::run_id;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Query, paging};
use crate::shape::{Page, run::JournalEntry};
use axum::Json;
use axum::extract::{Path, State};
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new(
        "The journal of a run: each input with what followed from it, the oldest first.",
    )
    .paged()
    .page::<JournalEntry>("A page of the journal.")
}

pub(crate) async fn journal(
    State(engine): State<Arc<Engine>>,
    Path(run): Path<String>,
    mut query: Query,
) -> Result<Json<Page<JournalEntry>>, Problem> {
    let (after, limit) = paging(&mut query)?;
    query.finish()?;
    let after = after.unwrap_or_else(|| "0".to_owned());
    let after = after.parse().map_err(|_| {
        Problem::new(&code::MALFORMED).detail(format!("after={after} is no place in a journal"))
    })?;
    let id = run_id(&run)?;
    if engine.run(id).await?.is_none() {
        return Err(Problem::new(&code::NOT_FOUND));
    }
    let rows = engine.run_journal(id, after, limit + 1).await?;
    let page = Page::of(rows, limit, |row| row.seq.to_string());
    Ok(Json(page.map(JournalEntry::from)))
}
