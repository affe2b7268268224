//! `GET` on a register: a page of its entries.

use super::Register;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Query, paging};
use crate::shape::Page;
use axum::Json;
use axum::extract::State;
use sagsgang_runtime::Engine;
use std::sync::Arc;
use uuid::Uuid;

pub(crate) fn describe_list<T: Register>() -> Description {
    Description::new("Lists a register.")
        .paged()
        .page::<T::Shape>("A page of the register.")
}

pub(crate) async fn list<T: Register>(
    State(engine): State<Arc<Engine>>,
    mut query: Query,
) -> Result<Json<Page<T>>, Problem> {
    let (after, limit) = paging(&mut query)?;
    query.finish()?;
    let after = after.map(|after| after.parse::<Uuid>()).transpose();
    let after = after
        .map_err(|_| Problem::new(&code::MALFORMED).detail("after is not from a page before"))?;
    let items = T::page(&engine, after, limit).await?;
    let full = items.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let next = items
        .last()
        .filter(|_| full)
        .map(|last| last.id().to_string());
    Ok(Json(Page { items, next }))
}
