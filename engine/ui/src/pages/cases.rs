//! The list of cases: views, filters, sorting, pages. All of it stands in the address.

mod about;
pub(crate) mod bulk;
pub(crate) mod columns;
pub(crate) mod create;
pub(crate) mod export;
mod filters;
pub(crate) mod fresh;
mod handling;
mod involved;
pub(crate) mod keep;
pub(crate) mod list;
mod own_filters;
pub mod query;
pub mod similar;

pub(crate) use filters::{FilterChoices, called_alike, filter_choices};
pub(crate) use list::filter;
pub use query::{Query, SORTS, VIEWS, View};
use similar::Similar;

use crate::form::{Choice, Control, Field};
use crate::format::{self, Moment};
use crate::frame::{Alert, Frame};
use crate::pages::case::{Due, Upload};
use crate::registry::Scope;
use crate::visit;
use crate::words::{self, Badge};
use askama::Template;
use columns::{Cell, Column};
use filters::{Chip, Filter, chips, filters, more_filters};
use sagsgang_domain::{CaseType, Priorities, Right, Timestamp};
use sagsgang_runtime::{Audience, CaseBeside, SavedView};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

/// What is known of a case in a list.
#[derive(Clone, Debug)]
pub struct RowData {
    /// Number.
    pub number: String,
    /// Something in it concerns the person who looks and they have not seen it.
    pub unread: bool,
    /// Title.
    pub title: String,
    /// Case type.
    pub case_type: String,
    /// Status.
    pub status: String,
    /// Priority.
    pub priority: String,
    /// User name and shown name of the assignee, or the team.
    pub assignee: Option<String>,
    /// The team.
    pub team: Option<String>,
    /// Address of the property.
    pub place: Option<String>,
    /// Its number.
    pub property_number: Option<String>,
    /// Its area.
    pub area: Option<String>,
    /// Tags and containers, where a column shows them.
    pub beside: CaseBeside,
    /// When it is due.
    pub due: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The case type's own fields, where a column shows them.
    pub fields: Map<String, Value>,
}

/// How many cases each view has, in the order of [`VIEWS`], where it is known.
pub type ViewCounts = [Option<u64>; VIEWS.len()];

/// Which cases of a list a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Place of the first one, from 1.
    pub first: u64,
    /// Place of the last one.
    pub last: u64,
    /// How many the list has.
    pub total: u64,
    /// All have been counted.
    pub is_all: bool,
}

/// What a list shows.
#[derive(Clone, Debug, Default)]
pub struct ListData {
    /// The page of cases.
    pub rows: Vec<RowData>,
    /// Where the next page starts.
    pub next: Option<String>,
    /// Where the page before starts; empty for the first one.
    pub previous: Option<String>,
    /// Which cases of the list the page shows, where that is known.
    pub span: Option<Span>,
    /// Published case types.
    pub case_types: Vec<Arc<CaseType>>,
    /// How many cases the views have.
    pub counts: ViewCounts,
    /// Kept lists.
    pub saved: Vec<SavedData>,
    /// The person is in a team.
    pub teams: bool,
    /// Who a case can be given to.
    pub assignees: Vec<Choice>,
    /// Actions of plugins with a place in the menu of a list: name and title.
    pub actions: Vec<(String, String)>,
    /// What the records are called that the list is narrowed to.
    pub(crate) about: about::Titles,
    /// Areas in which there are properties.
    pub areas: Vec<String>,
    /// Where the page asks what has changed since it was drawn.
    pub fresh: String,
}

/// A kept list with what is known of it.
#[derive(Clone, Debug)]
pub struct SavedData {
    /// The list.
    pub view: SavedView,
    /// Its query, read.
    pub query: Query,
    /// How many cases it has, where it is known.
    pub count: Option<u64>,
    /// The person may forget it.
    pub may_delete: bool,
}

