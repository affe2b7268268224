//! `GET /kle`: the subjects and facets of the classification, as they were brought in.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Query, paging};
use crate::shape::Page;
use crate::shape::classification::KleEntry;
use axum::Json;
use axum::extract::State;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Subjects and facets of the classification (KLE), as they were imported.")
        .paged()
        .page::<KleEntry>("The entries by code.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
    mut query: Query,
) -> Result<Json<Page<KleEntry>>, Problem> {
    let (after, limit) = paging(&mut query)?;
    query.finish()?;
    if after.as_deref().is_some_and(|after| after.contains('\0')) {
        let detail = "after is no `next` of a page";
        return Err(Problem::new(&code::MALFORMED).detail(detail.to_owned()));
    }
    let entries = engine
        .kle(after.as_deref(), limit.saturating_add(1))
        .await?;
    let page = Page::of(entries, limit, |entry| entry.code.clone());
    Ok(Json(page.map(KleEntry::from)))
}
