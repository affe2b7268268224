//! Finding a record of a register for a case, and linking it.

use super::{FoundRecord, RecordTiePage};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::format;
use crate::frame::Alert;
use crate::locale::Locale;
use crate::pages::case::change::status_of;
use crate::pages::case::records::tab;
use crate::pages::case::show::address;
use crate::pages::registers::{
    Register, agreement_title, contact_name, fractions, period, property_number, property_title,
    stands_at,
};
use crate::rejection;
use crate::visit::Visit;
use crate::words;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use sagsgang_domain::fold::is_linked;
use sagsgang_domain::{
    Agreement, Case, Command, Contact, Container, Property, PropertyId, Relation, Right,
};
use sagsgang_runtime::{CaseRef, ExecuteError, PropertyRecords, SearchKind, SearchOrder};
use serde::Deserialize;
use std::collections::HashSet;
use uuid::Uuid;

/// Records that are offered.
const MOST_OFFERED: u32 = 20;
/// Properties whose records are offered beside what is found by its own words.
const MOST_PROPERTIES: u32 = 5;

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
}

/// The chosen record, and what was looked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Chosen {
    id: Uuid,
    #[serde(default)]
    q: String,
}

/// Shows the page.
pub(crate) async fn show(
    visit: Visit,
    Path((number, kind)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    let register = Register::from_name(&kind).ok_or(Failure::NotFound)?;
    let case = read(&visit, &number).await?;
    shown(&visit, &case, register, asked.q, None, StatusCode::OK).await
}

/// Links the chosen record.
pub(crate) async fn link(
    visit: Visit,
    Path((number, kind)): Path<(String, String)>,
    Form(chosen): Form<Chosen>,
) -> Answer {
    let register = Register::from_name(&kind).ok_or(Failure::NotFound)?;
    let case = read(&visit, &number).await?;
    let command = Command::Link {
        kind: register.link(),
        id: chosen.id,
        relation: Relation::Related,
        title: None,
        seen: None,
    };
    let done = visit
        .engine
        .execute(
            &visit.caller()?,
            &CaseRef::Id(case.id),
            vec![command],
            None,
            None,
        )
        .await;
    match done {
        Ok(_) => Ok(see(&address(&number, tab(register), "record-link"))),
        Err(ExecuteError::Rejected(rejection)) => {
            let said = rejection::text(&rejection, None, visit.locale);
            let status = status_of(&rejection);
            shown(&visit, &case, register, chosen.q, Some(said), status).await
        }
        Err(error) => Err(beyond_the_page(error)),
    }
}

async fn read(visit: &Visit, number: &str) -> Result<Case, Failure> {
    let case = CaseRef::Number(number.to_owned());
    visit.engine.case(&case).await?.ok_or(Failure::NotFound)
}

async fn shown(
    visit: &Visit,
    case: &Case,
    register: Register,
    search: String,
    problem: Option<String>,
    status: StatusCode,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    ui.alerts.extend(problem.map(Alert::bad));
    let rows = offered(visit, case, register, search.trim()).await?;
    let page = RecordTiePage {
        heading: ui.text(title(register)).into_owned(),
        number: case.number.clone(),
        back: format!("/cases/{}?tab={}", case.number, tab(register)),
        replaces: register == Register::Properties && case.property.is_some(),
        new: (ui.may(Right::ChangeRegisters)).then(|| {
            let kind = register.name();
            format!("/registers/{kind}/new?case={}", case.number)
        }),
        register,
        search,
        rows,
        ui,
    };
    let mut response = visit.page(page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// The records that are offered: those with the words and those of properties with the words; without words, those of
/// the case's own property.
async fn offered(
    visit: &Visit,
    case: &Case,
    register: Register,
    search: &str,
) -> Result<Vec<FoundRecord>, Failure> {
    let mut rows = Vec::new();
    if search.is_empty() {
        if let Some(property) = case.property {
            rows.extend(hanging_off(visit, register, property).await?);
        }
    } else {
        let caller = visit.caller()?;
        let find = async |kind: SearchKind, most: u32| {
            let (kinds, order) = ([kind], SearchOrder::Newest);
            let found = visit
                .engine
                .search(&caller, search, &kinds, order, None, most);
            found.await.map(|page| page.items)
        };
        for hit in find(kind(register), MOST_OFFERED).await? {
            rows.extend(one(visit, register, hit.id).await?);
        }
        if register != Register::Properties {
            for hit in find(SearchKind::Property, MOST_PROPERTIES).await? {
                rows.extend(hanging_off(visit, register, PropertyId(hit.id)).await?);
            }
        }
    }
    let mut seen = HashSet::new();
    rows.retain(|row| seen.insert(row.id) && !is_linked(case, register.link(), row.id));
    rows.truncate(MOST_OFFERED as usize);
    Ok(rows)
}

async fn one(visit: &Visit, register: Register, id: Uuid) -> Result<Option<FoundRecord>, Failure> {
    let (engine, locale) = (&visit.engine, visit.locale);
    let at = async |property: Option<PropertyId>| match property {
        Some(id) => engine.property(id).await,
        None => Ok(None),
    };
    Ok(match register {
        Register::Containers => match engine.container(id.into()).await? {
            Some(one) => {
                let property = at(one.property).await?;
                Some(container(&one, property.as_ref(), locale))
            }
            None => None,
        },
        Register::Properties => engine.property(id.into()).await?.as_ref().map(property),
        Register::Agreements => match engine.agreement(id.into()).await? {
            Some(one) => {
                let property = at(one.property).await?;
                Some(agreement(&one, property.as_ref(), locale))
            }
            None => None,
        },
        Register::Contacts => match engine.contact(id.into()).await? {
            Some(one) => {
                let property = at(one.property).await?;
                Some(contact(&one, property.as_ref(), locale))
            }
            None => None,
        },
    })
}

async fn hanging_off(
    visit: &Visit,
    register: Register,
    id: PropertyId,
) -> Result<Vec<FoundRecord>, Failure> {
    let place = visit.engine.property(id).await?;
    let (place, locale) = (place.as_ref(), visit.locale);
    if register == Register::Properties {
        return Ok(place.map(property).into_iter().collect());
    }
    let PropertyRecords {
        containers,
        agreements,
        contacts,
    } = visit.engine.records_of_property(id).await?;
    Ok(match register {
        Register::Containers => containers
            .iter()
            .map(|one| container(one, place, locale))
            .collect(),
        Register::Agreements => agreements
            .iter()
            .map(|one| agreement(one, place, locale))
            .collect(),
        Register::Contacts | Register::Properties => contacts
            .iter()
            .map(|one| contact(one, place, locale))
            .collect(),
    })
}

fn found(id: Uuid, title: String, details: &[&str]) -> FoundRecord {
    let details = details.iter().filter(|text| !text.is_empty());
    FoundRecord {
        id,
        title,
        detail: details.copied().collect::<Vec<_>>().join(" · "),
    }
}

fn container(one: &Container, property: Option<&Property>, locale: Locale) -> FoundRecord {
    let line = property.map(|one| one.address.line());
    let details = [
        &*fractions(one, locale),
        &*one.kind,
        &*stands_at(one, line.as_deref()),
    ];
    found(one.id.0, one.container_id.clone(), &details)
}

fn property(one: &Property) -> FoundRecord {
    let details = [&*property_number(one), &*one.kind, &*one.area];
    found(one.id.0, property_title(one), &details)
}

fn agreement(one: &Agreement, property: Option<&Property>, locale: Locale) -> FoundRecord {
    let line = property.map(|one| one.address.line()).unwrap_or_default();
    let details = [
        &*period(one, locale),
        &*format::price(&one.price, locale),
        &*line,
    ];
    found(one.id.0, agreement_title(one, locale), &details)
}

fn contact(one: &Contact, property: Option<&Property>, locale: Locale) -> FoundRecord {
    // Where a protected person lives is protected too.
    let line = property.filter(|_| !one.protected);
    let line = line.map(|one| one.address.line()).unwrap_or_default();
    let details = [&*words::contact_role(&one.role, locale), &*line];
    let name = contact_name(one, locale).into_owned();
    found(one.id.0, name, &details)
}

const fn kind(register: Register) -> SearchKind {
    match register {
        Register::Containers => SearchKind::Container,
        Register::Properties => SearchKind::Property,
        Register::Agreements => SearchKind::Agreement,
        Register::Contacts => SearchKind::Contact,
    }
}

/// What linking a record of a register is called.
pub(crate) const fn title(register: Register) -> &'static str {
    match register {
        Register::Containers => "link-container",
        Register::Properties => "link-property",
        Register::Agreements => "link-agreement",
        Register::Contacts => "link-contact",
    }
}
