//! One record of a register: its fields, what hangs together with it, and all its cases.

use super::edit::fields::fault;
use super::fact::{self, Fact};
use super::history::{self, HistoryLine};
use super::{Register, agreement_title, contact_name, fractions, period, property_title};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::format::Moment;
use crate::frame::{Alert, Frame};
use crate::visit::Visit;
use crate::words::{self, Badge};
use askama::Template;
use axum::extract::{Path, Query};
use sagsgang_domain::{
    self as domain, Agreement, CaseType, Contact, Container, Property, PropertyId, RecordEntry,
    Rejection, Right,
};
use sagsgang_runtime::{ExecuteError, LinkedCase, PropertyRecords};
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

/// Cases on the page of a record; who needs older ones searches.
pub const MOST_CASES: usize = 100;

/// Entries of the history on a page.
const MOST_ENTRIES: u32 = 100;

/// A record of one of the registers.
#[derive(Clone, Debug)]
pub enum Record {
    /// A container.
    Container(Container),
    /// A property.
    Property(Property),
    /// An agreement.
    Agreement(Agreement),
    /// A contact; a protected one is masked.
    Contact(Contact),
}

/// What the page of a record shows.
#[derive(Clone, Debug)]
pub struct RecordData {
    /// The record.
    pub record: Record,
    /// The property that it belongs to.
    pub property: Option<Property>,
    /// The container that an agreement is about.
    pub container: Option<Container>,
    /// What hangs off a property.
    pub around: PropertyRecords,
    /// Its cases, the newest first, one more than are shown where there are more; absent for who may not read cases.
    pub cases: Option<Vec<LinkedCase>>,
    /// Published case types.
    pub case_types: Vec<Arc<CaseType>>,
    /// The number of a person that one has asked to see.
    pub cpr: Option<String>,
    /// What is protected was asked for.
    pub revealed: bool,
    /// A page of what happened to the record, the oldest first.
    pub history: Vec<RecordEntry>,
    /// The page begins behind this entry.
    pub history_after: Option<Uuid>,
    /// There is more behind it.
    pub more_history: bool,
}

/// The page.
#[derive(Template, Debug)]
#[template(path = "record.html", blocks = ["title", "main"])]
pub struct RecordPage {
    ui: Frame,
    register: Register,
    title: String,
    /// What says that the record was changed, and where it is found then.
    topic: String,
    here: String,
    facts: Vec<Fact>,
    groups: Vec<Group>,
    cases: Option<Vec<CaseRow>>,
    more_cases: bool,
    all_cases: String,
    history: Vec<HistoryLine>,
    first_page: Option<String>,
    next_page: Option<String>,
    /// Where what is protected is shown, for who may see it.
    reveal: Option<String>,
    /// Where the number of a person is shown, for who may see it.
    reveal_cpr: Option<String>,
    /// Where it is changed, for who may.
    edit: Option<String>,
}

/// Records of one register that hang off a property.
#[derive(Debug)]
struct Group {
    register: Register,
    title: Cow<'static, str>,
    links: Vec<RecordLink>,
}

#[derive(Debug)]
struct RecordLink {
    address: String,
    title: String,
    detail: String,
}

#[derive(Debug)]
struct CaseRow {
    number: String,
    title: String,
    status: Badge,
    created: Moment,
}

