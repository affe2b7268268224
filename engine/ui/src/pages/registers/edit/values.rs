//! A record as the texts of its form, and the record that such texts make.

use crate::locale::Locale;
use crate::pages::registers::{Register, property_number};
use sagsgang_domain::register::{CPR_MASK, Cpr, FRACTIONS, MASK, fraction_named};
use sagsgang_domain::{
    Address, Agreement, Compartment, Contact, ContactKind, Container, ContainerId, Property,
    PropertyId, Record,
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Texts by the names of their fields, which are the names of the record's values.
pub(crate) type Values = BTreeMap<String, String>;

/// What a record refers to.
#[derive(Clone, Debug, Default)]
pub(crate) struct References {
    pub property: Option<Property>,
    pub container: Option<Container>,
}

/// The identities of what a record refers to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Targets {
    pub property: Option<PropertyId>,
    pub container: Option<ContainerId>,
}

/// The texts of a record. What a protection hides is empty.
pub(crate) fn of(record: &Record, references: &References, locale: Locale) -> Values {
    let mut values = Values::new();
    let mut put = |name: &str, value: &str| {
        values.insert(name.to_owned(), value.to_owned());
    };
    let property = references.property.as_ref().map(property_text);
    let property = property.as_deref().unwrap_or_default();
    match record {
        Record::Container(one) => {
            put("containerId", &one.container_id);
            put("type", &one.kind);
            put("compartments", &rooms(one, locale));
            put("status", &one.status);
            put("property", property);
            put("lastCollection", text(&one.last_collection));
            put("nextCollection", text(&one.next_collection));
            put_address(&one.address, &mut put);
        }
        Record::Property(one) => {
            put("municipalityCode", &one.municipality_code);
            put("propertyNumber", &one.property_number);
            put("bfe", text(&one.bfe));
            put("type", &one.kind);
            put("area", &one.area);
            put("conditions", text(&one.conditions));
            put_address(&one.address, &mut put);
        }
        Record::Agreement(one) => {
            let container = references.container.as_ref();
            put("service", &one.service);
            put("from", &one.from);
            put("to", text(&one.to));
            put("price", &one.price);
            put("property", property);
            put("container", container.map_or("", |one| &one.container_id));
        }
        Record::Contact(one) => {
            let kind = match one.kind {
                ContactKind::Person => "person",
                ContactKind::Company => "company",
            };
            let hidden = one.protected && one.name == MASK;
            put("kind", kind);
            put("name", if hidden { "" } else { &one.name });
            put("cvr", text(&one.cvr));
            put("cpr", one.cpr.as_ref().map_or("", |_| CPR_MASK));
            put("role", &one.role);
            put("emails", &one.emails.join("\n"));
            put("phones", &one.phones.join("\n"));
            put("property", property);
            put("protected", if one.protected { "true" } else { "" });
        }
    }
    values
}

/// The record that texts make.
pub(crate) fn record(register: Register, id: Uuid, values: &Values, targets: Targets) -> Record {
    let value = |name: &str| values.get(name).cloned().unwrap_or_default();
    let optional = |name: &str| Some(value(name)).filter(|text| !text.trim().is_empty());
    match register {
        Register::Containers => Record::Container(Container {
            id: id.into(),
            container_id: value("containerId"),
            kind: value("type"),
            compartments: compartments(&value("compartments")),
            property: targets.property,
            address: address(values),
            status: value("status"),
            last_collection: optional("lastCollection"),
            next_collection: optional("nextCollection"),
        }),
        Register::Properties => Record::Property(Property {
            id: id.into(),
            municipality_code: value("municipalityCode"),
            property_number: value("propertyNumber"),
            bfe: optional("bfe"),
            address: address(values),
            kind: value("type"),
            area: value("area"),
            conditions: optional("conditions"),
        }),
        Register::Agreements => Record::Agreement(Agreement {
            id: id.into(),
            from: value("from"),
            to: optional("to"),
            price: value("price"),
            service: value("service"),
            property: targets.property,
            container: targets.container,
        }),
        Register::Contacts => Record::Contact(Contact {
            id: id.into(),
            kind: match value("kind").as_str() {
                "company" => ContactKind::Company,
                _ => ContactKind::Person,
            },
            name: value("name"),
            cvr: optional("cvr"),
            cpr: optional("cpr").map(|text| Cpr::given(&text)),
            emails: lines(&value("emails")),
            phones: lines(&value("phones")),
            role: value("role"),
            property: targets.property,
            protected: value("protected") == "true",
        }),
    }
}

