//! `GET /cases`: a page of cases.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Query, paging};
use crate::shape::{Page, case::CaseListItem};
use axum::Json;
use axum::extract::{Extension, State};
use sagsgang_runtime::{CaseFilter, CaseSort, ContainerRef, Engine, Principal, PropertyRef};
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
        .query("property", "About this property: its id, or its number as `0999-048213`.")
        .query("container", "About this container: its id, or what is printed on it.")
        .query("agreement", "With this agreement, by its id.")
        .query("contact", "With this contact, by its id.")
        .query("area", "About a property in this area.")
        .query("dueFrom", "Due at this moment (RFC 3339) or later.")
        .query("dueBefore", "Due before this moment (RFC 3339).")
        .query("createdFrom", "Created at this moment or later.")
        .query("createdBefore", "Created before this moment.")
        .query("updatedFrom", "Last changed at this moment or later.")
        .query("updatedBefore", "Last changed before this moment.")
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
    let property = query.one("property").map(|text| {
        PropertyRef::read(&text).ok_or_else(|| {
            let detail = format!("property={text} is neither an id nor a number as 0999-048213");
            Problem::new(&code::MALFORMED).detail(detail)
        })
    });
    let container = query.one("container");
    Ok(CaseFilter {
        property: property.transpose()?,
        container: container.as_deref().map(ContainerRef::read),
        agreement: query.read("agreement")?,
        contact: query.read("contact")?,
        area: query.one("area"),
        statuses: query.list("status"),
        priorities: query.list("priority"),
        case_types: query.list("type"),
        assignee,
        team: query.one("team"),
        tag: query.one("tag"),
        fields: query.beginning("fields."),
        followed_by: query.flag("followed")?.then(|| me.to_owned()),
        open: query.flag("open")?,
        due_from: query.read("dueFrom")?,
        due_before: query.read("dueBefore")?,
        created_from: query.read("createdFrom")?,
        created_before: query.read("createdBefore")?,
        updated_from: query.read("updatedFrom")?,
        unchanged_since: query.read("updatedBefore")?,
        text: query.one("q"),
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
    fn records_and_times_are_read_and_what_is_none_is_refused() {
        let text = "property=0999-048213&container=BH-1&area=Nord&createdFrom=2026-11-01T00:00:00Z";
        let mut query = Query::parse(text);
        let filter = filter(&mut query, "jonas").unwrap();
        assert!(query.finish().is_ok());
        assert_eq!(
            filter.container,
            Some(ContainerRef::Printed("BH-1".to_owned()))
        );
        assert!(matches!(
            filter.property,
            Some(PropertyRef::Numbered { .. })
        ));
        assert!(filter.created_from.is_some() && filter.area.is_some());
        for wrong in [
            "property=Lærkehaven",
            "contact=Anna",
            "updatedBefore=tirsdag",
        ] {
            let refused = super::filter(&mut Query::parse(wrong), "jonas");
            assert_eq!(refused.unwrap_err().code(), "malformed-request", "{wrong}");
        }
    }

    #[test]
    fn an_unknown_order_is_refused() {
        assert_eq!(sort(Some("-created")).unwrap(), CaseSort::Created);
        assert!(sort(Some("colour")).is_err());
    }
}
