//! Priority: set by people, computed by the automation.

use crate::actor::Caller;
use crate::case::{Case, PriorityReason};
use crate::case_type::CaseType;
use crate::event::Event;
use crate::rejection::Rejection;

/// Sets the priority. Where a person has chosen one, the automation's answer changes nothing: the choice sticks until
/// it is released.
pub(super) fn set(
    case: &Case,
    case_type: &CaseType,
    priority: &str,
    score: Option<i32>,
    reasons: &[PriorityReason],
    caller: &Caller,
) -> Result<Vec<Event>, Rejection> {
    if case_type.priority_rank(priority).is_none() {
        return Err(Rejection::UnknownPriority {
            priority: priority.to_owned(),
            allowed: case_type.priorities.scale.clone(),
        });
    }
    let is_override = caller.is_person();
    if case.priority_override && !is_override {
        return Ok(Vec::new());
    }
    let same = case.priority == priority
        && case.priority_score == score
        && case.priority_reasons == reasons
        && (case.priority_override || !is_override);
    if same {
        return Ok(Vec::new());
    }
    Ok(vec![Event::PriorityChanged {
        from: case.priority.clone(),
        to: priority.to_owned(),
        score,
        reasons: reasons.to_vec(),
        is_override,
    }])
}

pub(super) fn release(case: &Case) -> Vec<Event> {
    if case.priority_override {
        vec![Event::PriorityReleased {}]
    } else {
        Vec::new()
    }
}
