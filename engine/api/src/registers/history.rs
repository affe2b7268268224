//! `GET` on the history of an entry of a register.

use super::Register;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Query, paging};
use crate::shape::Page;
use crate::shape::register::HistoryEntry;
use axum::Json;
use axum::extract::{Path, State};
use sagsgang_domain::RecordEntry;
use sagsgang_runtime::Engine;
use std::sync::Arc;
use uuid::Uuid;

pub(crate) fn describe_history<T: Register>() -> Description {
    Description::new("The history of an entry of a register, the oldest first.")
        .paged()
        .page::<HistoryEntry>("A page of the history.")
}

pub(crate) async fn history<T: Register>(
    State(engine): State<Arc<Engine>>,
    Path(id): Path<String>,
    mut query: Query,
) -> Result<Json<Page<RecordEntry>>, Problem> {
    let (after, limit) = paging(&mut query)?;
    query.finish()?;
    let after = after.map(|after| after.parse::<Uuid>()).transpose();
    let after = after
        .map_err(|_| Problem::new(&code::MALFORMED).detail("after is not from a page before"))?;
    let not_found = || Problem::new(&code::NOT_FOUND);
    let id = id.parse().map_err(|_| not_found())?;
    let items = engine
        .record_history(T::KIND, id, after, limit)
        .await?
        .ok_or_else(not_found)?;
    let full = items.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let next = items
        .last()
        .filter(|_| full)
        .map(|last| last.id.to_string());
    Ok(Json(Page { items, next }))
}
