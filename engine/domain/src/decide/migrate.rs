//! Moving a case to another version of its case type, by a plan that was made for it as it stands.

use crate::case::Case;
use crate::case_type::CaseType;
use crate::event::Event;
use crate::fold;
use crate::migration::Migrated;
use crate::rejection::Rejection;
use crate::rights::Right;
use crate::sla;
use crate::time::Timestamp;

/// Judged by the rules of the version that the case comes to. Only the engine hands those over: whoever asks for a move
/// in any other way asks for one from a version to itself.
pub(super) fn migrate(
    case: &Case,
    case_type: &CaseType,
    plan: &Migrated,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let fits =
        plan.from == case.case_type_version && plan.to == case_type.version && plan.from != plan.to;
    if !fits {
        return Err(Rejection::NotAllowed {
            right: Right::MigrateCases,
        });
    }
    let mut moved = plan.clone();
    let event = Event::Migrated(moved.clone());
    let after = fold::apply(Some(case.clone()), &event, case.version, now)
        .expect("a case that is there stays there");
    if case_type.status(&after.status).is_none() {
        return Err(Rejection::UnknownStatus {
            status: after.status,
            allowed: case_type
                .statuses
                .iter()
                .map(|one| one.name.clone())
                .collect(),
        });
    }
    if case_type.priority_rank(&after.priority).is_none() {
        return Err(Rejection::UnknownPriority {
            priority: after.priority,
            allowed: case_type.priorities.scale.clone(),
        });
    }
    let problems = case_type.field_problems(&after.fields);
    if !problems.is_empty() {
        return Err(Rejection::InvalidFields { problems });
    }
    moved.clocks = sla::migrate(&case.clocks, &after, case_type, now);
    Ok(vec![Event::Migrated(moved)])
}
