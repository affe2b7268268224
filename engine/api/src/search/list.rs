//! `GET /search`: cases, notes, messages and records of the registers by their words.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Query, paging};
use crate::shape::{Page, search::SearchHit};
use axum::Json;
use axum::extract::{Extension, State};
use sagsgang_runtime::{Engine, Principal, SearchKind, SearchOrder};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Finds cases, notes, messages and records of the registers by their words.")
        .query(
            "q",
            "The words; all must be there. A word is the beginning of a word, \"words in quotation marks\" stand just so.",
        )
        .query(
            "kinds",
            "Of these kinds: `case`, `note`, `message`, `property`, `container`, `agreement`, `contact`. All without it.",
        )
        .query("sort", "`newest` (without it) or `relevance`.")
        .paged()
        .page::<SearchHit>("What was found, as far as the caller may read it.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    mut query: Query,
) -> Result<Json<Page<SearchHit>>, Problem> {
    let text = query
        .one("q")
        .ok_or_else(|| Problem::new(&code::MALFORMED).detail("q is missing: what to look for"))?;
    let kinds = kinds(&query.list("kinds"))?;
    let order = match query.one("sort").as_deref() {
        None | Some("newest") => SearchOrder::Newest,
        Some("relevance") => SearchOrder::Relevance,
        Some(other) => {
            let detail = format!("sort={other} is neither newest nor relevance");
            return Err(Problem::new(&code::MALFORMED).detail(detail));
        }
    };
    let (after, limit) = paging(&mut query)?;
    query.finish()?;
    let page = engine
        .search(
            &principal.caller(),
            &text,
            &kinds,
            order,
            after.as_deref(),
            limit,
        )
        .await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(SearchHit::from).collect(),
        next: page.next,
    }))
}

fn kinds(names: &[String]) -> Result<Vec<SearchKind>, Problem> {
    if names.is_empty() {
        return Ok(SearchKind::ALL.to_vec());
    }
    let kind = |name: &String| {
        SearchKind::from_name(name).ok_or_else(|| {
            Problem::new(&code::MALFORMED).detail(format!("kinds={name} is no kind of thing"))
        })
    };
    names.iter().map(kind).collect()
}
