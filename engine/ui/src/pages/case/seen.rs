//! What a register said of a record when it came to the case, where it says something else now.

use crate::format;
use crate::locale::Locale;
use crate::pages::case::fields::Fact;
use crate::words;
use sagsgang_domain::register::Seen;
use sagsgang_domain::{Entry, Event, Record};

/// What the history of a case keeps of its records, the oldest first.
pub(crate) fn of(entries: &[Entry]) -> Vec<Seen> {
    let event = |entry: &Entry| match entry.kind.as_str() {
        "case.created.v1" | "case.linked.v1" => Event::from_parts(&entry.kind, &entry.data).ok(),
        _ => None,
    };
    entries
        .iter()
        .filter_map(event)
        .flat_map(|event| match event {
            Event::Created { seen, .. } => seen,
            Event::Linked { seen, .. } => seen.into_iter().collect(),
            _ => Vec::new(),
        })
        .collect()
}

/// The values of a record that were something else when it came to the case last.
pub(crate) fn then(seen: &[Seen], now: Record, locale: Locale) -> Vec<Fact> {
    let then = seen.iter().rev().find(|one| one.id == now.id());
    let Some(then) = then.filter(|_| !now.is_protected()) else {
        return Vec::new();
    };
    let fact = |(name, value): (String, String)| Fact {
        label: locale.text(label(&now, &name)).into_owned(),
        value: shown(&now, &name, &value, locale),
    };
    then.differing(&now).into_iter().map(fact).collect()
}

fn label(record: &Record, name: &str) -> &'static str {
    match (record, name) {
        (_, "address") => "address",
        (_, "propertyNumber") => "property-number",
        (Record::Property(_), "type") => "property-type",
        (_, "type") => "container-type",
        (_, "area") => "area",
        (_, "conditions") => "conditions",
        (_, "containerId") => "container-id",
        (_, "fractions") => "waste-fraction",
        (_, "service") => "service",
        (_, "from") => "first-day",
        (_, "to") => "last-day",
        (_, "price") => "price",
        (_, "role") => "role",
        (_, "cvr") => "cvr-number",
        (_, "name") => "name",
        _ => "status",
    }
}

fn shown(record: &Record, name: &str, value: &str, locale: Locale) -> String {
    match (record, name) {
        (_, _) if value.is_empty() => "–".to_owned(),
        (Record::Container(_), "status") => words::container_status(value, locale).title,
        (_, "role") => words::contact_role(value, locale),
        (_, "from" | "to") => format::register_day(value, locale),
        (_, "price") => format::price(value, locale),
        (_, "fractions") => {
            let room = |room: &str| {
                let words = room.split('+').map(|name| words::fraction(name, locale));
                words.collect::<Vec<_>>().join(" + ")
            };
            value.split('/').map(room).collect::<Vec<_>>().join(" / ")
        }
        _ => value.to_owned(),
    }
}
