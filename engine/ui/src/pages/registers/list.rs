//! Gathering a page of a register and showing it.

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
use axum::extract::{Path, Query};
use sagsgang_domain::{Agreement, Contact, Container, Property, Right};
use serde::Deserialize;
use std::borrow::Cow;
use uuid::Uuid;

/// Records on a page.
const PAGE: usize = 50;

/// Records of a register; containers and agreements with the address of their property.
#[derive(Clone, Debug)]
pub enum RegisterData {
    /// Containers.
    Containers(Vec<(Container, Option<String>)>),
    /// Properties.
    Properties(Vec<Property>),
    /// Agreements.
    Agreements(Vec<(Agreement, Option<String>)>),
    /// Contacts.
    Contacts(Vec<Contact>),
}

/// The page.
#[derive(Template, Debug)]
#[template(path = "registers.html", blocks = ["title", "main"])]
pub struct RegisterPage {
    ui: Frame,
    register: Register,
    title: Cow<'static, str>,
    tabs: Vec<LinkTab>,
    columns: Vec<Cow<'static, str>>,
    rows: Vec<Row>,
    first_page: Option<String>,
    next_page: Option<String>,
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
    /// Records of a register from the start, or from somewhere on; `next` is the record after which the next page begins.
    pub fn new(mut ui: Frame, data: &RegisterData, from_start: bool, next: Option<Uuid>) -> Self {
        ui.place = "registers";
        let register = data.register();
        let tab = |one: Register| LinkTab {
            address: format!("/registers/{}", one.name()),
            title: ui.text(one.title()),
            count: None,
            current: one == register,
        };
        let here = tab(register).address;
        Self {
            register,
            title: ui.text(register.title()),
            tabs: Register::ALL.map(tab).into(),
            columns: columns(register)
                .iter()
                .map(|column| ui.text(column))
                .collect(),
            new: ui
                .may(Right::ChangeRegisters)
                .then(|| ui.text(new::title(register))),
            rows: data.rows(&ui),
            first_page: (!from_start).then(|| here.clone()),
            next_page: next.map(|after| format!("{here}?after={after}")),
            ui,
        }
    }
}

fn columns(register: Register) -> &'static [&'static str] {
    match register {
        Register::Containers => &[
            "container-id",
            "container-type",
            "waste-fraction",
            "address",
            "status",
        ],
        Register::Properties => &["address", "property-number", "property-type", "area"],
        Register::Agreements => &["period", "price", "service", "address"],
        Register::Contacts => &["name", "role", "email", "phone"],
    }
}

impl RegisterData {
    fn register(&self) -> Register {
        match self {
            RegisterData::Containers(_) => Register::Containers,
            RegisterData::Properties(_) => Register::Properties,
            RegisterData::Agreements(_) => Register::Agreements,
            RegisterData::Contacts(_) => Register::Contacts,
        }
    }

    fn rows(&self, ui: &Frame) -> Vec<Row> {
        match self {
            RegisterData::Containers(all) => all.iter().map(|one| container(one, ui)).collect(),
            RegisterData::Properties(all) => all.iter().map(property).collect(),
            RegisterData::Agreements(all) => all.iter().map(|one| agreement(one, ui)).collect(),
            RegisterData::Contacts(all) => all.iter().map(|one| contact(one, ui)).collect(),
        }
    }

    /// Leaves one page; the answer is its last record where there are more.
    fn cut(&mut self) -> Option<Uuid> {
        match self {
            RegisterData::Containers(all) => cut(all, |(one, _)| one.id.0),
            RegisterData::Properties(all) => cut(all, |one| one.id.0),
            RegisterData::Agreements(all) => cut(all, |(one, _)| one.id.0),
            RegisterData::Contacts(all) => cut(all, |one| one.id.0),
        }
    }
}

fn cut<T>(records: &mut Vec<T>, id: impl Fn(&T) -> Uuid) -> Option<Uuid> {
    let more = records.len() > PAGE;
    records.truncate(PAGE);
    records.last().filter(|_| more).map(id)
}

fn container((container, property): &(Container, Option<String>), ui: &Frame) -> Row {
    Row {
        address: Register::Containers.address(container.id.0),
        title: container.container_id.clone(),
        cells: vec![
            Cell::Text(container.kind.clone()),
            Cell::Text(fractions(container, ui.locale)),
            Cell::Text(stands_at(container, property.as_deref())),
            Cell::Badge(words::container_status(&container.status, ui.locale)),
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

fn agreement((agreement, property): &(Agreement, Option<String>), ui: &Frame) -> Row {
    Row {
        address: Register::Agreements.address(agreement.id.0),
        title: period(agreement, ui.locale),
        cells: vec![
            Cell::Number(format::price(&agreement.price, ui.locale)),
            Cell::Text(agreement.service.clone()),
            Cell::Text(property.clone().unwrap_or_default()),
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

/// Where a page of a register begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Place {
    after: String,
}

/// Shows a page of a register. An `after` that is no id begins at the start.
pub(crate) async fn show(
    visit: Visit,
    Path(kind): Path<String>,
    Query(place): Query<Place>,
) -> Answer {
    let register = Register::from_name(&kind).ok_or(Failure::NotFound)?;
    let after = place.after.parse().ok();
    let mut data = gather(&visit, register, after).await?;
    let next = data.cut();
    let frame = visit.frame().await?;
    visit.page(RegisterPage::new(frame, &data, after.is_none(), next))
}

/// A page and one record more, which tells whether there is a next page.
async fn gather(
    visit: &Visit,
    register: Register,
    after: Option<Uuid>,
) -> Result<RegisterData, Failure> {
    let (engine, limit) = (&visit.engine, PAGE as u32 + 1);
    Ok(match register {
        Register::Containers => {
            RegisterData::Containers(engine.containers_with_addresses(after, limit).await?)
        }
        Register::Properties => RegisterData::Properties(engine.properties(after, limit).await?),
        Register::Agreements => {
            RegisterData::Agreements(engine.agreements_with_addresses(after, limit).await?)
        }
        Register::Contacts => RegisterData::Contacts(engine.contacts(after, limit).await?),
    })
}