impl RecordPage {
    /// The page for a person.
    pub fn new(mut ui: Frame, data: &RecordData) -> Self {
        ui.place = "registers";
        let (register, title) = match &data.record {
            Record::Container(one) => (Register::Containers, one.container_id.clone()),
            Record::Property(one) => (Register::Properties, property_title(one)),
            Record::Agreement(one) => (Register::Agreements, agreement_title(one, ui.locale)),
            Record::Contact(one) => (
                Register::Contacts,
                contact_name(one, ui.locale).into_owned(),
            ),
        };
        let found = data.cases.as_ref().map_or(0, Vec::len);
        let shown = data.cases.as_ref().map(|cases| {
            let shown = cases.iter().take(MOST_CASES);
            shown.map(|case| CaseRow::new(case, data, &ui)).collect()
        });
        let id = data.record.id();
        let here = register.address(id);
        let edit = format!("{here}/edit");
        Self {
            topic: format!("{}:{id}", register.link().name()),
            here,
            register,
            title,
            edit: ui.may(Right::ChangeRegisters).then_some(edit),
            facts: fact::of(data, &ui),
            groups: match data.record {
                Record::Property(_) => groups(&data.around, &ui),
                _ => Vec::new(),
            },
            cases: shown,
            more_cases: found > MOST_CASES,
            all_cases: register.cases(data.record.id()),
            history: history::lines(&data.history, register, &ui),
            first_page: data
                .history_after
                .map(|_| register.address(data.record.id())),
            next_page: data
                .history
                .last()
                .filter(|_| data.more_history)
                .map(|last| {
                    let address = register.address(data.record.id());
                    format!("{address}?history={}#h-history", last.id)
                }),
            reveal: match &data.record {
                Record::Contact(one) if one.protected && ui.may(Right::ChangeRegisters) => {
                    Some(format!("{}/reveal", register.address(one.id.0)))
                }
                _ => None,
            },
            reveal_cpr: match &data.record {
                Record::Contact(Contact {
                    cpr: Some(_), id, ..
                }) if data.cpr.is_none() && ui.may(Right::ChangeRegisters) => {
                    Some(format!("{}/cpr", register.address(id.0)))
                }
                _ => None,
            },
            ui,
        }
    }
}

fn groups(around: &PropertyRecords, ui: &Frame) -> Vec<Group> {
    let group = |register: Register, links: Vec<RecordLink>| Group {
        register,
        title: ui.text(register.title()),
        links,
    };
    let link = |register: Register, id: Uuid, title: String, detail: String| RecordLink {
        address: register.address(id),
        title,
        detail,
    };
    let containers = around.containers.iter().map(|one| {
        let detail = fractions(one, ui.locale);
        link(
            Register::Containers,
            one.id.0,
            one.container_id.clone(),
            detail,
        )
    });
    let agreements = around.agreements.iter().map(|one| {
        let title = agreement_title(one, ui.locale);
        link(
            Register::Agreements,
            one.id.0,
            title,
            period(one, ui.locale),
        )
    });
    let contacts = around.contacts.iter().map(|one| {
        let title = contact_name(one, ui.locale).into_owned();
        let role = words::contact_role(&one.role, ui.locale);
        link(Register::Contacts, one.id.0, title, role)
    });
    vec![
        group(Register::Containers, containers.collect()),
        group(Register::Agreements, agreements.collect()),
        group(Register::Contacts, contacts.collect()),
    ]
}

impl CaseRow {
    fn new(case: &LinkedCase, data: &RecordData, ui: &Frame) -> Self {
        let case_type = data
            .case_types
            .iter()
            .find(|one| one.name == case.case_type)
            .map(Arc::as_ref);
        Self {
            number: case.number.clone(),
            title: case.title.clone(),
            status: words::status_badge(case_type, &case.status, ui.locale),
            created: Moment::new(case.created_at, ui.now, ui.locale),
        }
    }
}

/// What the address of a record says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Shown {
    /// It was just saved.
    saved: Option<String>,
    /// The entry behind which the history is shown.
    history: Option<Uuid>,
}

/// Shows a record.
pub(crate) async fn show(
    visit: Visit,
    Path((kind, id)): Path<(String, String)>,
    Query(shown): Query<Shown>,
) -> Answer {
    let register = Register::from_name(&kind).ok_or(Failure::NotFound)?;
    let id = id.parse().map_err(|_| Failure::NotFound)?;
    let mut frame = visit.frame().await?;
    let saved = shown.saved.map(|_| Alert::good(frame.text("saved-alert")));
    frame.alerts.extend(saved);
    let data = whole(&visit, &frame, register, id, shown.history).await?;
    visit.page(RecordPage::new(frame, &data))
}

/// Shows a protected contact as it is. That stands in its history, so that it is no mere reading.
pub(crate) async fn reveal(visit: Visit, Path(id): Path<String>) -> Answer {
    let id: Uuid = id.parse().map_err(|_| Failure::NotFound)?;
    let seen = visit
        .engine
        .reveal_contact(&visit.caller()?, id.into())
        .await
        .map_err(beyond_the_page)?;
    let mut frame = visit.frame().await?;
    let mut data = whole(&visit, &frame, Register::Contacts, id, None).await?;
    if let domain::Record::Contact(contact) = seen.record {
        data.record = Record::Contact(Contact {
            protected: false,
            ..contact
        });
        data.revealed = true;
    }
    frame
        .alerts
        .push(Alert::good(frame.text("contact-revealed")));
    visit.page(RecordPage::new(frame, &data))
}

