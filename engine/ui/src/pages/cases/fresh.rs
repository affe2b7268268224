//! What has changed in a list since it was drawn. It is told beside the rows, which stay under the hands.

use super::Query;
use super::list::{MOST_COUNTED, narrowed, user};
use crate::answer::Failure;
use crate::frame::Frame;
use crate::visit::Visit;
use sagsgang_domain::Timestamp;
use sagsgang_runtime::CaseListItem;
use serde::Deserialize;
use std::collections::BTreeSet;

/// A case is created a moment before its transaction ends: what was under way when a list was read counts as new.
const UNDER_WAY_SECONDS: i64 = 10;
/// A list that has been open for longer is told of what came in the last day.
const LONGEST_SECONDS: i64 = 24 * 60 * 60;
/// Most numbers of cases that are taken from an address; no page of a list has more.
const MOST_SHOWN: usize = 200;

/// What a list that is open says of itself, beside its filters.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Shown {
    /// The moment from which on changes are news, in microseconds.
    since: i64,
    /// Numbers of the cases on the page, with commas between them.
    shown: String,
}

/// What is new in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    /// Nothing that it shows or would show.
    Nothing,
    /// So many cases that it did not have.
    Cases(u64),
    /// Cases that it shows have changed, or are not in it any more.
    Changes,
}

/// Where a page of a list asks for what is new.
pub(super) fn address(query: &Query, since: Timestamp, items: &[CaseListItem]) -> String {
    let numbers: Vec<&str> = items.iter().map(|item| item.number.as_str()).collect();
    let list = query.address();
    let list = list.split_once('?').map_or("", |(_, list)| list);
    let mut address = form_urlencoded::Serializer::new(list.to_owned());
    address.append_pair("since", &since.as_micros().to_string());
    address.append_pair("shown", &numbers.join(","));
    format!("/live/cases?{}", address.finish())
}

/// What a list says of itself when something is new in it.
pub(crate) async fn offer(
    visit: &Visit,
    ui: &Frame,
    query: &Query,
    shown: &Shown,
) -> Result<Option<String>, Failure> {
    Ok(match news(visit, query, shown).await? {
        News::Nothing => None,
        News::Changes => Some(ui.text("list-changed").into_owned()),
        News::Cases(count) => {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            Some(ui.count("new-cases", count))
        }
    })
}

async fn news(visit: &Visit, query: &Query, shown: &Shown) -> Result<News, Failure> {
    let engine = &visit.engine;
    let now = engine.now();
    let since = Timestamp::from_micros(shown.since).max(now.plus_seconds(-LONGEST_SECONDS));
    let from = since.plus_seconds(-UNDER_WAY_SECONDS);
    let filter = narrowed(query, user(visit), engine);
    let numbers = shown.shown.split(',').filter(|one| !one.is_empty());
    let known: BTreeSet<String> = numbers.take(MOST_SHOWN).map(str::to_owned).collect();
    let numbers: Vec<String> = known.iter().cloned().collect();
    let created = engine.count_created(&filter, from, &numbers, MOST_COUNTED);
    let created = created.await?;
    let after = Some(query.after.as_str()).filter(|after| !after.is_empty());
    let page = engine.list_cases(&filter, query.sort(), after, visit.rows());
    let page = page.await?;
    let is_news = |item: &CaseListItem| item.updated_at >= since;
    // Of another page than the first one it is not known what stood on the first.
    let came = page.items.iter().filter(|item| {
        let fell_due = item.due.is_some_and(|due| due >= since && due < now);
        after.is_none()
            && item.created_at < from
            && !known.contains(&item.number)
            && (is_news(item) || fell_due)
    });
    let new = created + came.count() as u64;
    if new > 0 {
        return Ok(News::Cases(new));
    }
    let is_there = |number: &String| page.items.iter().any(|item| item.number == *number);
    let changed = page.items.iter().any(is_news) || !known.iter().all(is_there);
    Ok(if changed {
        News::Changes
    } else {
        News::Nothing
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::cases::SORTS;

    #[test]
    fn a_list_asks_with_its_own_filters() {
        let query = Query {
            view: "all".to_owned(),
            sort: SORTS[1].1.to_owned(),
            after: "1~2".to_owned(),
            ..Query::default()
        };
        let asked = address(&query, Timestamp::from_micros(7), &[]);
        assert_eq!(
            asked,
            "/live/cases?view=all&sort=due&after=1%7E2&since=7&shown="
        );
    }
}
