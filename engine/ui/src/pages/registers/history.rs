//! The history of a record as lines: who did what, and what each value was and is.

use super::Register;
use crate::format::Moment;
use crate::frame::Frame;
use crate::words;
use sagsgang_domain::RecordEntry;
use serde_json::{Map, Value};

/// A line of the history.
#[derive(Debug)]
pub(crate) struct HistoryLine {
    pub icon: &'static str,
    pub who: String,
    pub what: String,
    pub at: Moment,
}

/// The lines, the oldest first.
pub(crate) fn lines(entries: &[RecordEntry], register: Register, ui: &Frame) -> Vec<HistoryLine> {
    entries
        .iter()
        .map(|entry| line(entry, register, ui))
        .collect()
}

fn line(entry: &RecordEntry, register: Register, ui: &Frame) -> HistoryLine {
    let brought = entry.data.get("broughtBy").and_then(Value::as_str);
    let (icon, what) = match (entry.kind.as_str(), brought) {
        ("record.created.v1", None) => ("plus", ui.text("record-created").into_owned()),
        ("record.created.v1", Some(file)) => {
            ("plus", ui.with("record-imported", &[("file", file)]))
        }
        ("record.revealed.v1", _) if entry.data.contains_key("value") => {
            ("eye", ui.text("record-revealed-cpr").into_owned())
        }
        ("record.revealed.v1", _) => ("eye", ui.text("record-revealed").into_owned()),
        _ => {
            let said = entry.data.get("changes").and_then(Value::as_object);
            let said = said
                .map(|changes| changed(changes, register, ui))
                .unwrap_or_default();
            (
                "arrow",
                ui.with("record-changed", &[("changes", said.as_str())]),
            )
        }
    };
    HistoryLine {
        icon,
        who: entry.actor.name.clone(),
        what,
        at: Moment::new(entry.at, ui.now, ui.locale),
    }
}

/// Each value with what it was and what it is.
fn changed(changes: &Map<String, Value>, register: Register, ui: &Frame) -> String {
    let one = |(name, change): (&String, &Value)| {
        let label = label(name, register, ui);
        match (shown(&change["from"], ui), shown(&change["to"], ui)) {
            (Some(from), Some(to)) => format!("{label}: {from} → {to}"),
            // An id says nothing to a person.
            _ => label,
        }
    };
    changes.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn label(name: &str, register: Register, ui: &Frame) -> String {
    let key = match name {
        "containerId" => "container-id",
        "type" if register == Register::Properties => "property-type",
        "type" => "container-type",
        "compartments" => "waste-fraction",
        "property" => "property",
        "container" => "container",
        "status" => "status",
        "lastCollection" => "last-collection",
        "nextCollection" => "next-collection",
        "municipalityCode" | "propertyNumber" => "property-number",
        "bfe" => "bfe-number",
        "area" => "area",
        "conditions" => "conditions",
        "from" | "to" => "period",
        "price" => "price",
        "service" => "service",
        "kind" => "contact-kind",
        "name" => "name",
        "cvr" => "cvr-number",
        "cpr" => "cpr-number",
        "emails" => "email",
        "phones" => "phone",
        "role" => "role",
        "protected" => "protection",
        _ if name.starts_with("address.") => "address",
        _ => return name.to_owned(),
    };
    ui.text(key).into_owned()
}

/// A value in words; none for what only programs read.
fn shown(value: &Value, ui: &Frame) -> Option<String> {
    Some(match value {
        Value::Null => "–".to_owned(),
        Value::Bool(true) => ui.text("answer-yes").into_owned(),
        Value::Bool(false) => ui.text("answer-no").into_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => "–".to_owned(),
        Value::String(text) if text.parse::<uuid::Uuid>().is_ok() => return None,
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "–".to_owned(),
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().filter_map(|item| part(item, ui)).collect();
            parts.join(" / ")
        }
        Value::Object(_) => return None,
    })
}

/// An item of a list: a text, or a room with its fractions.
fn part(item: &Value, ui: &Frame) -> Option<String> {
    if let Value::String(text) = item {
        return Some(text.clone());
    }
    let names = item.get("fractions")?.as_array()?.iter();
    let names: Vec<String> = names
        .filter_map(Value::as_str)
        .map(|name| words::fraction(name, ui.locale))
        .collect();
    Some(names.join(" + "))
}
