//! The list of cases: views, filters, sorting, pages. All of it stands in the address.

mod about;
pub(crate) mod bulk;
pub(crate) mod columns;
pub(crate) mod create;
pub(crate) mod export;
pub(crate) mod keep;
pub(crate) mod list;
mod own_filters;
pub mod query;
pub mod similar;

pub(crate) use list::filter;
pub use query::{Query, SORTS, VIEWS, View};
use similar::Similar;

use crate::answer::see;
use crate::form::{Choice, Control, Field};
use crate::format::Moment;
use crate::frame::Frame;
use crate::locale::Locale;
use crate::pages::case::Due;
use crate::registry::Scope;
use crate::visit;
use crate::words::{self, Badge};
use askama::Template;
use columns::{Cell, Column};
use sagsgang_domain::{CaseType, Priorities, Right, Timestamp};
use sagsgang_runtime::{Audience, CaseBeside, SavedView};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// What is known of a case in a list.
#[derive(Clone, Debug)]
pub struct RowData {
    /// Number.
    pub number: String,
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

/// What a list shows.
#[derive(Clone, Debug, Default)]
pub struct ListData {
    /// The page of cases.
    pub rows: Vec<RowData>,
    /// Where the next page starts.
    pub next: Option<String>,
    /// Published case types.
    pub case_types: Vec<Arc<CaseType>>,
    /// How many cases each view has, in the order of [`VIEWS`], where it is known.
    pub counts: [Option<u64>; VIEWS.len()],
    /// Kept lists.
    pub saved: Vec<SavedData>,
    /// The person is in a team.
    pub teams: bool,
    /// Who a case can be given to.
    pub assignees: Vec<Choice>,
    /// What the records are called that the list is narrowed to.
    pub(crate) about: about::Titles,
    /// Areas in which there are properties.
    pub areas: Vec<String>,
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
    next_page: Option<String>,
    exports: Vec<(&'static str, String)>,
    bulk: Vec<Filter>,
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
struct Filter {
    name: &'static str,
    label: Cow<'static, str>,
    choices: Vec<Choice>,
}

/// A filter that is on, and the address without it.
#[derive(Debug)]
struct Chip {
    label: String,
    without: String,
    remove: String,
}

#[derive(Debug)]
struct Row {
    number: String,
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
        let first = Query {
            after: String::new(),
            ..query.clone()
        };
        let choices = filter_choices(&ui, query, data);
        let more_filters = more_filters(&ui, query, data);
        Self {
            here: first.address(),
            view,
            view_title: current
                .map_or_else(|| ui.text(key), |saved| saved.view.name.clone().into()),
            views: views(&ui, query, data),
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

fn views(ui: &Frame, query: &Query, data: &ListData) -> Vec<LinkTab> {
    let tabs = VIEWS
        .into_iter()
        .zip(data.counts)
        .map(|((view, name, key), count)| {
            let target = Query {
                view: name.to_owned(),
                sort: query.sort.clone(),
                ..Query::default()
            };
            LinkTab {
                address: target.address(),
                title: ui.text(key),
                count,
                current: query.saved.is_empty() && view == query.view(),
            }
        });
    let saved = data.saved.iter().map(|saved| LinkTab {
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

/// Values of the published case types, by which lists are filtered.
pub(crate) struct FilterChoices {
    pub(crate) statuses: Vec<Choice>,
    pub(crate) priorities: Vec<Choice>,
    types: Vec<Choice>,
}

/// Every value once, in the order of the case types.
pub(crate) fn filter_choices(ui: &Frame, query: &Query, data: &ListData) -> FilterChoices {
    let locale = ui.locale;
    let mut seen = BTreeSet::new();
    let (mut statuses, mut priorities, mut types) = (Vec::new(), Vec::new(), Vec::new());
    let default = Priorities::default();
    let scales = data.case_types.iter().map(|one| &one.priorities);
    for name in scales.chain([&default]).flat_map(|scale| &scale.scale) {
        if seen.insert(("priority", name.clone())) {
            priorities.push(Choice::new(
                name,
                words::priority(name, locale),
                &query.priority,
            ));
        }
    }
    for case_type in &data.case_types {
        types.push(Choice::new(
            &case_type.name,
            words::case_type(case_type, locale),
            &query.case_type,
        ));
        for status in &case_type.statuses {
            if seen.insert(("status", status.name.clone())) {
                let title = words::status(Some(case_type), &status.name, locale);
                statuses.push(Choice::new(&status.name, title, &query.status));
            }
        }
    }
    FilterChoices {
        statuses,
        priorities,
        types,
    }
}

fn filters(
    ui: &Frame,
    query: &Query,
    choices: FilterChoices,
    case_types: &[Arc<CaseType>],
) -> Vec<Filter> {
    let FilterChoices {
        statuses,
        priorities,
        types,
    } = choices;
    let statuses = by_title(statuses, case_types);
    [
        ("status", "status", "any-status", &query.status, statuses),
        (
            "priority",
            "priority",
            "any-priority",
            &query.priority,
            priorities,
        ),
        ("type", "case-type", "any-type", &query.case_type, types),
    ]
    .map(|(name, label, any, present, choices)| {
        let any = Choice::new("", ui.text(any), present);
        let several = several(present, &choices);
        Filter {
            name,
            label: ui.text(label),
            choices: [any].into_iter().chain(choices).chain(several).collect(),
        }
    })
    .into()
}

/// Statuses that are called the same are one choice, whatever their names: people know the word only. Whichever of them
/// is asked for, all of them are shown; see [`called_alike`].
fn by_title(choices: Vec<Choice>, case_types: &[Arc<CaseType>]) -> Vec<Choice> {
    let mut merged: Vec<(Option<String>, Choice)> = Vec::new();
    for choice in choices {
        let mut having = case_types
            .iter()
            .filter(|one| one.status(&choice.value).is_some());
        let title = having.next().map(|one| common_title(one, &choice.value));
        match merged.iter_mut().find(|(one, _)| *one == title) {
            Some((_, same)) => same.selected |= choice.selected,
            None => merged.push((title, choice)),
        }
    }
    merged.into_iter().map(|(_, choice)| choice).collect()
}

/// What a status is called, in the language by which statuses are held to be the same for every reader.
fn common_title(case_type: &CaseType, status: &str) -> String {
    words::status(Some(case_type), status, Locale::Danish)
}

/// The statuses, and those of any case type that are called like one of them.
pub(crate) fn called_alike(statuses: Vec<String>, case_types: &[Arc<CaseType>]) -> Vec<String> {
    if statuses.is_empty() {
        return statuses;
    }
    let all = || {
        let named = |one: &'_ Arc<CaseType>| -> Vec<(String, String)> {
            let statuses = one.statuses.iter();
            statuses
                .map(|status| (status.name.clone(), common_title(one, &status.name)))
                .collect()
        };
        case_types.iter().flat_map(named)
    };
    let wanted: BTreeSet<String> = all()
        .filter(|(name, _)| statuses.contains(name))
        .map(|(_, title)| title)
        .collect();
    let mut alike = statuses;
    for (name, title) in all() {
        if wanted.contains(&title) && !alike.contains(&name) {
            alike.push(name);
        }
    }
    alike
}

/// What the address asks for and no choice has: several values at once stay chosen until another choice is made.
fn several(present: &str, choices: &[Choice]) -> Option<Choice> {
    if present.is_empty() || choices.iter().any(|choice| choice.selected) {
        return None;
    }
    let label = |value: &str| {
        let known = choices.iter().find(|choice| choice.value == value.trim());
        known.map_or_else(|| value.to_owned(), |choice| choice.label.clone())
    };
    let labels: Vec<_> = present.split(',').map(label).collect();
    Some(Choice::new(present, labels.join(", "), present))
}

/// Filters that are not always shown.
fn more_filters(ui: &Frame, query: &Query, data: &ListData) -> Vec<Filter> {
    let mut people = vec![
        Choice::new("", ui.text("any-assignee"), &query.assignee),
        Choice::new("me", ui.text("assignee-me"), &query.assignee),
    ];
    people.extend(data.assignees.iter().map(|choice| Choice {
        selected: choice.value == query.assignee,
        ..choice.clone()
    }));
    let dues = DUES.map(|(name, key)| Choice::new(name, ui.text(key), &query.due));
    let dues = [Choice::new("", ui.text("any-due"), &query.due)]
        .into_iter()
        .chain(dues)
        .collect();
    [("assignee", "assignee", people), ("due", "due", dues)]
        .map(|(name, label, choices)| Filter {
            name,
            label: ui.text(label),
            choices,
        })
        .into()
}

const DUES: [(&str, &str); 3] = [
    ("overdue", "due-overdue"),
    ("today", "due-today"),
    ("week", "due-week"),
];

/// The filters that are on and not seen in the row of filters.
fn chips(ui: &Frame, query: &Query, more: &[Filter], data: &ListData) -> Vec<Chip> {
    let chosen = more.iter().filter_map(|filter| {
        let choice = filter.choices.iter().find(|choice| choice.selected)?;
        let label = filter.label.clone();
        (!choice.value.is_empty()).then(|| (filter.name, label, choice.label.clone()))
    });
    let tag = (!query.tag.is_empty()).then(|| ("tag", ui.text("tag"), query.tag.clone()));
    let chip = |(name, label, value): (&str, Cow<'_, str>, String)| Chip {
        remove: ui.with("remove-filter", &[("filter", &*label)]),
        label: format!("{label}: {value}"),
        without: query.without(name).address(),
    };
    let named = own_filters::chosen(ui, query, data);
    let named: Vec<Chip> = named
        .iter()
        .map(|(name, label, value)| chip((name, label.clone().into(), value.clone())))
        .collect();
    let about = about::chosen(query, data, ui.locale).into_iter();
    let about = about.map(|(name, label, value)| (name, label.into(), value));
    let plain = chosen.chain(tag).chain(about);
    plain.map(chip).chain(named).collect()
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
    /// Cases that it may repeat.
    pub similar: Similar,
}

/// The start page is the person's own list.
pub(crate) async fn start() -> axum::response::Response {
    see("/cases")
}
