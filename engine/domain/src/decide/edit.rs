//! Assignee, texts, due date, fields, notes and tags.

use crate::case::Case;
use crate::case_type::CaseType;
use crate::event::Event;
use crate::id::DocumentId;
use crate::rejection::Rejection;
use crate::time::Timestamp;
use serde_json::{Map, Value, json};

/// Most characters of a title, a tag or a subject.
pub(super) const SHORT_TEXT: usize = 500;
/// Most characters of a description, a note or a message.
pub(super) const LONG_TEXT: usize = 100_000;

pub(super) fn check_text(
    field: &'static str,
    text: &str,
    limit: usize,
    required: bool,
) -> Result<(), Rejection> {
    if required && text.trim().is_empty() {
        return Err(Rejection::Empty { field });
    }
    if text.len() > limit && text.chars().count() > limit {
        return Err(Rejection::TooLong { field, limit });
    }
    Ok(())
}

pub(super) fn assign(case: &Case, assignee: Option<&str>, team: Option<&str>) -> Vec<Event> {
    let named = |name: Option<&str>| name.filter(|name| !name.is_empty()).map(str::to_owned);
    let (to, to_team) = (named(assignee), named(team));
    if to == case.assignee && to_team == case.team {
        return Vec::new();
    }
    vec![Event::Assigned {
        from: case.assignee.clone(),
        to,
        from_team: case.team.clone(),
        to_team,
    }]
}

pub(super) fn describe(
    case: &Case,
    title: Option<&str>,
    description: Option<&str>,
) -> Result<Vec<Event>, Rejection> {
    if let Some(title) = title {
        check_text("title", title, SHORT_TEXT, true)?;
    }
    if let Some(description) = description {
        check_text("description", description, LONG_TEXT, false)?;
    }
    let title = title
        .filter(|title| *title != case.title)
        .map(str::to_owned);
    let description = description
        .filter(|description| Some(*description) != case.description.as_deref())
        .map(str::to_owned);
    if title.is_none() && description.is_none() {
        return Ok(Vec::new());
    }
    Ok(vec![Event::Described { title, description }])
}

pub(super) fn set_due(case: &Case, due: Option<Timestamp>) -> Vec<Event> {
    // What the clocks promise is not the caseworker's to clear; only a time of their own is.
    let promised = due.is_none() && !case.due_override && !case.clocks.is_empty();
    if due == case.due || promised {
        return Vec::new();
    }
    vec![Event::DueChanged {
        from: case.due,
        to: due,
    }]
}

pub(super) fn set_fields(
    case: &Case,
    case_type: &CaseType,
    fields: &Map<String, Value>,
) -> Result<Vec<Event>, Rejection> {
    let mut after = case.fields.clone();
    let mut changes = Map::new();
    for (name, value) in fields {
        let before = case.fields.get(name).unwrap_or(&Value::Null);
        if before == value {
            continue;
        }
        changes.insert(name.clone(), json!({ "from": before, "to": value }));
        if value.is_null() {
            after.remove(name);
        } else {
            after.insert(name.clone(), value.clone());
        }
    }
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let mut problems = case_type.field_problems(&after);
    if !problems.is_empty() {
        // What did not fit before is not what this change is refused for: the rules may have been others then.
        let before = case_type.field_problems(&case.fields);
        problems.retain(|problem| !before.contains(problem));
    }
    if !problems.is_empty() {
        return Err(Rejection::InvalidFields { problems });
    }
    Ok(vec![Event::FieldsChanged { changes }])
}

pub(super) fn note(
    case: &Case,
    text: &str,
    attachments: &[DocumentId],
) -> Result<Vec<Event>, Rejection> {
    check_text("text", text, LONG_TEXT, true)?;
    check_attachments(case, attachments)?;
    Ok(vec![Event::Noted {
        text: text.trim_end().to_owned(),
        attachments: attachments.to_vec(),
    }])
}

/// Files that one note or message has at most.
pub const MOST_ATTACHMENTS: usize = 20;

/// Only files of the case go along, and not too many.
pub(super) fn check_attachments(case: &Case, attachments: &[DocumentId]) -> Result<(), Rejection> {
    if attachments.len() > MOST_ATTACHMENTS {
        return Err(Rejection::TooLong {
            field: "attachments",
            limit: MOST_ATTACHMENTS,
        });
    }
    match attachments.iter().find(|id| !case.documents.contains(id)) {
        None => Ok(()),
        Some(missing) => Err(Rejection::NotFound {
            kind: "document",
            id: missing.to_string(),
        }),
    }
}

pub(super) fn tag(case: &Case, tag: &str) -> Result<Vec<Event>, Rejection> {
    let tag = tag.trim();
    check_text("tag", tag, SHORT_TEXT, true)?;
    if case.tags.contains(tag) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::Tagged {
        tag: tag.to_owned(),
    }])
}

pub(super) fn untag(case: &Case, tag: &str) -> Vec<Event> {
    if case.tags.contains(tag) {
        vec![Event::Untagged {
            tag: tag.to_owned(),
        }]
    } else {
        Vec::new()
    }
}
