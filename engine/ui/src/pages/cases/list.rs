//! Gathering the list of cases and showing it.

use super::bulk::form::assignees;
use super::{
    CasesPage, ListData, Query, RowData, SavedData, Span, VIEWS, View, ViewCounts, about,
    called_alike, fresh,
};
use crate::answer::{Answer, Failure};
use crate::format;
use crate::frame::Frame;
use crate::locale::Locale;
use crate::pages::case::show::moved;
use crate::session;
use crate::visit::Visit;
use axum::extract;
use axum::http::{Uri, header};
use jiff::ToSpan;
use sagsgang_domain::{Case, Timestamp};
use sagsgang_runtime::{
    AccountView, ButtonPlace, CaseBeside, CaseFilter, CaseListItem, CasePlace, Engine, Page,
};
use serde::Deserialize;
use serde_json::Map;
use std::collections::{HashMap, HashSet};

/// Figures on the tabs stop here.
pub(super) const MOST_COUNTED: u32 = 1_000;

/// Kept lists that show a figure; counting for many more would slow down each page.
const MOST_FIGURES: usize = 12;

/// Shows a page of a view.
pub(crate) async fn show(
    visit: Visit,
    extract::Query(query): extract::Query<Query>,
    extract::Query(from): extract::Query<Arrival>,
) -> Answer {
    let mut frame = visit.frame().await?;
    frame.alerts.extend(moved(&from.moved, visit.locale));
    page(&visit, frame, &query).await
}

/// Where the person comes from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Arrival {
    /// Number of the case that was moved on just before.
    moved: Option<String>,
}

