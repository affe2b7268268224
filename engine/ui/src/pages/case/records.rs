//! The record tabs of a case: containers, property, agreements, contacts.

use super::fields::Fact;
use super::seen::then;
use crate::format;
use crate::locale::Locale;
use crate::pages::registers::{
    Register, agreement_title, contact_name, fractions, period, property_number, property_title,
    stands_at,
};
use crate::words;
use sagsgang_domain::register::Seen;
use sagsgang_domain::{Agreement, Contact, ContactKind, Container, Property};
use std::borrow::Cow;
use std::collections::HashMap;
use uuid::Uuid;

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
    /// The agreements are the case's own; otherwise they are those of its property.
    pub own_agreements: bool,
    /// Contacts.
    pub contacts: Vec<Contact>,
    /// What the registers said of them when they came to the case.
    pub seen: Vec<Seen>,
    /// Other cases about the property and the case's own containers.
    pub others: HashMap<Uuid, Others>,
}

/// How many other cases are about a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// All of them.
    pub all: u64,
    /// Those that are not done.
    pub open: u64,
}

/// The other cases about a record, in words, and where they are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OthersView {
    /// How many.
    pub text: String,
    /// The list.
    pub address: String,
}

impl RecordsData {
    fn others(&self, register: Register, id: Uuid, locale: Locale) -> Option<OthersView> {
        let others = self.others.get(&id).filter(|others| others.all > 0)?;
        let mut text = locale.count("other-cases", others.all);
        if others.open > 0 {
            text = format!("{text}, {}", locale.count("other-cases-open", others.open));
        }
        Some(OthersView {
            text,
            address: register.cases(id),
        })
    }
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
    /// Links may be made and removed.
    pub may_link: bool,
    /// Records may be changed.
    pub may_edit: bool,
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

/// The tab that shows the records of a register.
pub(crate) const fn tab(register: Register) -> &'static str {
    match register {
        Register::Containers => TABS[0],
        Register::Properties => TABS[1],
        Register::Agreements => TABS[2],
        Register::Contacts => TABS[3],
    }
}

/// A container.
#[derive(Debug)]
pub struct Unit {
    /// Identity, for making and removing the link.
    pub id: String,
    /// Its page in the register.
    pub register_page: String,
    /// Fractions in words, else the printed id.
    pub title: String,
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
    /// Other cases about it.
    pub others: Option<OthersView>,
    /// What was something else when it came to the case.
    pub then: Vec<Fact>,
}

/// A property.
#[derive(Debug)]
pub struct PropertyView {
    /// Identity, for making and removing the link.
    pub id: String,
    /// Its page in the register.
    pub register_page: String,
    /// Address, else the number.
    pub title: String,
    /// Municipality code and property number.
    pub number: String,
    /// Type.
    pub kind: String,
    /// Area.
    pub area: String,
    /// Special conditions.
    pub conditions: Option<String>,
    /// Other cases about it.
    pub others: Option<OthersView>,
    /// What was something else when it came to the case.
    pub then: Vec<Fact>,
}

/// An agreement.
#[derive(Debug)]
pub struct AgreementView {
    /// Identity, for making and removing the link.
    pub id: String,
    /// Its page in the register.
    pub register_page: String,
    /// What is agreed, else the period.
    pub title: String,
    /// From and to.
    pub period: String,
    /// Price.
    pub price: String,
    /// The case is about it.
    pub selected: bool,
    /// What was something else when it came to the case.
    pub then: Vec<Fact>,
}

/// A contact.
#[derive(Debug)]
pub struct Person {
    /// Identity, for removing the link.
    pub id: String,
    /// Its page in the register.
    pub register_page: String,
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
    /// What was something else when it came to the case.
    pub then: Vec<Fact>,
}

impl Records {
    /// The records in a language.
    pub fn new(data: &RecordsData, may_link: bool, may_edit: bool, locale: Locale) -> Self {
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
                    let is_own = index < data.own_containers;
                    let mut unit = unit(container, data.property.as_ref(), is_own, locale);
                    if is_own {
                        unit.then = then(&data.seen, container.clone().into(), locale);
                        unit.others = data.others(Register::Containers, container.id.0, locale);
                    }
                    unit
                })
                .collect(),
            property: data.property.as_ref().map(|one| PropertyView {
                then: then(&data.seen, one.clone().into(), locale),
                others: data.others(Register::Properties, one.id.0, locale),
                ..property(one)
            }),
            agreements: data
                .agreements
                .iter()
                .map(|one| AgreementView {
                    then: then(&data.seen, one.clone().into(), locale),
                    ..agreement(one, data.own_agreements, locale)
                })
                .collect(),
            contacts: data
                .contacts
                .iter()
                .map(|one| Person {
                    then: then(&data.seen, one.clone().into(), locale),
                    ..person(one, locale)
                })
                .collect(),
            may_link,
            may_edit,
        }
    }
}

fn unit(
    container: &Container,
    property: Option<&Property>,
    selected: bool,
    locale: Locale,
) -> Unit {
    let fractions = fractions(container, locale);
    let line = property.map(|one| one.address.line());
    let title = if fractions.is_empty() {
        container.container_id.clone()
    } else {
        fractions.clone()
    };
    Unit {
        id: container.id.to_string(),
        register_page: Register::Containers.address(container.id.0),
        title,
        container_id: container.container_id.clone(),
        fractions,
        kind: container.kind.clone(),
        address: stands_at(container, line.as_deref()),
        last_collection: container
            .last_collection
            .as_deref()
            .map(|day| format::register_day(day, locale)),
        next_collection: container
            .next_collection
            .as_deref()
            .map(|day| format::register_day(day, locale)),
        selected,
        others: None,
        then: Vec::new(),
    }
}

fn property(property: &Property) -> PropertyView {
    PropertyView {
        id: property.id.to_string(),
        register_page: Register::Properties.address(property.id.0),
        title: property_title(property),
        number: property_number(property),
        kind: property.kind.clone(),
        area: property.area.clone(),
        conditions: property.conditions.clone(),
        others: None,
        then: Vec::new(),
    }
}

fn agreement(agreement: &Agreement, selected: bool, locale: Locale) -> AgreementView {
    AgreementView {
        id: agreement.id.to_string(),
        selected,
        register_page: Register::Agreements.address(agreement.id.0),
        title: agreement_title(agreement, locale),
        period: period(agreement, locale),
        price: format::price(&agreement.price, locale),
        then: Vec::new(),
    }
}

fn person(contact: &Contact, locale: Locale) -> Person {
    let role = words::contact_role(&contact.role, locale);
    let id = contact.id.to_string();
    let register_page = Register::Contacts.address(contact.id.0);
    let name = contact_name(contact, locale).into_owned();
    if contact.protected {
        return Person {
            id,
            register_page,
            name,
            initials: "–".to_owned(),
            tint: "b",
            role,
            reach: String::new(),
            then: Vec::new(),
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
        register_page,
        name,
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
        then: Vec::new(),
    }
}
