//! The record tabs of a case: containers, property, agreements, contacts.

use crate::format;
use crate::locale::Locale;
use crate::words;
use sagsgang_domain::{Agreement, Contact, ContactKind, Container, Property};
use std::borrow::Cow;

/// The records that a case is about.
#[derive(Clone, Debug, Default)]
pub struct RecordsData {
    /// Containers, the case's own first, then the others of the property.
    pub containers: Vec<Container>,
    /// How many of the containers are the case's own.
    pub own_containers: usize,
    /// Property.
    pub property: Option<Property>,
    /// Agreements.
    pub agreements: Vec<Agreement>,
    /// Contacts.
    pub contacts: Vec<Contact>,
}

/// The tabs as shown.
#[derive(Debug)]
pub struct Records {
    /// The tabs.
    pub tabs: Vec<Tab>,
    /// Containers.
    pub containers: Vec<Unit>,
    /// Property.
    pub property: Option<PropertyView>,
    /// Agreements.
    pub agreements: Vec<AgreementView>,
    /// Contacts.
    pub contacts: Vec<Person>,
    /// Links may be removed.
    pub may_unlink: bool,
}

/// A tab.
#[derive(Debug)]
pub struct Tab {
    /// Name in the address.
    pub name: &'static str,
    /// Title.
    pub title: Cow<'static, str>,
    /// How many records it has; 0 is not shown.
    pub count: usize,
}

/// Names of the tabs, in order; the first is the default.
pub const TABS: [&str; 4] = ["container", "property", "agreement", "contacts"];

/// A container.
#[derive(Debug)]
pub struct Unit {
    /// Printed id.
    pub container_id: String,
    /// Fractions in words.
    pub fractions: String,
    /// Type.
    pub kind: String,
    /// Address, where it differs from the property's.
    pub address: String,
    /// Day of the last collection.
    pub last_collection: Option<String>,
    /// Day of the next collection.
    pub next_collection: Option<String>,
    /// The case is about it.
    pub selected: bool,
}

/// A property.
#[derive(Debug)]
pub struct PropertyView {
    /// Address.
    pub address: String,
    /// Municipality code and property number.
    pub number: String,
    /// Type.
    pub kind: String,
    /// Area.
    pub area: String,
    /// Special conditions.
    pub conditions: Option<String>,
}

/// An agreement.
#[derive(Debug)]
pub struct AgreementView {
    /// What is agreed.
    pub service: String,
    /// From and to.
    pub period: String,
    /// Price.
    pub price: String,
}

/// A contact.
#[derive(Debug)]
pub struct Person {
    /// Identity, for removing the link.
    pub id: String,
    /// Name, or that it is protected.
    pub name: String,
    /// Initials.
    pub initials: String,
    /// Letter of the avatar's colour.
    pub tint: &'static str,
    /// Role, and for companies their number.
    pub role: String,
    /// Phones and addresses.
    pub reach: String,
}

impl Records {
    /// The records in a language.
    pub fn new(data: &RecordsData, may_unlink: bool, locale: Locale) -> Self {
        let counts = [data.containers.len(), 0, 0, data.contacts.len()];
        let titles = ["container", "property", "agreement", "contacts"].map(|key| locale.text(key));
        let tabs = TABS
            .into_iter()
            .zip(titles)
            .zip(counts)
            .map(|((name, title), count)| Tab { name, title, count });
        Self {
            tabs: tabs.collect(),
            containers: data
                .containers
                .iter()
                .enumerate()
                .map(|(index, container)| {
                    unit(
                        container,
                        data.property.as_ref(),
                        index < data.own_containers,
                        locale,
                    )
                })
                .collect(),
            property: data.property.as_ref().map(property),
            agreements: data
                .agreements
                .iter()
                .map(|one| agreement(one, locale))
                .collect(),
            contacts: data
                .contacts
                .iter()
                .map(|one| person(one, locale))
                .collect(),
            may_unlink,
        }
    }
}

fn unit(
    container: &Container,
    property: Option<&Property>,
    selected: bool,
    locale: Locale,
) -> Unit {
    let rooms = container.compartments.iter().map(|compartment| {
        let names: Vec<_> = compartment
            .fractions
            .iter()
            .map(|name| words::fraction(name, locale))
            .collect();
        names.join(" + ")
    });
    let own = container.address.line();
    let address = if own.is_empty() {
        property.map(|one| one.address.line()).unwrap_or_default()
    } else {
        own
    };
    Unit {
        container_id: container.container_id.clone(),
        fractions: rooms.collect::<Vec<_>>().join(" / "),
        kind: container.kind.clone(),
        address,
        last_collection: container
            .last_collection
            .as_deref()
            .map(|day| format::register_day(day, locale)),
        next_collection: container
            .next_collection
            .as_deref()
            .map(|day| format::register_day(day, locale)),
        selected,
    }
}

fn property(property: &Property) -> PropertyView {
    PropertyView {
        address: property.address.line(),
        number: format!(
            "{}-{}",
            property.municipality_code, property.property_number
        ),
        kind: property.kind.clone(),
        area: property.area.clone(),
        conditions: property.conditions.clone(),
    }
}

fn agreement(agreement: &Agreement, locale: Locale) -> AgreementView {
    let from = format::register_day(&agreement.from, locale);
    let to = match &agreement.to {
        Some(day) => format::register_day(day, locale),
        None => locale.text("open-ended").into_owned(),
    };
    AgreementView {
        service: agreement.service.clone(),
        period: format!("{from} – {to}"),
        price: format::price(&agreement.price, locale),
    }
}

/// A protected person is masked: what is not sent to the page cannot be read over a shoulder.
fn person(contact: &Contact, locale: Locale) -> Person {
    let role = words::contact_role(&contact.role, locale);
    let id = contact.id.to_string();
    if contact.protected {
        let name = locale.text("protected-contact").into_owned();
        return Person {
            id,
            name,
            initials: "–".to_owned(),
            tint: "b",
            role,
            reach: String::new(),
        };
    }
    let number = contact.cvr.as_ref().map(|cvr| format!("CVR {cvr}"));
    let reach: Vec<_> = contact
        .phones
        .iter()
        .chain(&contact.emails)
        .map(String::as_str)
        .collect();
    Person {
        id,
        name: contact.name.clone(),
        initials: words::initials(&contact.name),
        tint: if contact.kind == ContactKind::Company {
            "b"
        } else {
            "c"
        },
        role: [Some(role), number]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
        reach: reach.join(" · "),
    }
}
