//! `GET /case-types/{name}/migrations/{migration}/refusals`: the cases that stay where they are, and why.

use super::found;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Query, paging};
use crate::shape::{Page, migration::Refusal};
use axum::Json;
use axum::extract::{Path, State};
use sagsgang_domain::CaseId;
use sagsgang_runtime::{Engine, MigrationPhase};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) fn describe() -> Description {
    Description::new("The cases that a phase of a migration leaves where they are, with every reason. Without `phase` it is the newest one.")
        .query("phase", "`trial`, `move` or `back`.")
        .paged()
        .page::<Refusal>("A page of the cases, in the order in which they were made.")
}

pub(crate) async fn refusals(
    State(engine): State<Arc<Engine>>,
    Path((name, id)): Path<(String, String)>,
    mut query: Query,
) -> Result<Json<Page<Refusal>>, Problem> {
    let (after, limit) = paging(&mut query)?;
    let phase = query.one("phase");
    query.finish()?;
    let malformed = |detail: String| Problem::new(&code::MALFORMED).detail(detail);
    let known = found(&engine, &name, &id).await?;
    let newest = known.phases.last().map(|row| row.phase);
    let phase = match &phase {
        Some(name) => Some(
            MigrationPhase::named(name)
                .ok_or_else(|| malformed(format!("phase={name} is no phase")))?,
        ),
        None => newest,
    };
    let after = match after {
        Some(text) => text
            .parse()
            .map_err(|_| malformed(format!("after={text} is no case")))?,
        None => CaseId(Uuid::nil()),
    };
    let rows = match phase {
        Some(phase) => engine.refusals(known.id, phase, after, limit + 1).await?,
        None => Vec::new(),
    };
    let page = Page::of(rows, limit, |row| row.case.to_string());
    Ok(Json(page.map(Refusal::from)))
}
