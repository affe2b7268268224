//! `GET /cases`: a page of cases.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Query, paging};
use crate::shape::{Page, case::CaseListItem};
use axum::Json;
use axum::extract::{Extension, State};
use sagsgang_runtime::{CaseFilter, CaseSort, Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    described("Lists cases, page by page and without a cap.")
        .paged()
        .page::<CaseListItem>("A page of cases.")
}

/// The filters and orders that every list of cases has.
pub(super) fn described(summary: &'static str) -> Description {
    Description::new(summary)
        .query(
            "status",
            "One of these statuses; several separated by commas.",
        )
        .query("priority", "One of these priorities.")
        .query("type", "One of these case types.")
        .query(
            "assignee",
            "User name; `me` for one's own, `none` for nobody's.",
        )
        .query("team", "The team's.")
        .query("tag", "With this tag.")
        .query("followed", "`true`: followed by oneself.")
        .query(
            "fields.NAME",
            "With this value of the case type's own field NAME; several fields must all hold.",
        )
        .query("open", "`true`: not in a final status.")
        .query("dueBefore", "Due before this moment (RFC 3339).")
        .query("q", "With these words in its number, title, description, fields or tags; each is the beginning of a word.")
        .query(
            "sort",
            "`created` (newest first; the default), `updated`, `due` or `priority`.",
        )
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    mut query: Query,
) -> Result<Json<Page<CaseListItem>>, Problem> {
    let filter = filter(&mut query, &principal.name)?;
    let sort = sort(query.one("sort").as_deref())?;
    let (after, limit) = paging(&mut query)?;
    query.finish()?;
    let page = engine
        .list_cases(&filter, sort, after.as_deref(), limit)
        .await?;
    let items = page.items.into_iter().map(CaseListItem::from).collect();
    Ok(Json(Page {
        items,
        next: page.next,
    }))
}

pub(super) fn filter(query: &mut Query, me: &str) -> Result<CaseFilter, Problem> {
    let assignee = query.one("assignee").map(|name| match name.as_str() {
        "none" => None,
        "me" => Some(me.to_owned()),
        _ => Some(name),
    });
    Ok(CaseFilter {
        statuses: query.list("status"),
        priorities: query.list("priority"),
        case_types: query.list("type"),
        assignee,
        team: query.one("team"),
        tag: query.one("tag"),
        fields: query.beginning("fields."),
        followed_by: query.flag("followed")?.then(|| me.to_owned()),
        open: query.flag("open")?,
        due_before: query.read("dueBefore")?,
        text: query.one("q"),
        unchanged_since: None,
    })
}

/// A leading minus is how others write "descending"; each order here has one direction only.
pub(super) fn sort(name: Option<&str>) -> Result<CaseSort, Problem> {
    match name.map(|name| name.trim_start_matches('-')) {
        None | Some("created" | "createdAt") => Ok(CaseSort::Created),
        Some("updated" | "updatedAt") => Ok(CaseSort::Updated),
        Some("due") => Ok(CaseSort::Due),
        Some("priority") => Ok(CaseSort::Priority),
        Some(other) => Err(Problem::new(&code::MALFORMED).detail(format!(
            "sort={other} is none of created, updated, due, priority"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_from_the_query() {
        let mut query =
            Query::parse("status=open&priority=high,critical&assignee=me&open=true&q=2026-000001");
        let filter = filter(&mut query, "jonas").unwrap();
        assert_eq!(filter.statuses, ["open"]);
        assert_eq!(filter.priorities, ["high", "critical"]);
        assert_eq!(filter.assignee, Some(Some("jonas".to_owned())));
        assert!(filter.open);
        assert!(query.finish().is_ok());
        let nobody = super::filter(&mut Query::parse("assignee=none"), "jonas").unwrap();
        assert_eq!(nobody.assignee, Some(None));
    }

    #[test]
    fn an_unknown_order_is_refused() {
        assert_eq!(sort(Some("-created")).unwrap(), CaseSort::Created);
        assert!(sort(Some("colour")).is_err());
    }
}
