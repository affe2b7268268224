//! `GET /cases/{case}/history`: what happened to a case, in order.

use super::found;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Query, paging};
use crate::shape::{Page, history::HistoryItem, history::items};
use axum::Json;
use axum::extract::{Path, State};
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("The history of a case, the oldest entry first.")
        .paged()
        .page::<HistoryItem>("A page of the history.")
}

pub(crate) async fn history(
    State(engine): State<Arc<Engine>>,
    Path(case): Path<String>,
    mut query: Query,
) -> Result<Json<Page<HistoryItem>>, Problem> {
    let (after, limit) = paging(&mut query)?;
    query.finish()?;
    let after = after.unwrap_or_else(|| "0".to_owned());
    let after = after.parse().map_err(|_| {
        Problem::new(&code::MALFORMED).detail(format!("after={after} is no place in a history"))
    })?;
    let case = found(&engine, &case).await?;
    let entries = engine.history(case.id, after, limit + 1).await?;
    let page = Page::of(entries, limit, |entry| entry.seq.to_string());
    Ok(Json(Page {
        items: items(page.items),
        next: page.next,
    }))
}
