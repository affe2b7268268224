//! The filters of the list: what there is to choose from, and which of them are on.

use super::{ListData, Query, about, own_filters};
use crate::form::Choice;
use crate::frame::Frame;
use crate::locale::Locale;
use crate::words;
use sagsgang_domain::{CaseType, Priorities};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A filter of the row above the list, or of the bar for changing many cases.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) name: &'static str,
    pub(super) label: Cow<'static, str>,
    pub(super) choices: Vec<Choice>,
}

/// A filter that is on, and the address without it.
#[derive(Debug)]
pub(super) struct Chip {
    pub(super) label: String,
    pub(super) without: String,
    pub(super) remove: String,
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

pub(super) fn filters(
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
pub(super) fn more_filters(ui: &Frame, query: &Query, data: &ListData) -> Vec<Filter> {
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
pub(super) fn chips(ui: &Frame, query: &Query, more: &[Filter], data: &ListData) -> Vec<Chip> {
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
