//! The columns of the list: which there are, which are shown, and what stands in them.

use super::{ListData, Query, Row, RowData};
use crate::answer::{Answer, see};
use crate::form::Choice;
use crate::format::Moment;
use crate::frame::Frame;
use crate::locale::Locale;
use crate::pages::case::fields;
use crate::pages::cases::list::kept;
use crate::visit::Visit;
use axum::Form;
use sagsgang_domain::CaseType;
use sagsgang_runtime::CaseSort;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Columns of a list beside the case itself.
const MOST_COLUMNS: usize = 12;

/// The columns that there are for every case: name, title, and the order that a click on it gives.
const COLUMNS: [(&str, &str, Option<Order>); 13] = [
    ("status", "status", None),
    (
        "priority",
        "priority",
        Some((CaseSort::Priority, "priority", "descending")),
    ),
    ("assignee", "assignee", None),
    ("type", "case-type", None),
    ("due", "due", Some((CaseSort::Due, "due", "ascending"))),
    (
        "updated",
        "updated",
        Some((CaseSort::Updated, "updated", "descending")),
    ),
    (
        "created",
        "export-created",
        Some((CaseSort::Created, "created", "descending")),
    ),
    ("team", "team", None),
    ("address", "address", None),
    ("area", "area", None),
    ("property", "property-number", None),
    ("containers", "container", None),
    ("tags", "tags", None),
];
/// Those that are shown where nobody has chosen.
const USUAL: usize = 6;

type Order = (CaseSort, &'static str, &'static str);

/// The head of a column.
#[derive(Debug)]
pub(crate) struct Column {
    pub title: Cow<'static, str>,
    pub address: Option<String>,
    pub direction: Option<&'static str>,
}

impl Column {
    pub(crate) fn arrow(&self) -> &'static str {
        if self.direction == Some("ascending") {
            "up"
        } else {
            "down"
        }
    }
}

/// What stands in a column of a row.
#[derive(Debug)]
pub(crate) enum Cell {
    Status,
    Priority,
    Assignee,
    Due,
    Updated,
    Text(String),
    Time(Moment),
}

/// The names of the columns that are shown, in their order.
pub(crate) fn shown(query: &Query) -> Vec<String> {
    let known = |name: &str| {
        name.starts_with("fields.") || COLUMNS.iter().any(|(known, ..)| *known == name)
    };
    let mut seen = BTreeSet::new();
    let chosen: Vec<String> = query
        .chosen_columns()
        .filter(|name| known(name) && seen.insert(*name))
        .take(MOST_COLUMNS)
        .map(str::to_owned)
        .collect();
    match chosen.is_empty() {
        true => COLUMNS[..USUAL]
            .iter()
            .map(|(name, ..)| (*name).to_owned())
            .collect(),
        false => chosen,
    }
}

/// The heads of the columns.
pub(crate) fn heads(ui: &Frame, query: &Query, data: &ListData) -> Vec<Column> {
    let case = Column {
        title: ui.text("case"),
        address: None,
        direction: None,
    };
    let head = |name: String| {
        let known = COLUMNS.iter().find(|(known, ..)| *known == name);
        let Some((_, title, order)) = known else {
            return Column {
                title: own_label(&name, data, ui).into(),
                address: None,
                direction: None,
            };
        };
        let sorted = |sort: &str| {
            Query {
                sort: sort.to_owned(),
                after: String::new(),
                ..query.clone()
            }
            .address()
        };
        Column {
            title: ui.text(title),
            address: order.map(|(_, sort, _)| sorted(sort)),
            direction: order
                .filter(|(sort, ..)| *sort == query.sort())
                .map(|(.., direction)| direction),
        }
    };
    let own = shown(query).into_iter().map(head);
    [case].into_iter().chain(own).collect()
}

