//! The fields of a record, in the order in which its page shows them.

use super::record::{Record, RecordData};
use super::{
    Register, contact_name, dar, fractions, period, property_number, property_title, reach,
    stands_at,
};
use crate::format;
use crate::frame::Frame;
use crate::words;
use sagsgang_domain::register::CPR_MASK;
use sagsgang_domain::{Agreement, Contact, ContactKind, Container, Property};
use std::borrow::Cow;

/// A field of the record.
#[derive(Debug)]
pub(crate) struct Fact {
    pub label: Cow<'static, str>,
    pub value: String,
    pub class: &'static str,
    /// Where the value leads.
    pub address: Option<String>,
    /// It was just asked for: the reader's focus goes there.
    pub revealed: bool,
}

/// The fields that have a value.
pub(crate) fn of(data: &RecordData, ui: &Frame) -> Vec<Fact> {
    let facts = match &data.record {
        Record::Container(one) => container(one, data, ui),
        Record::Property(one) => property(one, ui),
        Record::Agreement(one) => agreement(one, data, ui),
        Record::Contact(one) => contact(one, data, ui),
    };
    let known = |fact: &Fact| !fact.value.trim().is_empty();
    facts.into_iter().filter(known).collect()
}

impl Fact {
    fn new(ui: &Frame, label: &str, value: impl Into<String>) -> Self {
        Self {
            label: ui.text(label),
            value: value.into(),
            class: "",
            address: None,
            revealed: false,
        }
    }

    fn mono(mut self) -> Self {
        self.class = "mono";
        self
    }

    fn num(mut self) -> Self {
        self.class = "num";
        self
    }

    fn asked_for(self, revealed: bool) -> Self {
        Self { revealed, ..self }
    }

    fn leading_to(mut self, address: String) -> Self {
        self.address = Some(address);
        self
    }
}

fn container(container: &Container, data: &RecordData, ui: &Frame) -> Vec<Fact> {
    let property = data.property.as_ref();
    let line = property.map(|one| one.address.line());
    let day = |day: &Option<String>| {
        let shown = day
            .as_deref()
            .map(|day| format::register_day(day, ui.locale));
        shown.unwrap_or_default()
    };
    let status = words::container_status(&container.status, ui.locale).title;
    let mut facts = vec![
        Fact::new(ui, "container-id", &*container.container_id).mono(),
        Fact::new(ui, "container-type", &*container.kind),
        Fact::new(ui, "waste-fraction", fractions(container, ui.locale)),
        Fact::new(ui, "address", stands_at(container, line.as_deref())),
        Fact::new(ui, "dar-id", dar(&container.address)).mono(),
        Fact::new(ui, "status", status),
        Fact::new(ui, "last-collection", day(&container.last_collection)),
        Fact::new(ui, "next-collection", day(&container.next_collection)),
    ];
    facts.extend(property.map(|one| of_property(one, ui)));
    facts
}

fn property(property: &Property, ui: &Frame) -> Vec<Fact> {
    let optional = |value: &Option<String>| value.clone().unwrap_or_default();
    vec![
        Fact::new(ui, "address", property.address.line()),
        Fact::new(ui, "dar-id", dar(&property.address)).mono(),
        Fact::new(ui, "property-number", property_number(property)).mono(),
        Fact::new(ui, "bfe-number", optional(&property.bfe)).mono(),
        Fact::new(ui, "property-type", &*property.kind),
        Fact::new(ui, "area", &*property.area),
        Fact::new(ui, "conditions", optional(&property.conditions)),
    ]
}

fn agreement(agreement: &Agreement, data: &RecordData, ui: &Frame) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new(ui, "period", period(agreement, ui.locale)),
        Fact::new(ui, "price", format::price(&agreement.price, ui.locale)).num(),
        Fact::new(ui, "service", &*agreement.service),
    ];
    facts.extend(data.container.as_ref().map(|one| {
        Fact::new(ui, "container", &*one.container_id)
            .mono()
            .leading_to(Register::Containers.address(one.id.0))
    }));
    facts.extend(data.property.as_ref().map(|one| of_property(one, ui)));
    facts
}

fn contact(contact: &Contact, data: &RecordData, ui: &Frame) -> Vec<Fact> {
    let [emails, phones] = reach(contact);
    let kind = match contact.kind {
        ContactKind::Person => "contact-person",
        ContactKind::Company => "contact-company",
    };
    let cvr = contact.cvr.clone().unwrap_or_default();
    let cpr = match (&data.cpr, &contact.cpr) {
        (Some(seen), _) => seen.clone(),
        (None, Some(_)) => CPR_MASK.to_owned(),
        (None, None) => String::new(),
    };
    let mut facts = vec![
        Fact::new(ui, "name", contact_name(contact, ui.locale)).asked_for(data.revealed),
        Fact::new(ui, "contact-kind", ui.text(kind)),
        Fact::new(ui, "cvr-number", cvr).num(),
        Fact::new(ui, "cpr-number", cpr)
            .num()
            .asked_for(data.cpr.is_some()),
        Fact::new(ui, "role", words::contact_role(&contact.role, ui.locale)),
        Fact::new(ui, "email", emails),
        Fact::new(ui, "phone", phones).num(),
    ];
    facts.extend(data.property.as_ref().map(|one| of_property(one, ui)));
    facts
}

fn of_property(property: &Property, ui: &Frame) -> Fact {
    Fact::new(ui, "property", property_title(property))
        .leading_to(Register::Properties.address(property.id.0))
}
