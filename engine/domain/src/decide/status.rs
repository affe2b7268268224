//! Moving a case from status to status.

use crate::actor::Caller;
use crate::case::Case;
use crate::case_type::{CaseType, Transition};
use crate::event::Event;
use crate::rejection::Rejection;
use serde_json::Value;

/// Moves the case to a status by the first transition that leads there and may be taken.
pub(super) fn set(
    case: &Case,
    case_type: &CaseType,
    status: &str,
    reason: Option<&str>,
    caller: &Caller,
) -> Result<Vec<Event>, Rejection> {
    if case_type.status(status).is_none() {
        return Err(Rejection::UnknownStatus {
            status: status.to_owned(),
            allowed: case_type
                .statuses
                .iter()
                .map(|status| status.name.clone())
                .collect(),
        });
    }
    if case.status == status {
        return Ok(Vec::new());
    }
    let mut refusal = None;
    for transition in case_type
        .transitions_from(&case.status)
        .filter(|t| t.to == status)
    {
        match check(case, case_type, transition, reason, caller) {
            Ok(()) => return Ok(vec![changed(case, transition, reason)]),
            Err(rejection) => refusal = refusal.or(Some(rejection)),
        }
    }
    Err(refusal.unwrap_or_else(|| Rejection::IllegalTransition {
        from: case.status.clone(),
        to: status.to_owned(),
        allowed: targets(case_type, &case.status),
    }))
}

/// Takes a transition by its name.
pub(super) fn take(
    case: &Case,
    case_type: &CaseType,
    name: &str,
    reason: Option<&str>,
    caller: &Caller,
) -> Result<Vec<Event>, Rejection> {
    let transition = case_type
        .transitions
        .iter()
        .find(|transition| transition.name == name)
        .ok_or_else(|| Rejection::UnknownTransition {
            transition: name.to_owned(),
            allowed: case_type
                .transitions_from(&case.status)
                .map(|t| t.name.clone())
                .collect(),
        })?;
    if !transition.from.includes(&case.status) || transition.to == case.status {
        return Err(Rejection::IllegalTransition {
            from: case.status.clone(),
            to: transition.to.clone(),
            allowed: targets(case_type, &case.status),
        });
    }
    check(case, case_type, transition, reason, caller)?;
    Ok(vec![changed(case, transition, reason)])
}

/// Transitions that a caller may take now, as far as the role decides it.
pub fn reachable<'a>(
    case: &'a Case,
    case_type: &'a CaseType,
    caller: &'a Caller,
) -> impl Iterator<Item = &'a Transition> {
    case_type
        .transitions_from(&case.status)
        .filter(|transition| is_for(transition, caller))
}

fn is_for(transition: &Transition, caller: &Caller) -> bool {
    transition.roles.is_empty()
        || caller.roles.iter().any(|role| {
            // Whoever leads or runs the installation may do what a caseworker may.
            transition.roles.iter().any(|name| {
                name == role.name()
                    || (name == "caseworker"
                        && matches!(role, crate::Role::Lead | crate::Role::Administrator))
            })
        })
}

/// A reason as a person may give one, for asking whether a guard waits for one.
const ANY_REASON: &str = "The customer has called and no longer wants it.";

/// Whether a transition waits for a reason: its guard does not hold for the case without one, and holds with one.
pub fn wants_reason(case: &Case, case_type: &CaseType, transition: &Transition) -> bool {
    !guard_holds(case, case_type, transition, None)
        && guard_holds(case, case_type, transition, Some(ANY_REASON))
}

fn guard_holds(
    case: &Case,
    case_type: &CaseType,
    transition: &Transition,
    reason: Option<&str>,
) -> bool {
    let Some(rules) = case_type
        .rules
        .as_ref()
        .filter(|_| transition.guard.is_some())
    else {
        return true;
    };
    let mut value = serde_json::to_value(case).unwrap_or(Value::Null);
    if let Some(object) = value.as_object_mut() {
        object.insert("reason".to_owned(), reason.map_or(Value::Null, Value::from));
    }
    rules.guard_holds(&transition.name, &value)
}

fn check(
    case: &Case,
    case_type: &CaseType,
    transition: &Transition,
    reason: Option<&str>,
    caller: &Caller,
) -> Result<(), Rejection> {
    if !is_for(transition, caller) {
        return Err(Rejection::TransitionNotForRole {
            transition: transition.name.clone(),
            roles: transition.roles.clone(),
        });
    }
    let missing: Vec<String> = transition
        .requires
        .iter()
        .filter(|field| case.fields.get(*field).is_none_or(Value::is_null))
        .cloned()
        .collect();
    if !missing.is_empty() {
        return Err(Rejection::TransitionNeedsFields {
            transition: transition.name.clone(),
            fields: missing,
        });
    }
    if let Some(guard) = &transition.guard
        && !guard_holds(case, case_type, transition, reason)
    {
        return Err(Rejection::GuardFailed {
            transition: transition.name.clone(),
            guard: guard.clone(),
            wants_reason: reason.is_none_or(|text| text.trim().is_empty())
                && wants_reason(case, case_type, transition),
        });
    }
    Ok(())
}

fn changed(case: &Case, transition: &Transition, reason: Option<&str>) -> Event {
    Event::StatusChanged {
        from: case.status.clone(),
        to: transition.to.clone(),
        transition: Some(transition.name.clone()),
        reason: reason
            .filter(|reason| !reason.trim().is_empty())
            .map(str::to_owned),
    }
}

fn targets(case_type: &CaseType, status: &str) -> Vec<String> {
    let mut targets: Vec<String> = Vec::new();
    for transition in case_type.transitions_from(status) {
        if !targets.contains(&transition.to) {
            targets.push(transition.to.clone());
        }
    }
    targets
}