/// What a column is called where it stands in a file.
pub(crate) fn title(name: &str, case_types: &[Arc<CaseType>], locale: Locale) -> String {
    match COLUMNS.iter().find(|(known, ..)| *known == name) {
        Some((_, title, _)) => locale.text(title).into_owned(),
        None => {
            let own = name.trim_start_matches(fields::PREFIX);
            let case_type = case_types
                .iter()
                .find(|one| fields::property(one, own).is_some());
            fields::label(case_type.map(AsRef::as_ref), own, locale)
        }
    }
}

/// What stands in the columns of a row.
pub(crate) fn cells(
    names: &[String],
    row: &RowData,
    case_type: Option<&CaseType>,
    ui: &Frame,
) -> Vec<Cell> {
    let cell = |name: &String| match name.as_str() {
        "status" => Cell::Status,
        "priority" => Cell::Priority,
        "assignee" => Cell::Assignee,
        "type" => Cell::Text(Row::type_title(row, case_type, ui)),
        "due" => Cell::Due,
        "updated" => Cell::Updated,
        "created" => Cell::Time(Moment::new(row.created_at, ui.now, ui.locale)),
        "team" => Cell::Text(row.team.clone().unwrap_or_default()),
        "address" => Cell::Text(row.place.clone().unwrap_or_default()),
        "area" => Cell::Text(row.area.clone().unwrap_or_default()),
        "property" => Cell::Text(row.property_number.clone().unwrap_or_default()),
        "containers" => Cell::Text(row.beside.containers.join(", ")),
        "tags" => Cell::Text(row.beside.tags.join(", ")),
        own => {
            let own = own.trim_start_matches("fields.");
            let value = row.fields.get(own);
            let text = value.map(|value| fields::shown(case_type, own, value, ui.locale));
            Cell::Text(text.unwrap_or_default())
        }
    };
    names.iter().map(cell).collect()
}

/// All columns to choose from, those that are shown first and ticked.
pub(crate) fn choices(ui: &Frame, query: &Query, data: &ListData) -> Vec<Choice> {
    let shown = shown(query);
    let mut names = shown.clone();
    names.extend(COLUMNS.iter().map(|(name, ..)| (*name).to_owned()));
    names.extend(own_names(&data.case_types));
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    let choice = |name: String| {
        let label = title(&name, &data.case_types, ui.locale);
        let mut choice = Choice::new(&name, label, "");
        choice.selected = shown.contains(&name);
        choice
    };
    names.into_iter().map(choice).collect()
}

/// The fields of the case types, as columns are named.
pub(crate) fn own_names(case_types: &[Arc<CaseType>]) -> BTreeSet<String> {
    let properties = case_types
        .iter()
        .filter_map(|one| one.fields.get("properties")?.as_object());
    let names = properties.flat_map(|one| one.keys());
    names.map(|name| format!("fields.{name}")).collect()
}

/// What a field is called by the first case type that has it.
pub(crate) fn own_label(name: &str, data: &ListData, ui: &Frame) -> String {
    title(name, &data.case_types, ui.locale)
}

/// The first case type that has a field.
pub(crate) fn with_field<'d>(name: &str, data: &'d ListData) -> Option<&'d CaseType> {
    let has = |one: &&Arc<CaseType>| fields::property(one, name).is_some();
    data.case_types.iter().find(has).map(AsRef::as_ref)
}

/// Shows the list with the ticked columns.
pub(crate) async fn choose(_: Visit, Form(pairs): Form<Vec<(String, String)>>) -> Answer {
    let value = |name: &str| {
        let found = pairs.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let ticked = pairs.iter().filter(|(name, _)| name == "column");
    let ticked: Vec<&str> = ticked.map(|(_, value)| value.as_str()).collect();
    let query = kept(value("query"));
    let chosen = Query {
        columns: ticked.join(","),
        saved: value("saved").to_owned(),
        ..query
    };
    Ok(see(&chosen.address()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_columns_are_shown_until_others_are_chosen() {
        let usual = shown(&Query::default());
        assert_eq!(usual.len(), USUAL);
        let query = Query {
            columns: "team, fields.fraction,nonsense,team".to_owned(),
            ..Query::default()
        };
        assert_eq!(shown(&query), ["team", "fields.fraction"]);
    }
}
