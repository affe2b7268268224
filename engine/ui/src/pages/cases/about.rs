//! Filters by the records that cases are about, and by days.

use super::{ListData, Query};
use crate::answer::Failure;
use crate::form::{Choice, Control, Field};
use crate::format;
use crate::frame::Frame;
use crate::locale::Locale;
use crate::pages::registers::edit::lookup::numbered;
use crate::pages::registers::{agreement_title, contact_name, property_number, property_title};
use crate::visit::Visit;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sagsgang_domain::{PropertyId, Timestamp};
use sagsgang_runtime::{CaseFilter, ContainerRef, PropertyRef};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What the records are called that a list is narrowed to, by the name of the filter.
pub(crate) type Titles = BTreeMap<&'static str, String>;

/// The filters by records: name and label.
const RECORDS: [(&str, &str); 5] = [
    ("property", "property"),
    ("container", "container"),
    ("agreement", "agreement"),
    ("contact", "contact"),
    ("area", "area"),
];
/// The filters by days likewise.
const DAYS: [(&str, &str); 6] = [
    ("createdFrom", "created-from"),
    ("createdTo", "created-to"),
    ("updatedFrom", "updated-from"),
    ("updatedTo", "updated-to"),
    ("dueFrom", "due-from"),
    ("dueTo", "due-to"),
];

/// A property of which there are no cases.
const NO_PROPERTY: PropertyRef = PropertyRef::Id(PropertyId(Uuid::nil()));

/// Narrows a list to what the address asks for. What names nothing has no cases, and so has a day that does not exist: the
/// whole list in its place would be taken for the answer.
pub(super) fn narrow(filter: &mut CaseFilter, query: &Query, zone: &TimeZone) {
    let asked = |name: &str| Some(query.filter(name)).filter(|text| !text.is_empty());
    let id = |name: &str| asked(name).map(|text| Uuid::parse_str(text).unwrap_or_default());
    filter.property = asked("property").map(|text| property(text).unwrap_or(NO_PROPERTY));
    filter.container = asked("container").map(ContainerRef::read);
    filter.agreement = id("agreement").map(Into::into);
    filter.contact = id("contact").map(Into::into);
    filter.area = asked("area").map(str::to_owned);
    let begins = |name: &str| {
        let day = day(query.filter(name))?.to_zoned(zone.clone()).ok()?;
        Some(Timestamp::from(day.timestamp()))
    };
    let ends = |name: &str| {
        let end = Timestamp::end_of_day(day(query.filter(name))?, zone)?;
        Some(end.plus_seconds(1))
    };
    filter.created_from = begins("createdFrom");
    filter.created_before = ends("createdTo");
    filter.updated_from = begins("updatedFrom");
    filter.unchanged_since = ends("updatedTo");
    filter.due_from = begins("dueFrom");
    filter.due_before = ends("dueTo").or(filter.due_before);
    if wrong_days(query).next().is_some() {
        filter.property = Some(NO_PROPERTY);
    }
}

/// The filters by days that do not exist, with what was written.
pub(super) fn wrong_days(query: &Query) -> impl Iterator<Item = (&'static str, &str)> {
    let written = DAYS.into_iter().map(|(name, _)| (name, query.filter(name)));
    written.filter(|(_, text)| !text.is_empty() && day(text).is_none())
}

fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

fn property(text: &str) -> Option<PropertyRef> {
    match numbered(text) {
        Some((municipality, number)) => Some(PropertyRef::Numbered {
            municipality: municipality.to_owned(),
            number: number.to_owned(),
        }),
        None => PropertyRef::read(text),
    }
}

/// What the records are called; what there is not is called as it was written.
pub(super) async fn titles(visit: &Visit, query: &Query) -> Result<Titles, Failure> {
    let (engine, locale) = (&visit.engine, visit.locale);
    let mut titles = Titles::new();
    for (name, _) in RECORDS {
        let text = query.filter(name);
        if text.is_empty() {
            continue;
        }
        let id = Uuid::parse_str(text).unwrap_or_default();
        let title = match name {
            "property" => {
                let found = match property(text) {
                    Some(PropertyRef::Id(id)) => engine.property(id).await?,
                    Some(PropertyRef::Numbered {
                        municipality,
                        number,
                    }) => engine.property_numbered(&municipality, &number).await?,
                    None => None,
                };
                found.map(|one| format!("{} ({})", property_title(&one), property_number(&one)))
            }
            "container" => {
                let found = match ContainerRef::read(text) {
                    ContainerRef::Id(id) => engine.container(id).await?,
                    ContainerRef::Printed(printed) => {
                        engine.container_by_printed_id(&printed).await?
                    }
                };
                found.map(|one| one.container_id)
            }
            "agreement" => {
                let found = engine.agreement(id.into()).await?;
                found.map(|one| agreement_title(&one, locale))
            }
            "contact" => {
                let found = engine.contact(id.into()).await?;
                found.map(|one| contact_name(&one, locale).into_owned())
            }
            _ => None,
        };
        titles.insert(name, title.unwrap_or_else(|| text.to_owned()));
    }
    Ok(titles)
}

