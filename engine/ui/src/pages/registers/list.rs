//! Gathering a page of a register and showing it.

pub(crate) mod export;
mod heads;
mod query;

pub use query::Query;

use super::edit::new;
use super::{
    Register, contact_name, fractions, period, property_number, property_title, reach, stands_at,
};
use crate::answer::{Answer, Failure};
use crate::format;
use crate::frame::Frame;
use crate::pages::cases::LinkTab;
use crate::visit::Visit;
use crate::words::{self, Badge};
use askama::Template;
use axum::extract::{self, Path};
use heads::{Filter, Head};
use sagsgang_domain::{Agreement, Contact, Container, Property, Record, Right};
use sagsgang_runtime::{RegisterField, RegisterItem};
use std::borrow::Cow;

/// Records on a page.
const PAGE: u32 = 50;

/// Counting stops here; going on would cost more than it tells.
const MOST_COUNTED: u32 = 10_000;

/// A page of a register.
#[derive(Clone, Debug, Default)]
pub struct RegisterData {
    /// Its records.
    pub items: Vec<RegisterItem>,
    /// Where the next page starts.
    pub next: Option<String>,
    /// How many records the list has, counted up to a limit.
    pub count: u64,
    /// The fields by which it can be narrowed, with their values.
    pub values: Vec<(RegisterField, Vec<String>)>,
}

/// The page.
#[derive(Template, Debug)]
#[template(path = "registers.html", blocks = ["title", "main"])]
pub struct RegisterPage {
    ui: Frame,
    register: Register,
    /// Its own address, from its beginning.
    here: String,
    title: Cow<'static, str>,
    tabs: Vec<LinkTab>,
    search: String,
    sort: String,
    filters: Vec<Filter>,
    filtered: bool,
    cleared: String,
    heads: Vec<Head>,
    rows: Vec<Row>,
    told: String,
    first_page: Option<String>,
    next_page: Option<String>,
    exports: Vec<(&'static str, String)>,
    /// What making a record is called, for who may.
    new: Option<Cow<'static, str>>,
}

#[derive(Debug)]
struct Row {
    address: String,
    title: String,
    /// The columns behind the title.
    cells: Vec<Cell>,
}

#[derive(Debug)]
enum Cell {
    Text(String),
    Number(String),
    Badge(Badge),
}

impl RegisterPage {
    /// A page of a register.
    pub fn new(mut ui: Frame, register: Register, query: &Query, data: &RegisterData) -> Self {
        ui.place = "registers";
        let tab = |one: Register| LinkTab {
            address: format!("/registers/{}", one.name()),
            title: ui.text(one.title()),
            count: None,
            current: one == register,
        };
        let cleared = Query {
            sort: query.sort.clone(),
            ..Query::default()
        };
        let next = data.next.as_ref().map(|after| Query {
            after: after.clone(),
            ..query.clone()
        });
        Self {
            register,
            here: query.first().address(register),
            title: ui.text(register.title()),
            tabs: Register::ALL.map(tab).into(),
            search: query.q.clone(),
            sort: query.sort.clone(),
            filters: heads::filters(&ui, register, query, &data.values),
            filtered: query.is_filtered(register.kind()),
            cleared: cleared.address(register),
            heads: heads::heads(&ui, register, query),
            rows: data.items.iter().map(|item| row(item, &ui)).collect(),
            told: told(&ui, data),
            first_page: (!query.after.is_empty()).then(|| query.first().address(register)),
            next_page: next.map(|query| query.address(register)),
            exports: export::addresses(query, register),
            new: ui
                .may(Right::ChangeRegisters)
                .then(|| ui.text(new::title(register))),
            ui,
        }
    }
}

/// How many there are, and how many of them stand here.
fn told(ui: &Frame, data: &RegisterData) -> String {
    let shown = format::number(data.items.len() as u64, ui.locale);
    let most = u64::from(MOST_COUNTED);
    let key = match data.count > most {
        true => "records-of-many",
        false => "records-of",
    };
    let count = format::number(data.count.min(most), ui.locale);
    ui.with(key, &[("shown", &shown), ("count", &count)])
}

fn row(item: &RegisterItem, ui: &Frame) -> Row {
    let home = item.address.as_deref();
    match &item.record {
        Record::Container(one) => container(one, home, ui),
        Record::Property(one) => property(one),
        Record::Agreement(one) => agreement(one, home, ui),
        Record::Contact(one) => contact(one, ui),
    }
}

fn container(container: &Container, home: Option<&str>, ui: &Frame) -> Row {
    let next = container.next_collection.as_deref();
    let next = next.map(|day| format::register_day(day, ui.locale));
    Row {
        address: Register::Containers.address(container.id.0),
        title: container.container_id.clone(),
        cells: vec![
            Cell::Text(container.kind.clone()),
            Cell::Text(fractions(container, ui.locale)),
            Cell::Text(stands_at(container, home)),
            Cell::Badge(words::container_status(&container.status, ui.locale)),
            Cell::Number(next.unwrap_or_default()),
        ],
    }
}

fn property(property: &Property) -> Row {
    Row {
        address: Register::Properties.address(property.id.0),
        title: property_title(property),
        cells: vec![
            Cell::Number(property_number(property)),
            Cell::Text(property.kind.clone()),
            Cell::Text(property.area.clone()),
        ],
    }
}

fn agreement(agreement: &Agreement, home: Option<&str>, ui: &Frame) -> Row {
    Row {
        address: Register::Agreements.address(agreement.id.0),
        title: period(agreement, ui.locale),
        cells: vec![
            Cell::Number(format::price(&agreement.price, ui.locale)),
            Cell::Text(agreement.service.clone()),
            Cell::Text(home.unwrap_or_default().to_owned()),
        ],
    }
}

fn contact(contact: &Contact, ui: &Frame) -> Row {
    let [emails, phones] = reach(contact);
    Row {
        address: Register::Contacts.address(contact.id.0),
        title: contact_name(contact, ui.locale).into_owned(),
        cells: vec![
            Cell::Text(words::contact_role(&contact.role, ui.locale)),
            Cell::Text(emails),
            Cell::Number(phones),
        ],
    }
}

/// Shows a page of a register. An `after` that is of no page begins at the start.
pub(crate) async fn show(
    visit: Visit,
    Path(kind): Path<String>,
    extract::Query(query): extract::Query<Query>,
) -> Answer {
    let register = Register::from_name(&kind).ok_or(Failure::NotFound)?;
    let data = gather(&visit, register, &query).await?;
    let frame = visit.frame().await?;
    visit.page(RegisterPage::new(frame, register, &query, &data))
}

async fn gather(visit: &Visit, register: Register, query: &Query) -> Result<RegisterData, Failure> {
    let (engine, kind) = (&visit.engine, register.kind());
    let (filter, order) = (query.filter(kind), query.order(kind));
    let after = Some(query.after.as_str()).filter(|after| !after.is_empty());
    let page = engine
        .list_records(kind, &filter, order, after, PAGE)
        .await?;
    let count = engine
        .count_records(kind, &filter, MOST_COUNTED + 1)
        .await?;
    let mut values = Vec::new();
    for field in RegisterField::of(kind) {
        values.push((*field, engine.register_values(kind, *field).await?));
    }
    Ok(RegisterData {
        items: page.items,
        next: page.next,
        count,
        values,
    })
}
