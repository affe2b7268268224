//! Two cases that are one, and one that is two.
//!
//! Each of these changes concerns two cases. The engine asks the caller's command of the one and its counterpart of the
//! other, in one commit.

use super::edit::{SHORT_TEXT, check_text};
use crate::actor::{ActorKind, Caller};
use crate::case::Case;
use crate::case_type::CaseType;
use crate::command::{Command, LinkKind};
use crate::event::Event;
use crate::id::CaseId;
use crate::rejection::Rejection;
use crate::tie::{Absorbed, MergedInto, SplitFrom};

/// A merged case is over for people and other systems. What had begun in it may still come to its end.
pub(super) fn check_goes_on(
    case: &Case,
    command: &Command,
    caller: &Caller,
) -> Result<(), Rejection> {
    let Some(MergedInto { number, .. }) = &case.merged_into else {
        return Ok(());
    };
    let unties = matches!(
        command,
        Command::Unmerge {}
            | Command::Unlink {
                kind: LinkKind::Case,
                ..
            }
    );
    let from_outside = matches!(
        caller.actor.kind,
        ActorKind::Person | ActorKind::Integration
    );
    let records = matches!(
        command,
        Command::RecordAction { .. } | Command::RecordExport { .. } | Command::Migrate { .. }
    );
    if unties || !from_outside || records {
        return Ok(());
    }
    Err(Rejection::CaseMerged {
        number: case.number.clone(),
        into: number.clone(),
    })
}

/// The case ends, with a pointer to the one in which it goes on.
pub(super) fn merge(
    case: &Case,
    case_type: &CaseType,
    into: CaseId,
    number: Option<&str>,
) -> Result<Vec<Event>, Rejection> {
    if into == case.id {
        return Err(Rejection::MergeIntoItself {});
    }
    if let Some(merged) = &case.merged_into {
        return Err(Rejection::CaseMerged {
            number: case.number.clone(),
            into: merged.number.clone(),
        });
    }
    check_open(case, case_type)?;
    let number = number.ok_or_else(|| not_found(into))?.to_owned();
    let mut events = Vec::new();
    let mut finals = case_type.statuses.iter().filter(|status| status.is_final);
    if let Some(end) = finals
        .clone()
        .find(|status| status.name == "closed")
        .or_else(|| finals.next())
    {
        events.push(Event::StatusChanged {
            from: case.status.clone(),
            to: end.name.clone(),
            transition: None,
            reason: None,
        });
    }
    events.push(Event::Merged {
        into,
        number,
        status_before: case.status.clone(),
    });
    Ok(events)
}

/// The counterpart of [`merge`]: what the merged case had and this one has not.
pub(super) fn absorb(
    case: &Case,
    case_type: &CaseType,
    from: &Absorbed,
) -> Result<Vec<Event>, Rejection> {
    check_open(case, case_type)?;
    fn new<T: Copy + PartialEq>(theirs: &[T], ours: &[T]) -> Vec<T> {
        theirs
            .iter()
            .filter(|one| !ours.contains(one))
            .copied()
            .collect()
    }
    Ok(vec![Event::Absorbed(Absorbed {
        case: from.case,
        number: from.number.clone(),
        property: from.property.filter(|_| case.property.is_none()),
        containers: new(&from.containers, &case.containers),
        agreements: new(&from.agreements, &case.agreements),
        contacts: new(&from.contacts, &case.contacts),
        messages: new(&from.messages, &case.messages),
        documents: new(&from.documents, &case.documents),
    })])
}

/// Takes a merge back: the case goes on by itself, in the status that it had.
pub(super) fn unmerge(case: &Case) -> Result<Vec<Event>, Rejection> {
    let MergedInto {
        case: from,
        number,
        status_before,
    } = case.merged_into.clone().ok_or(Rejection::NotMerged {})?;
    let mut events = vec![Event::Unmerged { from, number }];
    if status_before != case.status {
        events.push(Event::StatusChanged {
            from: case.status.clone(),
            to: status_before,
            transition: None,
            reason: None,
        });
    }
    Ok(events)
}

/// The counterpart of [`unmerge`]: what came with the case goes with it.
pub(super) fn release(case: &Case, other: CaseId) -> Result<Vec<Event>, Rejection> {
    let absorbed = case.merged.iter().find(|one| one.case == other);
    let absorbed = absorbed.cloned().ok_or(Rejection::NotMerged {})?;
    Ok(vec![Event::Released(absorbed)])
}

/// A new case comes out of this one. The engine has made it.
pub(super) fn split(
    title: &str,
    entries: &[u64],
    made: Option<(CaseId, &str)>,
) -> Result<Vec<Event>, Rejection> {
    check_text("title", title, SHORT_TEXT, true)?;
    if entries.is_empty() {
        return Err(Rejection::Empty { field: "entries" });
    }
    let (case, number) = made.ok_or(Rejection::NotFound {
        kind: "case",
        id: title.to_owned(),
    })?;
    Ok(vec![Event::Split {
        case,
        number: number.to_owned(),
        title: title.trim().to_owned(),
        entries: entries.to_vec(),
    }])
}

/// The counterpart of [`split`], asked of the new case.
pub(super) fn take_from(from: &SplitFrom) -> Vec<Event> {
    vec![Event::SplitFrom(from.clone())]
}

fn check_open(case: &Case, case_type: &CaseType) -> Result<(), Rejection> {
    if case_type.is_final(&case.status) {
        return Err(Rejection::CaseClosed {
            number: case.number.clone(),
        });
    }
    Ok(())
}

fn not_found(case: CaseId) -> Rejection {
    Rejection::NotFound {
        kind: "case",
        id: case.to_string(),
    }
}
