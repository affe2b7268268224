//! `GET /addresses`: addresses that fit a text, from the register that a plugin asks or from our own.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::Query;
use crate::shape::Page;
use crate::shape::provider::FoundAddress;
use axum::Json;
use axum::extract::{Extension, State};
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

/// Addresses that are asked for.
const LIMIT: u32 = 20;

pub(crate) fn describe() -> Description {
    Description::new("Addresses that fit a text, as a plugin looks them up, or without one as our own register of properties has them.")
        .query("q", "The beginning of an address, three letters at least.")
        .page::<FoundAddress>("The best first, each once.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    mut query: Query,
) -> Result<Json<Page<FoundAddress>>, Problem> {
    let text = query
        .one("q")
        .ok_or_else(|| Problem::new(&code::MALFORMED).detail("q is missing: what to look for"))?;
    query.finish()?;
    let found = engine
        .find_addresses(&principal.caller(), &principal.locale, &text, LIMIT)
        .await?;
    Ok(Json(Page::whole(
        found.into_iter().map(FoundAddress::from).collect(),
    )))
}
