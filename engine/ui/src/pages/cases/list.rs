//! Gathering the list of cases and showing it.

use super::bulk::carry_out::assignees;
use super::{CasesPage, ListData, Query, RowData, VIEWS, View};
use crate::answer::{Answer, Failure};
use crate::visit::Visit;
use axum::extract;
use sagsgang_runtime::{CaseFilter, CaseListItem};
use std::collections::HashMap;

/// Cases on a page.
const PAGE: u32 = 50;

/// Figures on the tabs stop here.
const MOST_COUNTED: u32 = 1_000;

/// Shows a page of a view.
pub(crate) async fn show(visit: Visit, extract::Query(query): extract::Query<Query>) -> Answer {
    let data = gather(&visit, &query).await?;
    visit.page(CasesPage::new(visit.frame().await?, &query, &data))
}

/// The cases of a view for a user. A chosen status shows closed cases too.
pub(crate) fn filter(view: View, user: &str) -> CaseFilter {
    let (assignee, open) = match view {
        View::Mine => (Some(Some(user.to_owned())), true),
        View::Unassigned => (Some(None), true),
        View::All => (None, false),
    };
    CaseFilter {
        assignee,
        open,
        ..CaseFilter::default()
    }
}

/// The cases of a view that its filters leave.
pub(crate) fn narrowed(query: &Query, user: &str) -> CaseFilter {
    let one = |value: &String| {
        if value.is_empty() {
            Vec::new()
        } else {
            vec![value.clone()]
        }
    };
    let view = filter(query.view(), user);
    CaseFilter {
        statuses: one(&query.status),
        priorities: one(&query.priority),
        case_types: one(&query.case_type),
        open: view.open && query.status.is_empty(),
        text: Some(query.q.trim().to_owned()).filter(|text| !text.is_empty()),
        ..view
    }
}

async fn gather(visit: &Visit, query: &Query) -> Result<ListData, Failure> {
    let engine = &visit.engine;
    let user = visit
        .principal
        .as_ref()
        .map_or("", |principal| principal.name.as_str());
    let after = Some(query.after.as_str()).filter(|after| !after.is_empty());
    let page = engine
        .list_cases(&narrowed(query, user), query.sort(), after, PAGE)
        .await?;
    let accounts = engine.accounts().await?;
    let names: HashMap<_, _> = accounts
        .into_iter()
        .map(|account| (account.name, account.display_name))
        .collect();
    let mut counts = [None; 3];
    for (count, (view, ..)) in counts.iter_mut().zip(VIEWS) {
        // Counting every case there is would cost more than it tells.
        if view != View::All {
            *count = Some(
                engine
                    .count_cases(&filter(view, user), MOST_COUNTED)
                    .await?,
            );
        }
    }
    let rows = page
        .items
        .into_iter()
        .map(|item| row(item, &names))
        .collect();
    Ok(ListData {
        rows,
        next: page.next,
        case_types: engine.case_types(),
        counts,
        assignees: assignees(visit, "").await?,
    })
}

fn row(item: CaseListItem, names: &HashMap<String, String>) -> RowData {
    let person = item
        .assignee
        .map(|user| names.get(&user).cloned().unwrap_or(user));
    RowData {
        number: item.number,
        title: item.title,
        case_type: item.case_type,
        status: item.status,
        priority: item.priority,
        assignee: person.or(item.team),
        place: item.address,
        due: item.due,
        updated_at: item.updated_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn my_list_shows_what_is_open_until_a_status_is_chosen() {
        let mine = narrowed(&Query::default(), "jh");
        assert_eq!(
            (mine.assignee, mine.open),
            (Some(Some("jh".to_owned())), true)
        );
        let closed = narrowed(
            &Query {
                status: "closed".to_owned(),
                ..Query::default()
            },
            "jh",
        );
        assert_eq!(
            (closed.statuses, closed.open),
            (vec!["closed".to_owned()], false)
        );
    }

    #[test]
    fn blanks_are_no_search() {
        assert_eq!(
            narrowed(
                &Query {
                    q: "  ".to_owned(),
                    ..Query::default()
                },
                "jh"
            )
            .text,
            None
        );
    }
}