/// The page of a list in a frame.
pub(crate) async fn page(visit: &Visit, frame: Frame, query: &Query) -> Answer {
    let query = &query.preferred(&visit.preferences());
    let data = gather(visit, query).await?;
    let mut response = visit.page(CasesPage::new(frame, query, &data))?;
    let address = query.first().address();
    let list = address.split_once('?').map_or("", |(_, query)| query);
    if let Some(cookie) = session::remember_list(list) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The list that was looked at last, and where a case stands in it.
pub(crate) async fn around(visit: &Visit, case: &Case) -> Result<Around, Failure> {
    let query = visit.list.as_deref().map(kept).unwrap_or_default();
    let query = query.preferred(&visit.preferences());
    let user = visit.caller()?.actor.id;
    let filter = narrowed(&query, &user, &visit.engine);
    let place = visit
        .engine
        .case_place(&filter, query.sort(), case.id, MOST_COUNTED);
    Ok(Around {
        back: query.address(),
        place: place.await?,
    })
}

/// The list behind the page of a case.
#[derive(Clone, Debug)]
pub struct Around {
    /// Its address.
    pub back: String,
    /// Where the case stands in it, if it does.
    pub place: Option<CasePlace>,
}

impl Default for Around {
    fn default() -> Self {
        Self {
            back: "/cases".to_owned(),
            place: None,
        }
    }
}

impl Around {
    /// `3 / 27` in words of a language; figures stop where counting does.
    pub(crate) fn position(&self, locale: Locale) -> Option<String> {
        let place = self.place.as_ref()?;
        let most = u64::from(MOST_COUNTED);
        let figure = |count: u64| match count >= most {
            true => format!("{}+", format::number(most, locale)),
            false => format::number(count, locale),
        };
        let own = (place.before + 1).min(most);
        Some(format!("{} / {}", figure(own), figure(place.total)))
    }
}

/// The cases of a view for a user. A chosen status shows closed cases too.
pub(crate) fn filter(view: View, user: &str, now: Timestamp) -> CaseFilter {
    let mut filter = CaseFilter {
        open: !matches!(view, View::All | View::Followed),
        ..CaseFilter::default()
    };
    match view {
        View::Mine => filter.assignee = Some(Some(user.to_owned())),
        View::Unassigned => filter.assignee = Some(None),
        View::Overdue => filter.due_before = Some(now),
        View::Followed => filter.followed_by = Some(user.to_owned()),
        View::Open | View::All => {}
    }
    filter
}

/// The cases of a view that its filters leave.
pub(crate) fn narrowed(query: &Query, user: &str, engine: &Engine) -> CaseFilter {
    let several = |value: &str| {
        let values = value.split(',').map(str::trim);
        let values = values.filter(|value| !value.is_empty());
        values.map(str::to_owned).collect()
    };
    let one = |value: &str| Some(value.trim().to_owned()).filter(|text| !text.is_empty());
    let now = engine.now();
    let mut filter = filter(query.view(), user, now);
    filter.statuses = called_alike(several(&query.status), &engine.case_types());
    filter.priorities = several(&query.priority);
    filter.case_types = several(&query.case_type);
    filter.open &= filter.statuses.is_empty();
    filter.text = one(&query.q);
    filter.tag = one(&query.tag);
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    filter.fields = query.own_fields().map(own).collect();
    match query.assignee.split_once(':') {
        Some(("user", name)) => filter.assignee = Some(Some(name.to_owned())),
        Some(("team", name)) => filter.team = Some(name.to_owned()),
        _ if query.assignee == "me" => filter.assignee = Some(Some(user.to_owned())),
        _ if query.assignee == "nobody" => filter.assignee = Some(None),
        _ => {}
    }
    about::narrow(&mut filter, query, engine.time_zone());
    let days = match query.due.as_str() {
        "overdue" => return overdue(filter, now),
        "today" => 0,
        "week" => 7,
        _ => return filter,
    };
    let today = now.in_zone(engine.time_zone()).date();
    let last = today.checked_add(days.days()).ok();
    let end = last.and_then(|day| Timestamp::end_of_day(day, engine.time_zone()));
    filter.due_before = end.map(|end| end.plus_seconds(1));
    filter.open = filter.statuses.is_empty();
    filter
}

/// What is done is not late any more.
fn overdue(filter: CaseFilter, now: Timestamp) -> CaseFilter {
    CaseFilter {
        due_before: Some(now),
        open: true,
        ..filter
    }
}

async fn gather(visit: &Visit, query: &Query) -> Result<ListData, Failure> {
    let engine = &visit.engine;
    let user = user(visit);
    let (counts, saved) = figures(visit).await?;
    // What changes while the page is read counts as changed since.
    let since = engine.now();
    let after = Some(query.after.as_str()).filter(|after| !after.is_empty());
    let filter = narrowed(query, user, engine);
    let page = engine
        .list_cases(&filter, query.sort(), after, visit.rows())
        .await?;
    let span = span(visit, &filter, query, &page).await?;
    let sort = query.sort();
    let previous = match after {
        Some(after) => {
            engine
                .page_before(&filter, sort, after, visit.rows())
                .await?
        }
        None => None,
    };
    let accounts = engine.accounts().await?;
    let names = names(&accounts);
    let fresh = fresh::address(query, since, &page.items);
    let ids: Vec<_> = page.items.iter().map(|item| item.id).collect();
    let shows = |wanted: fn(&str) -> bool| query.chosen_columns().any(wanted);
    let mut own = match shows(|name| name.starts_with("fields.")) {
        true => engine.case_fields(&ids).await?,
        false => HashMap::new(),
    };
    let mut beside = match shows(|name| matches!(name, "tags" | "containers")) {
        true => engine.cases_beside(&ids).await?,
        false => HashMap::new(),
    };
    let unseen = match &visit.principal {
        Some(principal) => engine.unseen_of(principal, &ids).await?,
        None => HashSet::new(),
    };
    let rows = page
        .items
        .into_iter()
        .map(|item| {
            let unread = unseen.contains(&item.id);
            let fields = own.remove(&item.id).unwrap_or_default();
            let beside = beside.remove(&item.id).unwrap_or_default();
            RowData {
                fields,
                beside,
                unread,
                ..row(item, &names)
            }
        })
        .collect();
    Ok(ListData {
        rows,
        next: page.next,
        previous,
        span,
        case_types: engine.case_types(),
        counts,
        saved,
        teams: visit
            .principal
            .as_ref()
            .is_some_and(|one| one.team.is_some()),
        assignees: assignees(accounts, "", visit.locale),
        actions: engine
            .buttons(ButtonPlace::CaseList, None, visit.locale.tag())
            .into_iter()
            .map(|button| (button.action, button.title))
            .collect(),
        about: about::titles(visit, query).await?,
        areas: engine.areas().await?,
        fresh,
    })
}

/// Which cases of the list a page shows, and how many the list has. Where counting has stopped before the page begins
/// nobody knows.
async fn span(
    visit: &Visit,
    filter: &CaseFilter,
    query: &Query,
    page: &Page<CaseListItem>,
) -> Result<Option<Span>, Failure> {
    let Some(first) = page.items.first() else {
        return Ok(None);
    };
    let (engine, most) = (&visit.engine, u64::from(MOST_COUNTED));
    let shown = page.items.len() as u64;
    let (before, total) = match (query.after.is_empty(), &page.next) {
        (true, None) => (0, shown),
        (true, Some(_)) => (0, engine.count_cases(filter, MOST_COUNTED).await?),
        (false, _) => {
            let place = engine.case_place(filter, query.sort(), first.id, MOST_COUNTED);
            match place.await? {
                Some(place) => (place.before, place.total),
                None => return Ok(None),
            }
        }
    };
    let known = before < most;
    Ok(known.then(|| Span {
        first: before + 1,
        last: before + shown,
        total: total.max(before + shown),
        is_all: total < most,
    }))
}

/// Whoever looks.
pub(super) fn user(visit: &Visit) -> &str {
    let principal = visit.principal.as_ref();
    principal.map_or("", |principal| principal.name.as_str())
}

/// How many cases the views have, and the kept lists with theirs.
pub(crate) async fn figures(visit: &Visit) -> Result<(ViewCounts, Vec<SavedData>), Failure> {
    let (engine, user) = (&visit.engine, user(visit));
    let mut counts = ViewCounts::default();
    for (count, (view, ..)) in counts.iter_mut().zip(VIEWS) {
        // Counting every case there is would cost more than it tells.
        if view != View::All {
            let filter = filter(view, user, engine.now());
            *count = Some(engine.count_cases(&filter, MOST_COUNTED).await?);
        }
    }
    let mut saved = Vec::new();
    if let Some(principal) = &visit.principal {
        for (place, view) in engine.saved_views(principal).await?.into_iter().enumerate() {
            let kept = kept(&view.query);
            let filter = narrowed(&kept, user, engine);
            let count = match place < MOST_FIGURES {
                true => Some(engine.count_cases(&filter, MOST_COUNTED).await?),
                false => None,
            };
            saved.push(SavedData {
                count,
                may_delete: engine.may_delete_view(principal, &view),
                query: kept,
                view,
            });
        }
    }
    Ok((counts, saved))
}

/// How many cases the view or the kept list has that a query shows. Others are counted when somebody goes there.
pub(crate) async fn current(visit: &Visit, query: &Query) -> Result<Option<u64>, Failure> {
    let (engine, user) = (&visit.engine, user(visit));
    let view = query.view();
    let filter = match (&visit.principal, query.saved.as_str()) {
        (_, "") if view == View::All => return Ok(None),
        (_, "") | (None, _) => filter(view, user, engine.now()),
        (Some(principal), id) => {
            let lists = engine.saved_views(principal).await?;
            let place = lists.iter().position(|list| list.id.to_string() == id);
            let Some(place) = place.filter(|place| *place < MOST_FIGURES) else {
                return Ok(None);
            };
            narrowed(&kept(&lists[place].query), user, engine)
        }
    };
    Ok(Some(engine.count_cases(&filter, MOST_COUNTED).await?))
}

/// Shown names by user name.
pub(crate) fn names(accounts: &[AccountView]) -> HashMap<String, String> {
    let name = |account: &AccountView| (account.name.clone(), account.display_name.clone());
    accounts.iter().map(name).collect()
}

/// The query of a kept list.
pub(crate) fn kept(query: &str) -> Query {
    let uri: Option<Uri> = format!("/?{query}").parse().ok();
    uri.and_then(|uri| extract::Query::<Query>::try_from_uri(&uri).ok())
        .map_or_else(Query::default, |query| query.0)
}

fn row(item: CaseListItem, names: &HashMap<String, String>) -> RowData {
    let person = item
        .assignee
        .map(|user| names.get(&user).cloned().unwrap_or(user));
    RowData {
        number: item.number,
        unread: false,
        title: item.title,
        case_type: item.case_type,
        status: item.status,
        priority: item.priority,
        assignee: person.or_else(|| item.team.clone()),
        team: item.team,
        place: item.address,
        property_number: item.property_number,
        area: item.area,
        beside: CaseBeside::default(),
        due: item.due,
        created_at: item.created_at,
        updated_at: item.updated_at,
        fields: Map::new(),
    }
}