/// A property as it stands in a field, with the number that tells it from others at the same address.
pub(crate) fn property_text(property: &Property) -> String {
    let (line, number) = (property.address.line(), property_number(property));
    match line.is_empty() {
        true => number,
        false => format!("{line} ({number})"),
    }
}

fn text(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or_default()
}

pub(super) fn put_address(address: &Address, put: &mut impl FnMut(&str, &str)) {
    put("address.road", &address.road);
    put("address.number", &address.number);
    put("address.floor", text(&address.floor));
    put("address.door", text(&address.door));
    put("address.postcode", &address.postcode);
    put("address.place", &address.place);
    put("address.dar", text(&address.dar));
}

fn address(values: &Values) -> Address {
    let value = |name: &str| values.get(name).cloned().unwrap_or_default();
    let optional = |name: &str| Some(value(name)).filter(|text| !text.trim().is_empty());
    Address {
        road: value("address.road"),
        number: value("address.number"),
        floor: optional("address.floor"),
        door: optional("address.door"),
        postcode: value("address.postcode"),
        place: value("address.place"),
        dar: optional("address.dar"),
    }
}

/// A room a line, its fractions with commas between; every word that stands here is read back as the same fraction.
fn rooms(container: &Container, locale: Locale) -> String {
    let word = |name: &String| {
        let known = FRACTIONS.iter().find(|(stable, _)| stable == name);
        match (known, locale) {
            (Some((_, danish)), Locale::Danish) => (*danish).to_owned(),
            _ => name.clone(),
        }
    };
    let rooms = container.compartments.iter();
    let rooms = rooms.map(|room| {
        let words: Vec<String> = room.fractions.iter().map(word).collect();
        words.join(", ")
    });
    rooms.collect::<Vec<_>>().join("\n")
}

fn compartments(text: &str) -> Vec<Compartment> {
    let room = |line: &str| Compartment {
        fractions: line
            .split([',', '+'])
            .filter(|word| !word.trim().is_empty())
            .map(fraction_named)
            .collect(),
    };
    lines(text).iter().map(|line| room(line)).collect()
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn round(register: Register, record: Record, references: &References) {
        for locale in Locale::ALL {
            let values = of(&record, references, locale);
            let targets = Targets {
                property: references.property.as_ref().map(|one| one.id),
                container: references.container.as_ref().map(|one| one.id),
            };
            assert_eq!(
                super::record(register, record.id(), &values, targets),
                record
            );
        }
    }

    #[test]
    fn what_stands_in_a_form_is_read_back_as_the_same_record() {
        let records = sample::records();
        let references = References {
            property: records.property.clone(),
            container: records.containers.first().cloned(),
        };
        let mut container = records.containers[0].clone();
        container.property = records.property.as_ref().map(|one| one.id);
        container.compartments = vec![
            Compartment {
                fractions: vec!["food".to_owned(), "cartons".to_owned()],
            },
            Compartment {
                fractions: vec!["kattesand".to_owned()],
            },
        ];
        round(Register::Containers, container.into(), &references);
        let property = records.property.clone().unwrap();
        round(Register::Properties, property.into(), &references);
        let mut agreement = records.agreements[0].clone();
        agreement.property = records.property.as_ref().map(|one| one.id);
        agreement.container = records.containers.first().map(|one| one.id);
        round(Register::Agreements, agreement.into(), &references);
        let mut contact = records.contacts[0].clone();
        contact.property = records.property.as_ref().map(|one| one.id);
        round(Register::Contacts, contact.into(), &references);
    }

    #[test]
    fn fractions_are_understood_by_number_and_by_name() {
        let rooms = compartments(" 1, restaffald \n\n6+papir\n");
        let names = |room: &Compartment| room.fractions.join(" ");
        let names: Vec<String> = rooms.iter().map(names).collect();
        assert_eq!(names, ["food residual", "plastic paper"]);
    }

    #[test]
    fn what_is_protected_stands_in_no_field() {
        let mut contact = sample::records().contacts[0].clone();
        contact.protected = true;
        contact.name = MASK.to_owned();
        contact.emails.clear();
        contact.phones.clear();
        let values = of(&contact.into(), &References::default(), Locale::Danish);
        assert_eq!(
            (values["name"].as_str(), values["phones"].as_str()),
            ("", "")
        );
        assert_eq!(values["protected"], "true");
    }
}
