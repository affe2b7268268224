//! Changing a record. What somebody else has changed meanwhile is kept; where both changed the same, the person is asked.

use super::address;
use super::fields::{self, Problems};
use super::lookup::targets;
use super::merge::{Merged, merged};
use super::values::{self, References, Values};
use super::{Clash, EditPage, Filled, Posted, case_of};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::frame::Alert;
use crate::pages::case::change::status_of;
use crate::pages::case::records::tab;
use crate::pages::case::show::address as case_address;
use crate::pages::registers::Register;
use crate::rejection;
use crate::visit::Visit;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use sagsgang_domain::register::MASK;
use sagsgang_domain::{Record, Rejection, StoredRecord, WantedRecord};
use sagsgang_runtime::ExecuteError;
use serde::Deserialize;
use uuid::Uuid;

/// How often a change is put onto a record that others change at the same moment.
const TRIES: u32 = 4;
/// Entries of the history in which the newest is looked for.
const MOST_ENTRIES: u32 = 1_000;

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// Number of the case to go back to.
    case: String,
}

/// A record with its texts.
struct Known {
    register: Register,
    stored: StoredRecord,
    values: Values,
}

/// Shows the form.
pub(crate) async fn form(
    visit: Visit,
    Path((kind, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    let known = read(&visit, &kind, &id).await?;
    let case = asked.case;
    shown(&visit, &known, &known.values, &case, Outcome::default()).await
}

/// Saves the form.
pub(crate) async fn change(
    visit: Visit,
    Path((kind, id)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Answer {
    let mut posted = Posted::new(pairs);
    let mut problems = Problems::new();
    address::fill_in(&visit, &mut posted, &mut problems).await?;
    let lookup = posted.hidden(address::FIELD).to_owned();
    let case = posted.hidden("case").to_owned();
    let seen: Option<u64> = posted.hidden("version").parse().ok();
    for _ in 0..TRIES {
        let known = read(&visit, &kind, &id).await?;
        let Merged { values, contested } = match seen == Some(known.stored.version) {
            true => Merged {
                values: posted.values.clone(),
                contested: Vec::new(),
            },
            false => merged(&posted.seen(), &known.values, &posted.values),
        };
        if !problems.is_empty() {
            let outcome = Outcome {
                status: StatusCode::UNPROCESSABLE_ENTITY,
                problem: Some(visit.locale.text("reject-invalid-record").into_owned()),
                problems,
                lookup,
                ..Outcome::default()
            };
            return shown(&visit, &known, &values, &case, outcome).await;
        }
        if !contested.is_empty() {
            let frame = visit.frame().await?;
            let history = visit
                .engine
                .record_history(known.kind(), known.id(), None, MOST_ENTRIES)
                .await?
                .unwrap_or_default();
            let newest = history
                .iter()
                .rev()
                .find(|entry| entry.kind != "record.revealed.v1");
            let outcome = Outcome {
                status: StatusCode::CONFLICT,
                conflict: Some(Clash::new(known.register, &contested, newest, &frame)),
                lookup,
                ..Outcome::default()
            };
            return shown(&visit, &known, &values, &case, outcome).await;
        }
        match save(&visit, &known, &values).await? {
            Saved::Yes => return Ok(done(&known, &case)),
            Saved::Overtaken => {}
            Saved::Refused(outcome) => {
                let outcome = Outcome { lookup, ..*outcome };
                return shown(&visit, &known, &values, &case, outcome).await;
            }
        }
    }
    Err(beyond_the_page(ExecuteError::Conflict))
}

enum Saved {
    Yes,
    Overtaken,
    Refused(Box<Outcome>),
}

/// How a form comes back.
#[derive(Default)]
struct Outcome {
    status: StatusCode,
    problem: Option<String>,
    problems: Problems,
    conflict: Option<Clash>,
    /// What was typed to find an address by.
    lookup: String,
}

async fn save(visit: &Visit, known: &Known, values: &Values) -> Result<Saved, Failure> {
    let frame = visit.frame().await?;
    let mut problems = Problems::new();
    let targets = targets(visit, values, &mut problems, &frame).await?;
    if !problems.is_empty() {
        return Ok(Saved::Refused(Box::new(Outcome {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            problem: Some(frame.text("reject-invalid-record").into_owned()),
            problems,
            ..Outcome::default()
        })));
    }
    let wanted = WantedRecord {
        record: values::record(known.register, known.id(), values, targets),
        external: None,
        brought_by: None,
    };
    let version = Some(known.stored.version);
    match visit
        .engine
        .put_record(&visit.caller()?, wanted, version)
        .await
    {
        Ok(_) => Ok(Saved::Yes),
        Err(ExecuteError::Stale { .. } | ExecuteError::Conflict) => Ok(Saved::Overtaken),
        Err(ExecuteError::Rejected(rejection)) => {
            if let Rejection::InvalidRecord { problems: found } = &rejection {
                problems = fields::problems(found, &frame);
            }
            Ok(Saved::Refused(Box::new(Outcome {
                status: status_of(&rejection),
                problem: Some(rejection::text(&rejection, None, visit.locale)),
                problems,
                ..Outcome::default()
            })))
        }
        Err(error) => Err(beyond_the_page(error)),
    }
}

impl Known {
    fn id(&self) -> Uuid {
        self.stored.record.id()
    }

    fn kind(&self) -> sagsgang_domain::RecordKind {
        self.stored.record.kind()
    }

    fn masked(&self) -> bool {
        matches!(&self.stored.record, Record::Contact(one) if one.protected && one.name == MASK)
    }
}

fn done(known: &Known, case: &str) -> axum::response::Response {
    match case_of(case) {
        Some(number) => see(&case_address(&number, tab(known.register), "record")),
        None => see(&format!("{}?saved=1", known.register.address(known.id()))),
    }
}

/// A record with what it refers to.
async fn read(visit: &Visit, kind: &str, id: &str) -> Result<Known, Failure> {
    let register = Register::from_name(kind).ok_or(Failure::NotFound)?;
    let id: Uuid = id.parse().map_err(|_| Failure::NotFound)?;
    let stored = visit.engine.record(register.kind(), id).await?;
    let stored = stored.ok_or(Failure::NotFound)?;
    let (property, container) = match &stored.record {
        Record::Property(_) => (None, None),
        Record::Container(one) => (one.property, None),
        Record::Agreement(one) => (one.property, one.container),
        Record::Contact(one) => (one.property, None),
    };
    let references = References {
        property: match property {
            Some(id) => visit.engine.property(id).await?,
            None => None,
        },
        container: match container {
            Some(id) => visit.engine.container(id).await?,
            None => None,
        },
    };
    Ok(Known {
        register,
        values: values::of(&stored.record, &references, visit.locale),
        stored,
    })
}

async fn shown(
    visit: &Visit,
    known: &Known,
    values: &Values,
    case: &str,
    outcome: Outcome,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.alerts.extend(outcome.problem.map(Alert::bad));
    let page = known.register.address(known.id());
    let tab = tab(known.register);
    let filled = Filled {
        register: known.register,
        heading: ui.text(title(known.register)).into_owned(),
        back: case_of(case).map_or_else(
            || page.clone(),
            |number| format!("/cases/{number}?tab={tab}"),
        ),
        action: page,
        source: known.stored.external.as_ref().map(|one| one.source.clone()),
        conflict: outcome.conflict,
        hidden: vec![
            ("version", known.stored.version.to_string()),
            (
                "seen",
                serde_json::to_string(&known.values).unwrap_or_default(),
            ),
            ("case", case.to_owned()),
        ],
        values,
        problems: &outcome.problems,
        masked: known.masked(),
        lookup: &outcome.lookup,
    };
    let mut response = visit.page(EditPage::new(ui, filled))?;
    *response.status_mut() = outcome.status;
    Ok(response)
}

/// What changing a record of a register is called.
pub(crate) const fn title(register: Register) -> &'static str {
    match register {
        Register::Containers => "edit-container",
        Register::Properties => "edit-property",
        Register::Agreements => "edit-agreement",
        Register::Contacts => "edit-contact",
    }
}
