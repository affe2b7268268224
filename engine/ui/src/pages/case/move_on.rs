//! A transition that asks for something first: a reason, or fields that must have a value.

use super::change::status_of;
use super::fields;
use super::show::address;
use super::{CaseType, TransitionPage};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::form::{Control, Field};
use crate::frame::Alert;
use crate::pages::cases::create::of_fields;
use crate::pages::registers::edit::fields::Problems;
use crate::pages::registers::edit::values::Values;
use crate::rejection;
use crate::visit::Visit;
use crate::words;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use sagsgang_domain::{Case, Command, Rejection, Transition};
use sagsgang_runtime::{CaseRef, ExecuteError};
use std::sync::Arc;

/// The page on which a refused transition can be taken all the same, if there is something to give.
pub(crate) fn way_on(rejection: &Rejection, number: &str) -> Option<String> {
    let transition = match rejection {
        Rejection::TransitionNeedsFields { transition, .. } => transition,
        Rejection::GuardFailed { transition, guard } if guard.contains(".reason") => transition,
        _ => return None,
    };
    Some(format!("/cases/{number}/transition/{transition}"))
}

struct Known {
    case: Case,
    case_type: Arc<CaseType>,
    transition: Transition,
}

/// Shows what the transition asks for.
pub(crate) async fn form(visit: Visit, Path((number, name)): Path<(String, String)>) -> Answer {
    let known = read(&visit, &number, &name).await?;
    let values = fields::texts(&known.case.fields);
    shown(
        &visit,
        &known,
        &values,
        &Problems::new(),
        None,
        StatusCode::OK,
    )
    .await
}

/// Takes the transition with what was given; all of it, or nothing.
pub(crate) async fn take(
    visit: Visit,
    Path((number, name)): Path<(String, String)>,
    Form(given): Form<Values>,
) -> Answer {
    let known = read(&visit, &number, &name).await?;
    // What the form did not ask for stays as it is.
    let mut values = fields::texts(&known.case.fields);
    values.extend(given.clone());
    let changes = match fields::changes(&known.case_type, &known.case.fields, &values) {
        Ok(changes) => changes,
        Err(wrong) => {
            let said = visit.locale.text("field-wrong").into_owned();
            let problems = wrong.into_iter().map(|name| (name, said.clone())).collect();
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return shown(&visit, &known, &values, &problems, Some(said), status).await;
        }
    };
    let mut commands = Vec::new();
    if !changes.is_empty() {
        commands.push(Command::SetFields { fields: changes });
    }
    let reason = given.get("reason").map(|text| text.trim().to_owned());
    commands.push(Command::Transition {
        transition: name,
        reason: reason.filter(|text| !text.is_empty()),
    });
    let (caller, case) = (visit.caller()?, CaseRef::Id(known.case.id));
    match visit
        .engine
        .execute(&caller, &case, commands, None, None)
        .await
    {
        Ok(_) => Ok(see(&address(&number, "", "status"))),
        Err(ExecuteError::Rejected(rejection)) => {
            let said = rejection::text(&rejection, Some(&known.case_type), visit.locale);
            let (problems, status) = (of_fields(&rejection), status_of(&rejection));
            shown(&visit, &known, &values, &problems, Some(said), status).await
        }
        Err(error) => Err(beyond_the_page(error)),
    }
}

async fn read(visit: &Visit, number: &str, name: &str) -> Result<Known, Failure> {
    let reference = CaseRef::Number(number.to_owned());
    let case = visit.engine.case(&reference).await?;
    let case = case.ok_or(Failure::NotFound)?;
    let case_type = visit
        .engine
        .case_type(&case.case_type, case.case_type_version);
    let case_type = case_type.ok_or(Failure::NotFound)?;
    let transition = case_type.transitions.iter().find(|one| one.name == name);
    let transition = transition.ok_or(Failure::NotFound)?.clone();
    Ok(Known {
        case,
        case_type,
        transition,
    })
}

async fn shown(
    visit: &Visit,
    known: &Known,
    values: &Values,
    problems: &Problems,
    problem: Option<String>,
    status: StatusCode,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    ui.alerts.extend(problem.map(Alert::bad));
    let required = |field: &Field| {
        let own = field.name.trim_start_matches("fields.");
        known.transition.requires.iter().any(|name| name == own)
    };
    let asked = fields::form_fields(&known.case_type, values, ui.locale);
    let mut asked: Vec<Field> = asked
        .into_iter()
        .filter(required)
        .map(Field::required)
        .collect();
    let guard = known.transition.guard.as_deref().unwrap_or_default();
    let text = values.get("reason").cloned().unwrap_or_default();
    let mut reason = Field::new("reason", ui.text("reason"), Control::Area(text));
    reason.required = guard.contains(".reason");
    asked.push(reason);
    for field in &mut asked {
        field.error = problems.get(&field.name).cloned();
    }
    let page = TransitionPage {
        number: known.case.number.clone(),
        name: known.transition.name.clone(),
        heading: words::transition(&known.case_type, &known.transition, ui.locale),
        fields: asked,
        ui,
    };
    let mut response = visit.page(page)?;
    *response.status_mut() = status;
    Ok(response)
}
