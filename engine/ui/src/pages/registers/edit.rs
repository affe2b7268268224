//! Making a record and changing it, on a form that loses nothing when somebody else was quicker.

pub(crate) mod address;
pub(crate) mod change;
pub(crate) mod fields;
pub(crate) mod lookup;
pub(crate) mod merge;
pub(crate) mod new;
pub(crate) mod values;

use super::Register;
use crate::form::{Control, Field};
use crate::format::Moment;
use crate::frame::Frame;
use askama::Template;
use fields::{Problems, label, shown};
use merge::Contested;
use sagsgang_domain::RecordEntry;
use std::collections::BTreeMap;
use values::Values;

/// The form of a record.
#[derive(Template, Debug)]
#[template(path = "record_edit.html", blocks = ["title", "main"])]
pub struct EditPage {
    ui: Frame,
    register: Register,
    heading: String,
    action: String,
    back: String,
    /// Name of the other register that the record was brought from.
    source: Option<String>,
    conflict: Option<Clash>,
    hidden: Vec<(&'static str, String)>,
    /// The fields before the address, those of the address, and those after it.
    before: Vec<Field>,
    /// What has been typed to find an address by, where a plugin looks them up.
    find: Option<Field>,
    address: Vec<Field>,
    after: Vec<Field>,
}

/// The question after two people changed the same fields.
#[derive(Debug)]
pub(crate) struct Clash {
    pub(crate) heading: String,
    /// When the other change was made.
    pub(crate) at: Option<Moment>,
    pub(crate) rows: Vec<ClashRow>,
}

/// A field that both changed.
#[derive(Debug)]
pub(crate) struct ClashRow {
    pub(crate) label: String,
    pub(crate) now: String,
    pub(crate) yours: String,
}

impl Clash {
    fn new(
        register: Register,
        contested: &[Contested],
        newest: Option<&RecordEntry>,
        ui: &Frame,
    ) -> Self {
        let who = newest.map_or("–", |entry| entry.actor.name.as_str());
        let row = |one: &Contested| ClashRow {
            label: label(register, &one.name, ui),
            now: shown(register, &one.name, &one.now, ui),
            yours: shown(register, &one.name, &one.yours, ui),
        };
        Self {
            heading: ui.with("conflict-record", &[("who", who)]),
            at: newest.map(|entry| Moment::new(entry.at, ui.now, ui.locale)),
            rows: contested.iter().map(row).collect(),
        }
    }
}

/// A filled-in form.
#[derive(Debug, Default)]
pub(crate) struct Posted {
    /// The texts of the fields.
    values: Values,
    /// What is not shown, by name.
    hidden: BTreeMap<String, String>,
}

/// Fields that belong to the form and not to the record.
const HIDDEN: [&str; 5] = ["record", "version", "seen", "case", address::FIELD];

impl Posted {
    fn new(pairs: Vec<(String, String)>) -> Self {
        let mut posted = Self::default();
        for (name, value) in pairs {
            match HIDDEN.contains(&name.as_str()) {
                true => posted.hidden.insert(name, value),
                false => posted.values.insert(name, value.replace("\r\n", "\n")),
            };
        }
        // A box that is not ticked is not sent.
        posted.values.entry("protected".to_owned()).or_default();
        posted
    }

    fn hidden(&self, name: &str) -> &str {
        self.hidden.get(name).map_or("", String::as_str)
    }

    /// The texts that the form showed at first.
    fn seen(&self) -> Values {
        serde_json::from_str(self.hidden("seen")).unwrap_or_default()
    }
}

/// Number of the case from which the form was opened.
fn case_of(number: &str) -> Option<String> {
    Some(number.trim().to_owned()).filter(|number| !number.is_empty())
}

/// What a form is made of.
struct Filled<'a> {
    register: Register,
    heading: String,
    action: String,
    back: String,
    source: Option<String>,
    conflict: Option<Clash>,
    hidden: Vec<(&'static str, String)>,
    values: &'a Values,
    problems: &'a Problems,
    /// The person's name is hidden from whoever changes the record.
    masked: bool,
    /// What was typed to find an address by.
    lookup: &'a str,
}

impl EditPage {
    fn new(mut ui: Frame, filled: Filled<'_>) -> Self {
        ui.place = "registers";
        let Filled {
            register,
            heading,
            action,
            back,
            source,
            conflict,
            hidden,
            values,
            problems,
            masked,
            lookup,
        } = filled;
        let (mut before, mut address, mut after) = (Vec::new(), Vec::new(), Vec::new());
        for field in fields::fields(register, values, problems, masked, &ui) {
            match (field.name.starts_with(address::PREFIX), address.is_empty()) {
                (true, _) => address.push(field),
                (false, true) => before.push(field),
                (false, false) => after.push(field),
            }
        }
        let finds = !address.is_empty();
        Self {
            before,
            find: finds.then(|| address::find(&ui, lookup, problems)),
            address,
            after,
            register,
            heading,
            action,
            back,
            source,
            conflict,
            hidden,
            ui,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
