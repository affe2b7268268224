//! Creating a case.

use super::Setting;
use super::edit::{LONG_TEXT, SHORT_TEXT, check_text};
use crate::case_type::CaseType;
use crate::command::NewCase;
use crate::event::Event;
use crate::fold;
use crate::id::CaseId;
use crate::rejection::Rejection;
use crate::sla;
use std::collections::BTreeMap;

/// At most this many tags, containers or contacts at creation.
const LIST_LIMIT: usize = 200;

pub(super) fn create(
    new: &NewCase,
    case_type: &CaseType,
    number: &str,
    setting: &mut Setting<'_>,
) -> Result<Vec<Event>, Rejection> {
    check_text("title", &new.title, SHORT_TEXT, true)?;
    if let Some(description) = &new.description {
        check_text("description", description, LONG_TEXT, false)?;
    }
    let lists = [
        new.tags.len(),
        new.containers.len(),
        new.agreements.len(),
        new.contacts.len(),
    ];
    if lists.iter().any(|length| *length > LIST_LIMIT) {
        return Err(Rejection::TooLong {
            field: "list",
            limit: LIST_LIMIT,
        });
    }
    for tag in &new.tags {
        check_text("tag", tag, SHORT_TEXT, true)?;
    }
    for (field, name) in [("assignee", &new.assignee), ("team", &new.team)] {
        check_text(
            field,
            name.as_deref().unwrap_or_default(),
            SHORT_TEXT,
            false,
        )?;
    }
    let priority = new
        .priority
        .as_deref()
        .unwrap_or(&case_type.priorities.default);
    if case_type.priority_rank(priority).is_none() {
        return Err(Rejection::UnknownPriority {
            priority: priority.to_owned(),
            allowed: case_type.priorities.scale.clone(),
        });
    }
    let problems = case_type.field_problems(&new.fields);
    if !problems.is_empty() {
        return Err(Rejection::InvalidFields { problems });
    }
    let status = case_type
        .initial_status()
        .ok_or(Rejection::Empty { field: "statuses" })?
        .name
        .clone();
    let mut created = Event::Created {
        id: CaseId(setting.chance.id()),
        number: number.to_owned(),
        case_type: case_type.name.clone(),
        case_type_version: case_type.version,
        title: new.title.trim().to_owned(),
        description: new.description.clone(),
        status,
        priority: priority.to_owned(),
        priority_override: new.priority.is_some() && setting.caller.is_person(),
        fields: new.fields.clone(),
        tags: new.tags.clone(),
        property: new.property,
        containers: new.containers.clone(),
        agreements: new.agreements.clone(),
        contacts: new.contacts.clone(),
        assignee: new.assignee.clone(),
        team: new.team.clone(),
        due: new.due,
        clocks: BTreeMap::new(),
        message: new.message,
        intake: new.intake,
        seen: new.seen.clone(),
    };
    let case = fold::apply(None, &created, 0, setting.now);
    if let (Some(case), Event::Created { clocks, .. }) = (case, &mut created) {
        *clocks = sla::begin(&case, case_type, setting.now);
    }
    Ok(vec![created])
}
