//! The fields of the form of a record.

use super::values::Values;
use crate::form::{Choice, Control, Field};
use crate::frame::Frame;
use crate::pages::registers::Register;
use crate::words;
use sagsgang_domain::register::{Fault, RecordProblem};
use std::collections::BTreeMap;

/// How a value is written.
#[derive(Clone, Copy)]
enum Input {
    Line,
    Number,
    Day,
    Area,
    Check,
    /// One of these stable names, in the words of a kind.
    One(&'static [&'static str], Words),
    /// A record of a register.
    Record(Register),
}

#[derive(Clone, Copy)]
enum Words {
    ContainerStatus,
    ContactKind,
    ContactRole,
}

struct Spec {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    required: bool,
    input: Input,
}

const fn spec(name: &'static str, label: &'static str, input: Input) -> Spec {
    Spec {
        name,
        label,
        hint: "",
        required: false,
        input,
    }
}

impl Spec {
    const fn needed(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    const fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }
}

const STATUSES: Input = Input::One(&["active", "ordered", "withdrawn"], Words::ContainerStatus);
const KINDS: Input = Input::One(&["person", "company"], Words::ContactKind);
const ROLES: Input = Input::One(
    &["owner", "co-owner", "tenant", "reporter", "company"],
    Words::ContactRole,
);
const PROPERTY: Spec =
    spec("property", "property", Input::Record(Register::Properties)).hint("property-lookup-hint");

const ADDRESS: [Spec; 7] = [
    spec("address.road", "road", Input::Line),
    spec("address.number", "house-number", Input::Line),
    spec("address.floor", "floor", Input::Line),
    spec("address.door", "door", Input::Line),
    spec("address.postcode", "postcode", Input::Number),
    spec("address.place", "postal-place", Input::Line),
    spec("address.dar", "dar-id", Input::Line),
];
const CONTAINER: &[Spec] = &[
    spec("containerId", "container-id", Input::Line).needed(),
    spec("type", "container-type", Input::Line).needed(),
    spec("compartments", "waste-fraction", Input::Area).hint("fractions-hint"),
    spec("status", "status", STATUSES),
    PROPERTY,
    spec("lastCollection", "last-collection", Input::Day),
    spec("nextCollection", "next-collection", Input::Day),
];
const OF_PROPERTY: &[Spec] = &[
    spec("municipalityCode", "municipality-code", Input::Number)
        .needed()
        .hint("four-digits"),
    spec("propertyNumber", "property-number", Input::Number)
        .needed()
        .hint("six-digits"),
    spec("bfe", "bfe-number", Input::Number),
    spec("type", "property-type", Input::Line),
    spec("area", "area", Input::Line),
    spec("conditions", "conditions", Input::Area),
];
const AGREEMENT: &[Spec] = &[
    spec("service", "service", Input::Line),
    spec("from", "first-day", Input::Day).needed(),
    spec("to", "last-day", Input::Day).hint("last-day-hint"),
    spec("price", "price", Input::Line)
        .needed()
        .hint("price-hint"),
    PROPERTY,
    spec(
        "container",
        "container",
        Input::Record(Register::Containers),
    )
    .hint("container-lookup-hint"),
];
const CONTACT: &[Spec] = &[
    spec("kind", "contact-kind", KINDS),
    spec("name", "name", Input::Line).needed(),
    spec("cvr", "cvr-number", Input::Number).hint("cvr-hint"),
    spec("cpr", "cpr-number", Input::Number).hint("cpr-hint"),
    spec("role", "role", ROLES),
    spec("emails", "email", Input::Area).hint("one-a-line"),
    spec("phones", "phone", Input::Area).hint("one-a-line"),
    PROPERTY,
    spec("protected", "protection", Input::Check),
];

fn specs(register: Register) -> impl Iterator<Item = &'static Spec> {
    let (own, address): (_, &'static [Spec]) = match register {
        Register::Containers => (CONTAINER, &ADDRESS),
        Register::Properties => (OF_PROPERTY, &ADDRESS),
        Register::Agreements => (AGREEMENT, &[]),
        Register::Contacts => (CONTACT, &[]),
    };
    // An address is what a property is found by: there it comes first.
    let (first, last) = match register {
        Register::Properties => (address, own),
        _ => (own, address),
    };
    first.iter().chain(last)
}

/// What is wrong with fields, in words.
pub(crate) type Problems = BTreeMap<String, String>;

/// The fields with their texts. A masked person's name and ways to be reached may stay empty.
pub(crate) fn fields(
    register: Register,
    values: &Values,
    problems: &Problems,
    masked: bool,
    ui: &Frame,
) -> Vec<Field> {
    let field = |spec: &Spec| {
        let value = values.get(spec.name).cloned().unwrap_or_default();
        let mut field = Field::new(spec.name, ui.text(spec.label), control(spec, value, ui));
        field.hint = match (spec.hint, masked, spec.name) {
            (_, true, "name" | "emails" | "phones") => Some(ui.text("hidden-hint").into_owned()),
            ("", ..) => None,
            (hint, ..) => Some(ui.text(hint).into_owned()),
        };
        if register == Register::Containers && spec.name == "address.road" {
            field.hint = Some(ui.text("own-address-hint").into_owned());
        }
        field.error = problems.get(spec.name).cloned();
        field.required = spec.required && !masked;
        field
    };
    specs(register).map(field).collect()
}

