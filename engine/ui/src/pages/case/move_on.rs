//! A transition that asks for something first: a reason, or fields that must have a value.

use super::details::{Outcome, Seen, TRIES, clash};
use super::onward::Onward;
use super::{CaseType, TransitionPage};
use super::{fields, misfit};
use crate::answer::{Answer, Failure, beyond_the_page};
use crate::form::{Control, Field, folded};
use crate::frame::Alert;
use crate::locale::Locale;
use crate::pages::registers::edit::merge::Merged;
use crate::pages::registers::edit::values::Values;
use crate::visit::Visit;
use crate::words;
use axum::Form;
use axum::extract::Path;
use sagsgang_domain::decide::wants_reason;
use sagsgang_domain::{Case, Command, Rejection, Transition};
use sagsgang_runtime::{CaseRef, ExecuteError};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The page on which a refused transition can be taken all the same, if there is something to give.
pub(crate) fn way_on(rejection: &Rejection, number: &str) -> Option<String> {
    let transition = match rejection {
        Rejection::TransitionNeedsFields { transition, .. } => transition,
        Rejection::GuardFailed {
            transition,
            wants_reason: true,
            ..
        } => transition,
        _ => return None,
    };
    Some(format!("/cases/{number}/transition/{transition}"))
}

/// A case with the transition, and the texts of the fields that it asks for.
struct Known {
    case: Case,
    case_type: Arc<CaseType>,
    transition: Transition,
    values: Values,
}

/// Shows what the transition asks for.
pub(crate) async fn form(visit: Visit, Path((number, name)): Path<(String, String)>) -> Answer {
    let known = read(&visit, &number, &name).await?;
    let values = fields::texts(&known.case_type, &known.case.fields);
    shown(&visit, &known, &values, Outcome::default()).await
}

/// Takes the transition with what was given; all of it, or nothing.
pub(crate) async fn take(
    visit: Visit,
    Path((number, name)): Path<(String, String)>,
    Form(mut posted): Form<Values>,
) -> Answer {
    let seen = Seen::taken(&mut posted);
    let yours: Values = folded(posted)
        .into_iter()
        .map(|(name, text)| (name, text.replace("\r\n", "\n")))
        .collect();
    let caller = visit.caller()?;
    for _ in 0..TRIES {
        let known = read(&visit, &number, &name).await?;
        let Merged { values, contested } = seen.merged(known.case.version, &known.values, &yours);
        if !contested.is_empty() {
            let drawn = asked(&known, &known.values, visit.locale);
            let case_type = Some(&*known.case_type);
            let conflict = clash(&visit, &known.case, case_type, &contested, &drawn).await?;
            let outcome = Outcome::contested(conflict);
            return shown(&visit, &known, &values, outcome).await;
        }
        let changes = match changes(&known, &values) {
            Ok(changes) => changes,
            Err(wrong) => {
                let (case_type, locale) = (Some(&*known.case_type), visit.locale);
                let problems = wrong.into_iter().map(|name| {
                    let said = misfit::unreadable(case_type, &name, locale);
                    (name, said)
                });
                let outcome = Outcome::wrong(problems.collect(), locale);
                return shown(&visit, &known, &values, outcome).await;
            }
        };
        let mut commands = Vec::new();
        if !changes.is_empty() {
            commands.push(Command::SetFields { fields: changes });
        }
        let reason = values.get("reason").map(|text| text.trim().to_owned());
        commands.push(Command::Transition {
            transition: name.clone(),
            reason: reason.filter(|text| !text.is_empty()),
        });
        let (case, version) = (CaseRef::Id(known.case.id), Some(known.case.version));
        let onward = Onward::of(&visit, &known.case).await?;
        match visit
            .engine
            .execute(&caller, &case, commands, version, None)
            .await
        {
            Ok(done) => return onward.see(&visit, &done.case, "", "status").await,
            Err(ExecuteError::Stale { .. } | ExecuteError::Conflict) => {}
            Err(ExecuteError::Rejected(rejection)) => {
                let case_type = Some(&*known.case_type);
                let outcome = Outcome::refused(&rejection, case_type, visit.locale);
                return shown(&visit, &known, &values, outcome).await;
            }
            Err(error) => return Err(beyond_the_page(error)),
        }
    }
    Err(beyond_the_page(ExecuteError::Conflict))
}

/// What the form changes in the fields of the case. What it did not ask for stays; a box that it asked for and that
/// nobody ticked says no.
fn changes(known: &Known, values: &Values) -> Result<Map<String, Value>, Vec<String>> {
    let mut all = fields::texts(&known.case_type, &known.case.fields);
    for name in known.values.keys() {
        let text = values.get(name).cloned().unwrap_or_default();
        all.insert(name.clone(), text);
    }
    let mut changes = fields::changes(&known.case_type, &known.case.fields, &all)?;
    for field in asked(known, &all, Locale::English) {
        let own = field.name.trim_start_matches(fields::PREFIX);
        let is_open = known.case.fields.get(own).is_none_or(Value::is_null);
        let is_open = is_open && known.transition.requires.iter().any(|name| name == own);
        if matches!(field.control, Control::Check(_)) && is_open {
            changes.entry(own).or_insert(Value::Bool(false));
        }
    }
    Ok(changes)
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
    let mut known = Known {
        case,
        case_type,
        transition,
        values: Values::new(),
    };
    let texts = fields::texts(&known.case_type, &known.case.fields);
    for field in asked(&known, &texts, visit.locale) {
        let text = texts.get(&field.name).cloned();
        known.values.insert(field.name, text.unwrap_or_default());
    }
    Ok(known)
}

/// The fields that the transition asks for, with what was entered.
fn asked(known: &Known, entered: &Values, locale: Locale) -> Vec<Field> {
    let fields = |name: &String| {
        let mut fields = fields::form_fields_of(&known.case_type, name, entered, locale);
        // Of a value with several parts the schema says which must be there, and no is an answer as well.
        if let [field] = fields.as_mut_slice() {
            let is_box = matches!(field.control, Control::Check(_) | Control::Several(_));
            field.required = !is_box;
        }
        fields
    };
    let requires = known.transition.requires.iter();
    requires.flat_map(fields).collect()
}

async fn shown(visit: &Visit, known: &Known, values: &Values, outcome: Outcome) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    ui.alerts.extend(outcome.problem.map(Alert::bad));
    let mut asked = asked(known, values, ui.locale);
    let text = values.get("reason").cloned().unwrap_or_default();
    let mut reason = Field::new("reason", ui.text("reason"), Control::Area(text));
    reason.required = wants_reason(&known.case, &known.case_type, &known.transition);
    asked.push(reason);
    for field in &mut asked {
        field.error = outcome.problems.get(&field.name).cloned();
    }
    let page = TransitionPage {
        number: known.case.number.clone(),
        name: known.transition.name.clone(),
        heading: words::transition(&known.case_type, &known.transition, ui.locale),
        hidden: Seen::hidden(known.case.version, &known.values),
        conflict: outcome.conflict,
        fields: asked,
        ui,
    };
    let mut response = visit.page(page)?;
    *response.status_mut() = outcome.status;
    Ok(response)
}
