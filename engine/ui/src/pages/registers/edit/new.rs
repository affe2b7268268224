//! A new record, by itself or for a case.

use super::address;
use super::fields::{self, Problems};
use super::lookup::targets;
use super::values::{self, Values};
use super::{EditPage, Filled, Posted, case_of};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::frame::Alert;
use crate::pages::case::CaseState;
use crate::pages::case::change::{refused, status_of};
use crate::pages::case::records::tab;
use crate::pages::case::show::address as case_address;
use crate::pages::registers::Register;
use crate::rejection;
use crate::visit::Visit;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use sagsgang_domain::{Command, Rejection, Relation, WantedRecord};
use sagsgang_runtime::{CaseRef, ExecuteError};
use serde::Deserialize;
use uuid::Uuid;

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// Number of the case that the record shall be linked to.
    case: String,
}

/// Shows the empty form. For a case it knows the property already.
pub(crate) async fn form(
    visit: Visit,
    Path(kind): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let register = Register::from_name(&kind).ok_or(Failure::NotFound)?;
    let fresh = visit.engine.fresh_id().to_string();
    let posted = Posted {
        values: starting(&visit, register, &asked.case).await?,
        hidden: [("record", fresh), ("case", asked.case)]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
    };
    shown(&visit, register, &posted, &Problems::new(), None).await
}

/// Makes the record, links it to the case where there is one, and opens it.
pub(crate) async fn create(
    visit: Visit,
    Path(kind): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Answer {
    let register = Register::from_name(&kind).ok_or(Failure::NotFound)?;
    let mut posted = Posted::new(pairs);
    let id: Uuid = posted
        .hidden("record")
        .parse()
        .map_err(|_| Failure::NotFound)?;
    let mut problems = Problems::new();
    address::fill_in(&visit, &mut posted, &mut problems).await?;
    let frame = visit.frame().await?;
    let targets = targets(&visit, &posted.values, &mut problems, &frame).await?;
    if !problems.is_empty() {
        let said = visit.locale.text("reject-invalid-record").into_owned();
        return shown(&visit, register, &posted, &problems, Some(said)).await;
    }
    let wanted = WantedRecord {
        record: values::record(register, id, &posted.values, targets),
        external: None,
        brought_by: None,
    };
    match visit
        .engine
        .put_record(&visit.caller()?, wanted, Some(0))
        .await
    {
        // The same form sent twice makes one record.
        Ok(_) | Err(ExecuteError::Stale { .. }) => made(&visit, register, id, &posted).await,
        Err(ExecuteError::Rejected(rejection)) => {
            if let Rejection::InvalidRecord { problems: found } = &rejection {
                problems = fields::problems(found, &frame);
            }
            let said = rejection::text(&rejection, None, visit.locale);
            let mut answer = shown(&visit, register, &posted, &problems, Some(said)).await?;
            *answer.status_mut() = status_of(&rejection);
            Ok(answer)
        }
        Err(error) => Err(beyond_the_page(error)),
    }
}

async fn made(visit: &Visit, register: Register, id: Uuid, posted: &Posted) -> Answer {
    let Some(number) = case_of(posted.hidden("case")) else {
        return Ok(see(&format!("{}?saved=1", register.address(id))));
    };
    let link = Command::Link {
        kind: register.link(),
        id,
        relation: Relation::Related,
        title: None,
        seen: None,
    };
    let (caller, case) = (visit.caller()?, CaseRef::Number(number.clone()));
    let linked = visit
        .engine
        .execute(&caller, &case, vec![link], None, None)
        .await;
    let tab = tab(register);
    match linked {
        Ok(_) | Err(ExecuteError::Rejected(Rejection::AlreadyLinked { .. })) => {
            Ok(see(&case_address(&number, tab, "record")))
        }
        Err(error) => {
            let state = CaseState {
                tab: Some(tab.to_owned()),
                ..CaseState::default()
            };
            refused(visit, &number, error, state).await
        }
    }
}

/// The texts of an empty form.
async fn starting(visit: &Visit, register: Register, case: &str) -> Result<Values, Failure> {
    let mut values = Values::new();
    let mut put = |name: &str, value: String| values.insert(name.to_owned(), value);
    match register {
        Register::Containers => put("status", "active".to_owned()),
        Register::Contacts => put("role", "owner".to_owned()),
        Register::Agreements => put("price", "0,00".to_owned()),
        Register::Properties => None,
    };
    if let Some(number) = case_of(case).filter(|_| register != Register::Properties) {
        let case = visit.engine.case(&CaseRef::Number(number)).await?;
        if let Some(id) = case.ok_or(Failure::NotFound)?.property
            && let Some(property) = visit.engine.property(id).await?
        {
            put("property", values::property_text(&property));
        }
    }
    Ok(values)
}

async fn shown(
    visit: &Visit,
    register: Register,
    posted: &Posted,
    problems: &Problems,
    problem: Option<String>,
) -> Answer {
    let mut ui = visit.frame().await?;
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    ui.alerts.extend(problem.map(Alert::bad));
    let list = format!("/registers/{}", register.name());
    let case = case_of(posted.hidden("case"));
    let filled = Filled {
        register,
        heading: ui.text(title(register)).into_owned(),
        back: case.map_or_else(
            || list.clone(),
            |number| format!("/cases/{number}?tab={}", tab(register)),
        ),
        action: list,
        source: None,
        conflict: None,
        hidden: vec![
            ("record", posted.hidden("record").to_owned()),
            ("case", posted.hidden("case").to_owned()),
        ],
        values: &posted.values,
        problems,
        masked: false,
        lookup: posted.hidden(address::FIELD),
    };
    let mut response = visit.page(EditPage::new(ui, filled))?;
    *response.status_mut() = status;
    Ok(response)
}

/// What making a record of a register is called.
pub(crate) const fn title(register: Register) -> &'static str {
    match register {
        Register::Containers => "new-container",
        Register::Properties => "new-property",
        Register::Agreements => "new-agreement",
        Register::Contacts => "new-contact",
    }
}