/// What a field is called.
pub(crate) fn label(register: Register, name: &str, ui: &Frame) -> String {
    let found = specs(register).find(|spec| spec.name == name);
    found.map_or_else(|| name.to_owned(), |spec| ui.text(spec.label).into_owned())
}

/// A value in the words that its field shows.
pub(crate) fn shown(register: Register, name: &str, value: &str, ui: &Frame) -> String {
    let input = specs(register).find(|spec| spec.name == name);
    match input.map(|spec| spec.input) {
        _ if name == "protected" && value.is_empty() => ui.text("answer-no").into_owned(),
        _ if value.is_empty() => "–".to_owned(),
        Some(Input::Check) => ui.text("answer-yes").into_owned(),
        Some(Input::One(_, words)) => word(words, value, ui),
        Some(Input::Day) => crate::format::register_day(value, ui.locale),
        _ => value.to_owned(),
    }
}

fn control(spec: &Spec, value: String, ui: &Frame) -> Control {
    let line = |kind| Control::Text {
        value: value.clone(),
        kind,
    };
    match spec.input {
        Input::Line | Input::Number => line("text"),
        Input::Day => line("date"),
        Input::Area => Control::Area(value),
        Input::Check => Control::Check(value == "true"),
        Input::One(names, words) => {
            let mut names: Vec<&str> = names.to_vec();
            // What another system has brought stays possible.
            if !names.contains(&value.as_str()) && (!value.is_empty() || spec.name == "role") {
                names.insert(0, &value);
            }
            let choice = |name: &&str| Choice::new(*name, word(words, name, ui), &value);
            Control::Select(names.iter().map(choice).collect())
        }
        Input::Record(register) => Control::Lookup {
            value,
            source: format!("/registers/{}/options", register.name()),
        },
    }
}

fn word(words: Words, name: &str, ui: &Frame) -> String {
    match (words, name) {
        (_, "") => "–".to_owned(),
        (Words::ContainerStatus, _) => words::container_status(name, ui.locale).title,
        (Words::ContactRole, _) => words::contact_role(name, ui.locale),
        (Words::ContactKind, "company") => ui.text("contact-company").into_owned(),
        (Words::ContactKind, _) => ui.text("contact-person").into_owned(),
    }
}

/// What is wrong with values, by field.
pub(crate) fn problems(found: &[RecordProblem], ui: &Frame) -> Problems {
    let said = |one: &RecordProblem| (one.field.clone(), fault(&one.fault, ui));
    found.iter().map(said).collect()
}

/// What is wrong with a value, and what to write instead.
pub(crate) fn fault(fault: &Fault, ui: &Frame) -> String {
    let plain = |key: &str| ui.text(key).into_owned();
    match fault {
        Fault::Missing => plain("fault-missing"),
        Fault::TooLong { limit } => {
            ui.with("fault-too-long", &[("limit", limit.to_string().as_str())])
        }
        Fault::Digits { count } => {
            ui.with("fault-digits", &[("count", count.to_string().as_str())])
        }
        Fault::Cvr => plain("fault-cvr"),
        Fault::Cpr => plain("fault-cpr"),
        Fault::OfPersons => plain("fault-of-persons"),
        Fault::NoKey => plain("fault-no-key"),
        Fault::Phone => plain("fault-phone"),
        Fault::Email => plain("fault-email"),
        Fault::Day => plain("fault-day"),
        Fault::Price => plain("fault-price"),
        Fault::Backwards => plain("fault-backwards"),
        Fault::Taken => plain("fault-taken"),
        Fault::Unknown => plain("fault-unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;
    use crate::pages::registers::edit::values::{self, References};
    use crate::sample;
    use sagsgang_domain::{Record, Role};
    use std::collections::BTreeSet;

    #[test]
    fn every_value_of_a_record_has_its_field() {
        let records = sample::records();
        let samples: [(Register, Record); 4] = [
            (Register::Containers, records.containers[0].clone().into()),
            (Register::Properties, records.property.unwrap().into()),
            (Register::Agreements, records.agreements[0].clone().into()),
            (Register::Contacts, records.contacts[0].clone().into()),
        ];
        for (register, record) in samples {
            let values = values::of(&record, &References::default(), Locale::Danish);
            let names: BTreeSet<&str> = specs(register).map(|spec| spec.name).collect();
            let known: BTreeSet<&str> = values.keys().map(String::as_str).collect();
            assert_eq!(names, known, "{register:?}");
        }
    }

    #[test]
    fn a_status_that_another_system_brought_can_stay() {
        let ui = sample::frame(Role::Caseworker, Locale::Danish);
        let values = Values::from([("status".to_owned(), "på lager".to_owned())]);
        let fields = fields(Register::Containers, &values, &Problems::new(), false, &ui);
        let status = fields.iter().find(|field| field.name == "status").unwrap();
        let Control::Select(choices) = &status.control else {
            panic!("a list")
        };
        assert!(choices[0].selected && choices[0].value == "på lager");
        assert_eq!(choices.len(), 4);
    }
}
