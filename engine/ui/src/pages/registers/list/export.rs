//! A register as a file: every record of the list with its filters, not only the page that is shown.

use super::Query;
use super::query::join;
use crate::answer::{Answer, Failure};
use crate::locale::Locale;
use crate::pages::cases::export::{FORMATS, file};
use crate::pages::registers::{
    Register, contact_name, fractions, property_number, reach, stands_at,
};
use crate::visit::Visit;
use crate::words;
use axum::body::Body;
use axum::extract;
use sagsgang_domain::{Agreement, Contact, ContactKind, Container, Property, Record};
use sagsgang_runtime::{Cell, RegisterItem, SheetLayout};

/// The addresses under which a list is found as a file, with what each is called.
pub(super) fn addresses(query: &Query, register: Register) -> Vec<(&'static str, String)> {
    let narrowed = query.first().text(register.kind());
    FORMATS
        .map(|(format, _, label)| {
            let path = format!("/registers/{}/export/{format}", register.name());
            (label, join(path, &narrowed))
        })
        .into()
}

/// Sends the file as it is written.
pub(crate) async fn download(
    visit: Visit,
    extract::Path((kind, format)): extract::Path<(String, String)>,
    extract::Query(query): extract::Query<Query>,
) -> Answer {
    let register = Register::from_name(&kind).ok_or(Failure::NotFound)?;
    let known = FORMATS.into_iter().find(|(name, ..)| *name == format);
    let (extension, format, _) = known.ok_or(Failure::NotFound)?;
    let locale = visit.locale;
    let layout = SheetLayout {
        name: locale.text(register.title()).into_owned(),
        titles: titles(register)
            .iter()
            .map(|key| locale.text(key).into_owned())
            .collect(),
        cut_off: locale.text("export-cut-off").into_owned(),
        row: Box::new(move |item| row(item, locale)),
    };
    let kind = register.kind();
    let (filter, order) = (query.filter(kind), query.order(kind));
    let rows = visit
        .engine
        .export_records(kind, filter, order, format, layout);
    let title = locale.text(register.title()).to_lowercase();
    file(&visit, Body::from_stream(rows), format, &title, extension)
}

const fn titles(register: Register) -> &'static [&'static str] {
    match register {
        Register::Containers => &[
            "container-id",
            "container-type",
            "waste-fraction",
            "address",
            "area",
            "status",
            "last-collection",
            "next-collection",
        ],
        Register::Properties => &[
            "address",
            "property-number",
            "bfe-number",
            "property-type",
            "area",
        ],
        Register::Agreements => &[
            "first-day",
            "last-day",
            "price",
            "service",
            "address",
            "area",
        ],
        Register::Contacts => &[
            "name",
            "contact-kind",
            "role",
            "cvr-number",
            "email",
            "phone",
        ],
    }
}

fn row(item: RegisterItem, locale: Locale) -> Vec<Cell> {
    let (address, area) = (item.address, item.area);
    match item.record {
        Record::Container(one) => container(one, address, area, locale),
        Record::Property(one) => property(one),
        Record::Agreement(one) => agreement(one, address, area),
        Record::Contact(one) => contact(one, locale),
    }
}

fn container(
    one: Container,
    address: Option<String>,
    area: Option<String>,
    locale: Locale,
) -> Vec<Cell> {
    let (fractions, address) = (fractions(&one, locale), stands_at(&one, address.as_deref()));
    vec![
        one.container_id.into(),
        one.kind.into(),
        fractions.into(),
        address.into(),
        area.into(),
        words::container_status(&one.status, locale).title.into(),
        one.last_collection.into(),
        one.next_collection.into(),
    ]
}

fn property(one: Property) -> Vec<Cell> {
    vec![
        one.address.line().into(),
        property_number(&one).into(),
        one.bfe.into(),
        one.kind.into(),
        one.area.into(),
    ]
}

fn agreement(one: Agreement, address: Option<String>, area: Option<String>) -> Vec<Cell> {
    vec![
        one.from.into(),
        one.to.into(),
        Cell::amount(&one.price),
        one.service.into(),
        address.into(),
        area.into(),
    ]
}

fn contact(one: Contact, locale: Locale) -> Vec<Cell> {
    let kind = match one.kind {
        ContactKind::Person => "contact-person",
        ContactKind::Company => "contact-company",
    };
    let [emails, phones] = reach(&one);
    vec![
        contact_name(&one, locale).into_owned().into(),
        locale.text(kind).into_owned().into(),
        words::contact_role(&one.role, locale).into(),
        one.cvr.into(),
        emails.into(),
        phones.into(),
    ]
}