/// The fields in which they are chosen. Agreements and contacts are come to from their own pages.
pub(super) fn fields(ui: &Frame, query: &Query, data: &ListData) -> Vec<Field> {
    let lookup = |name: &str, register: &str, hint: &str| {
        let control = Control::Lookup {
            value: query.filter(name).to_owned(),
            source: format!("/registers/{register}/options"),
        };
        Field {
            hint: Some(ui.text(hint).into_owned()),
            ..Field::new(name, ui.text(name), control)
        }
    };
    let mut fields = vec![
        lookup("property", "properties", "property-filter-hint"),
        lookup("container", "containers", "container-lookup-hint"),
    ];
    if !data.areas.is_empty() || !query.area.is_empty() {
        let present = query.filter("area");
        let mut choices = vec![Choice::new("", ui.text("any-area"), present)];
        let areas = data.areas.iter();
        choices.extend(areas.map(|area| Choice::new(area, area, present)));
        // An area that no property lies in any more stays chosen until another choice is made.
        if !choices.iter().any(|choice| choice.selected) {
            choices.push(Choice::new(present, present, present));
        }
        fields.push(Field::new(
            "area",
            ui.text("area"),
            Control::Select(choices),
        ));
    }
    fields.extend(DAYS.map(|(name, label)| {
        let control = Control::Text {
            value: query.filter(name).to_owned(),
            kind: "date",
        };
        let text = query.filter(name);
        let is_wrong = !text.is_empty() && day(text).is_none();
        Field {
            error: is_wrong.then(|| ui.with("filter-no-day", &[("day", text)])),
            ..Field::new(name, ui.text(label), control)
        }
    }));
    fields
}

/// The filters that no field shows: they go along with the others.
pub(super) fn hidden(query: &Query) -> Vec<(&'static str, String)> {
    let names = ["agreement", "contact"];
    let held = names.map(|name| (name, query.filter(name).to_owned()));
    held.into_iter()
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

/// The filters that are on: name, label and value in words.
pub(super) fn chosen(
    query: &Query,
    data: &ListData,
    locale: Locale,
) -> Vec<(&'static str, String, String)> {
    let label = |key: &str| locale.text(key).into_owned();
    let records = RECORDS.into_iter().filter_map(|(name, key)| {
        let text = query.filter(name);
        let title = data.about.get(name).map_or(text, String::as_str);
        (!text.is_empty()).then(|| (name, label(key), title.to_owned()))
    });
    let days = DAYS.into_iter().filter_map(|(name, key)| {
        let text = query.filter(name);
        let told = match day(text) {
            Some(_) => format::register_day(text, locale),
            None => text.to_owned(),
        };
        (!text.is_empty()).then(|| (name, label(key), told))
    });
    records.chain(days).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_days_in_denmark_and_what_names_nothing_has_no_cases() {
        let zone = TimeZone::get("Europe/Copenhagen").unwrap();
        let query = Query {
            property: "Lærkehaven 14 (0999-048213)".to_owned(),
            container: "BH-1".to_owned(),
            contact: "Anna".to_owned(),
            created_from: "2026-07-01".to_owned(),
            created_to: "2026-07-01".to_owned(),
            ..Query::default()
        };
        let mut filter = CaseFilter {
            due_before: Some(Timestamp::from_micros(7)),
            ..CaseFilter::default()
        };
        narrow(&mut filter, &query, &zone);
        assert!(matches!(
            filter.property,
            Some(PropertyRef::Numbered { .. })
        ));
        assert_eq!(filter.contact.map(|id| id.0), Some(Uuid::nil()));
        let seconds = |at: Option<Timestamp>| at.map(|at| at.as_micros() / 1_000_000);
        let (from, to) = (seconds(filter.created_from), seconds(filter.created_before));
        assert_eq!(from, Some(1_782_856_800));
        assert_eq!(to.zip(from).map(|(to, from)| to - from), Some(86_400));
        assert_eq!(filter.due_before, Some(Timestamp::from_micros(7)));
        let nameless = Query {
            property: "Lærkehaven 14".to_owned(),
            ..Query::default()
        };
        let dayless = Query {
            due_to: "2026-02-31".to_owned(),
            ..query
        };
        for other in [nameless, dayless] {
            narrow(&mut filter, &other, &zone);
            assert_eq!(filter.property, Some(NO_PROPERTY));
        }
    }
}