/// The address of what was asked for, when it is opened or loaded again: the record, masked. What was seen is asked for
/// once more, so that the history has each look.
pub(crate) async fn masked(Path(id): Path<String>) -> Answer {
    let id: Uuid = id.parse().map_err(|_| Failure::NotFound)?;
    Ok(see(&Register::Contacts.address(id)))
}

/// Shows the number of a person. That stands in the history of the contact.
pub(crate) async fn reveal_cpr(visit: Visit, Path(id): Path<String>) -> Answer {
    let id: Uuid = id.parse().map_err(|_| Failure::NotFound)?;
    let seen = match visit.engine.reveal_cpr(&visit.caller()?, id.into()).await {
        Ok(seen) => Ok(seen),
        Err(ExecuteError::Rejected(Rejection::InvalidRecord { problems })) => Err(problems),
        Err(error) => return Err(beyond_the_page(error)),
    };
    let mut frame = visit.frame().await?;
    let mut data = whole(&visit, &frame, Register::Contacts, id, None).await?;
    let alert = match &seen {
        Ok(Some(_)) => Alert::good(frame.text("cpr-revealed")),
        Ok(None) => Alert::bad(frame.text("cpr-none")),
        Err(problems) => {
            let said = problems.iter().map(|one| fault(&one.fault, &frame));
            Alert::bad(said.collect::<String>())
        }
    };
    frame.alerts.push(alert);
    data.cpr = seen.unwrap_or_default();
    visit.page(RecordPage::new(frame, &data))
}

/// A record with everything that its page shows.
async fn whole(
    visit: &Visit,
    frame: &Frame,
    register: Register,
    id: Uuid,
    after: Option<Uuid>,
) -> Result<RecordData, Failure> {
    let mut data = gather(visit, register, id)
        .await?
        .ok_or(Failure::NotFound)?;
    if frame.may(Right::ReadCases) {
        let limit = MOST_CASES as u32 + 1;
        let cases = visit
            .engine
            .cases_linked(register.link(), id, limit)
            .await?;
        data.cases = Some(cases);
    }
    let history = visit
        .engine
        .record_history(register.kind(), id, after, MOST_ENTRIES + 1);
    data.history = history.await?.unwrap_or_default();
    data.more_history = data.history.len() > MOST_ENTRIES as usize;
    data.history.truncate(MOST_ENTRIES as usize);
    data.history_after = after;
    Ok(data)
}

/// Reads a record and what hangs together with it, without its cases.
async fn gather(
    visit: &Visit,
    register: Register,
    id: Uuid,
) -> Result<Option<RecordData>, Failure> {
    let engine = &visit.engine;
    let record = match register {
        Register::Containers => engine.container(id.into()).await?.map(Record::Container),
        Register::Properties => engine.property(id.into()).await?.map(Record::Property),
        Register::Agreements => engine.agreement(id.into()).await?.map(Record::Agreement),
        Register::Contacts => engine.contact(id.into()).await?.map(Record::Contact),
    };
    let Some(record) = record else {
        return Ok(None);
    };
    let mut data = RecordData {
        property: match record.property() {
            Some(property) => engine.property(property).await?,
            None => None,
        },
        record,
        container: None,
        around: PropertyRecords::default(),
        cases: None,
        case_types: engine.case_types(),
        cpr: None,
        revealed: false,
        history: Vec::new(),
        history_after: None,
        more_history: false,
    };
    match &data.record {
        Record::Property(one) => data.around = engine.records_of_property(one.id).await?,
        Record::Agreement(Agreement {
            container: Some(container),
            ..
        }) => data.container = engine.container(*container).await?,
        _ => {}
    }
    Ok(Some(data))
}

impl Record {
    fn id(&self) -> Uuid {
        match self {
            Record::Container(one) => one.id.0,
            Record::Property(one) => one.id.0,
            Record::Agreement(one) => one.id.0,
            Record::Contact(one) => one.id.0,
        }
    }

    /// The property that it belongs to; a property belongs to none.
    fn property(&self) -> Option<PropertyId> {
        match self {
            Record::Container(one) => one.property,
            Record::Property(_) => None,
            Record::Agreement(one) => one.property,
            Record::Contact(one) => one.property,
        }
    }
}