/// The page.
#[derive(Template, Debug)]
#[template(path = "cases.html", blocks = ["title", "main"])]
pub struct CasesPage {
    ui: Frame,
    here: String,
    view: &'static str,
    view_title: Cow<'static, str>,
    views: Vec<LinkTab>,
    fresh: String,
    offered: Option<String>,
    search: String,
    filters: Vec<Filter>,
    more_filters: Vec<Filter>,
    tag: String,
    chips: Vec<Chip>,
    sort: String,
    saved: String,
    kept: String,
    forget: Option<Uuid>,
    column_choices: Vec<Choice>,
    chosen_columns: String,
    about_filters: Vec<Field>,
    hidden_filters: Vec<(&'static str, String)>,
    own_filters: Vec<Field>,
    audiences: Vec<Choice>,
    filtered: bool,
    cleared: String,
    columns: Vec<Column>,
    rows: Vec<Row>,
    first_page: Option<String>,
    previous_page: Option<String>,
    next_page: Option<String>,
    span: String,
    exports: Vec<(&'static str, String)>,
    bulk: Vec<Filter>,
    actions: Vec<(String, String)>,
    may_edit: bool,
    key: String,
}

/// A tab that is a link.
#[derive(Clone, Debug)]
pub struct LinkTab {
    /// Address.
    pub address: String,
    /// Title.
    pub title: Cow<'static, str>,
    /// How many it holds.
    pub count: Option<u64>,
    /// It is the one shown.
    pub current: bool,
}

#[derive(Debug)]
struct Row {
    number: String,
    unread: bool,
    title: String,
    place: Option<String>,
    cells: Vec<Cell>,
    status: Badge,
    priority: Badge,
    assignee: Option<Assignee>,
    due: Option<Due>,
    updated: Moment,
}

#[derive(Debug)]
struct Assignee {
    initials: String,
    name: String,
}

impl CasesPage {
    /// The list for a person.
    pub fn new(mut ui: Frame, query: &Query, data: &ListData) -> Self {
        ui.place = match query.view() {
            View::Followed if query.saved.is_empty() => "view-followed",
            _ => "case-handling",
        };
        ui.scope = Scope::List;
        for (_, day) in about::wrong_days(query) {
            let said = ui.with("filter-no-day", &[("day", day)]);
            ui.alerts.push(Alert::bad(said));
        }
        let (_, view, key) = VIEWS
            .into_iter()
            .find(|(view, ..)| *view == query.view())
            .unwrap_or(VIEWS[0]);
        let cleared = Query {
            view: view.to_owned(),
            sort: query.sort.clone(),
            ..Query::default()
        };
        let current = data
            .saved
            .iter()
            .find(|saved| saved.view.id.to_string() == query.saved);
        let first = query.first();
        let choices = filter_choices(&ui, query, data);
        let more_filters = more_filters(&ui, query, data);
        Self {
            here: first.address(),
            view,
            view_title: current
                .map_or_else(|| ui.text(key), |saved| saved.view.name.clone().into()),
            views: views(&ui, query, &data.counts, &data.saved),
            fresh: data.fresh.clone(),
            offered: None,
            search: query.q.clone(),
            bulk: bulk(&ui, &choices, data),
            filters: filters(&ui, query, choices, &data.case_types),
            tag: query.tag.clone(),
            chips: chips(&ui, query, &more_filters, data),
            more_filters,
            sort: query.sort.clone(),
            saved: query.saved.clone(),
            kept: query.kept(),
            forget: current
                .filter(|saved| saved.may_delete)
                .map(|saved| saved.view.id),
            audiences: audiences(&ui, data),
            exports: export::FORMATS
                .map(|(format, _, label)| (label, export::address(&first, format)))
                .into(),
            actions: match ui.may(Right::RunAction) {
                true => data.actions.clone(),
                false => Vec::new(),
            },
            may_edit: ui.may(Right::SetStatus),
            key: visit::reference(ui.now),
            filtered: query.is_filtered(),
            cleared: cleared.address(),
            columns: columns::heads(&ui, query, data),
            column_choices: columns::choices(&ui, query, data),
            chosen_columns: query.columns.clone(),
            about_filters: about::fields(&ui, query, data),
            hidden_filters: about::hidden(query),
            own_filters: own_filters::fields(&ui, query, data),
            rows: {
                let names = columns::shown(query);
                let rows = data.rows.iter();
                rows.map(|row| Row::new(row, &names, data, &ui)).collect()
            },
            first_page: (!query.after.is_empty()).then(|| first.address()),
            previous_page: data.previous.as_ref().map(|after| {
                Query {
                    after: after.clone(),
                    ..query.clone()
                }
                .address()
            }),
            span: span(&ui, data),
            next_page: data.next.as_ref().map(|after| {
                Query {
                    after: after.clone(),
                    ..query.clone()
                }
                .address()
            }),
            ui,
        }
    }
}

/// `1–12 af 27` in words of a language; only how many rows there are where their places are not known.
fn span(ui: &Frame, data: &ListData) -> String {
    let Some(span) = data.span else {
        return ui.count("cases-on-page", data.rows.len());
    };
    let [first, last, total] =
        [span.first, span.last, span.total].map(|one| format::number(one, ui.locale));
    let total = if span.is_all {
        total
    } else {
        format!("{total}+")
    };
    let values = [("first", &*first), ("last", &*last), ("total", &*total)];
    ui.with("cases-span", &values)
}

pub(crate) fn views(
    ui: &Frame,
    query: &Query,
    counts: &ViewCounts,
    saved: &[SavedData],
) -> Vec<LinkTab> {
    let tabs = VIEWS
        .into_iter()
        .zip(counts)
        .map(|((view, name, key), count)| {
            let target = Query {
                view: name.to_owned(),
                sort: query.sort.clone(),
                ..Query::default()
            };
            LinkTab {
                address: target.address(),
                title: ui.text(key),
                count: *count,
                current: query.saved.is_empty() && view == query.view(),
            }
        });
    let saved = saved.iter().map(|saved| LinkTab {
        address: Query {
            saved: saved.view.id.to_string(),
            ..saved.query.clone()
        }
        .address(),
        title: saved.view.name.clone().into(),
        count: saved.count,
        current: saved.view.id.to_string() == query.saved,
    });
    tabs.chain(saved).collect()
}

/// For whom a list can be kept.
fn audiences(ui: &Frame, data: &ListData) -> Vec<Choice> {
    let shares = ui.may(Right::ShareView);
    Audience::ALL
        .into_iter()
        .filter(|audience| match audience {
            Audience::Own => true,
            Audience::Team => shares && data.teams,
            Audience::All => shares,
        })
        .map(|audience| {
            let key = match audience {
                Audience::Own => "audience-own",
                Audience::Team => "audience-team",
                Audience::All => "audience-all",
            };
            Choice::new(audience.name(), ui.text(key), Audience::Own.name())
        })
        .collect()
}

/// What can be changed in the ticked cases at once.
fn bulk(ui: &Frame, choices: &FilterChoices, data: &ListData) -> Vec<Filter> {
    [
        ("assignee", "bulk-assign", &data.assignees),
        ("status", "bulk-status", &choices.statuses),
        ("priority", "bulk-priority", &choices.priorities),
    ]
    .map(|(name, label, choices)| {
        let keep = Choice::new("", ui.text(label), "");
        let values = choices.iter().map(|choice| Choice {
            selected: false,
            ..choice.clone()
        });
        Filter {
            name,
            label: ui.text(label),
            choices: [keep].into_iter().chain(values).collect(),
        }
    })
    .into()
}

impl Row {
    fn new(row: &RowData, columns: &[String], data: &ListData, ui: &Frame) -> Self {
        let locale = ui.locale;
        let case_type = data
            .case_types
            .iter()
            .find(|one| one.name == row.case_type)
            .map(Arc::as_ref);
        let default = Priorities::default();
        let scale = &case_type.map_or(&default, |one| &one.priorities).scale;
        let done = case_type.is_some_and(|one| one.is_final(&row.status));
        Self {
            number: row.number.clone(),
            unread: row.unread,
            title: row.title.clone(),
            place: row.place.clone(),
            cells: columns::cells(columns, row, case_type, ui),
            status: words::status_badge(case_type, &row.status, locale),
            priority: Badge::new(
                words::priority_bars(scale, &row.priority),
                None,
                words::priority(&row.priority, locale),
            ),
            assignee: row.assignee.as_ref().map(|name| Assignee {
                initials: words::initials(name),
                name: name.clone(),
            }),
            due: row.due.map(|due| Due::new(due, done, ui)),
            updated: Moment::ago(row.updated_at, ui.now, locale),
        }
    }

    fn type_title(row: &RowData, case_type: Option<&CaseType>, ui: &Frame) -> String {
        case_type.map_or_else(
            || row.case_type.clone(),
            |one| words::case_type(one, ui.locale),
        )
    }
}

/// The form for a new case.
#[derive(Template, Debug)]
#[template(path = "case_new.html", blocks = ["title", "main"])]
pub struct NewCasePage {
    /// Frame.
    pub ui: Frame,
    /// Where the form is sent.
    pub action: String,
    /// Where "cancel" leads.
    pub back: String,
    /// Where the parts that change with the case type come from.
    pub source: String,
    /// Its fields.
    pub fields: Vec<crate::form::Field>,
    /// The fields of the chosen case type.
    pub own_fields: Vec<crate::form::Field>,
    /// The case type whose own fields the form shows.
    pub drawn: String,
    /// What only a case by hand has.
    pub extra: Option<Extra>,
    /// Cases that it may repeat.
    pub similar: Similar,
}

/// What the form for a case by hand has beyond that for a case of a message.
#[derive(Debug)]
pub struct Extra {
    /// Fields of a reporter who is not in the register.
    pub(crate) contact: Vec<crate::form::Field>,
    /// Name and value of the hidden field with the identity that the reporter gets.
    pub(crate) contact_id: (String, String),
    /// Something is written there.
    pub(crate) contact_is_open: bool,
    /// Files that came with the form and are kept.
    pub(crate) kept: Option<crate::form::Field>,
    /// Where files are added; nothing for who may not.
    pub(crate) upload: Option<Upload>,
}
