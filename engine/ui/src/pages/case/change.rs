//! Changing a field where it stands.

use super::CaseState;
use super::conflict::{Conflict, Contested, overtaking};
use super::details::moment;
use super::head::due_text;
use super::move_on::way_on;
use super::onward::Onward;
use super::show::{address, again, gather};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::format;
use crate::rejection;
use crate::visit::{Visit, Waited};
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use sagsgang_domain::rejection::RejectionKind;
use sagsgang_domain::{Command, LinkKind, Rejection, TaskId};
use sagsgang_runtime::{CaseRef, ExecuteError};
use serde::Deserialize;

/// A field with its new value, and the version of the case that the person saw.
#[derive(Debug, Deserialize)]
pub(crate) struct Change {
    value: String,
    version: u64,
    #[serde(default)]
    tab: String,
}

/// A link to remove.
#[derive(Debug, Deserialize)]
pub(crate) struct Removal {
    kind: LinkKind,
    value: uuid::Uuid,
    #[serde(default)]
    tab: String,
}

/// A task that is done.
#[derive(Debug, Deserialize)]
pub(crate) struct Done {
    task: TaskId,
    #[serde(default)]
    tab: String,
}

/// How often a change is tried again when others change the same case at the same moment.
const TRIES: u32 = 4;

/// Sets the status.
pub(crate) async fn status(
    visit: Visit,
    Path(number): Path<String>,
    Form(change): Form<Change>,
) -> Answer {
    let command = Command::SetStatus {
        status: change.value.clone(),
        reason: None,
    };
    save(
        &visit,
        &number,
        change,
        Contested::Status,
        "status",
        command,
    )
    .await
}

/// Takes a transition.
pub(crate) async fn transition(
    visit: Visit,
    Path(number): Path<String>,
    Form(change): Form<Change>,
) -> Answer {
    let command = Command::Transition {
        transition: change.value.clone(),
        reason: None,
    };
    save(
        &visit,
        &number,
        change,
        Contested::Status,
        "transition",
        command,
    )
    .await
}

/// Sets the priority, or gives it back to the automation.
pub(crate) async fn priority(
    visit: Visit,
    Path(number): Path<String>,
    Form(change): Form<Change>,
) -> Answer {
    let command = match change.value.as_str() {
        "automatic" => Command::ReleasePriority {},
        priority => Command::SetPriority {
            priority: priority.to_owned(),
            score: None,
            reasons: Vec::new(),
        },
    };
    save(
        &visit,
        &number,
        change,
        Contested::Priority,
        "priority",
        command,
    )
    .await
}

/// Gives the case to a person (`user:<name>`), a team (`team:<name>`) or nobody.
pub(crate) async fn assignee(
    visit: Visit,
    Path(number): Path<String>,
    Form(change): Form<Change>,
) -> Answer {
    let (assignee, team) = match change.value.split_once(':') {
        Some(("user", name)) => (Some(name.to_owned()), None),
        Some(("team", name)) => (None, Some(name.to_owned())),
        _ => (None, None),
    };
    let command = Command::Assign { assignee, team };
    save(
        &visit,
        &number,
        change,
        Contested::Assignee,
        "assignee",
        command,
    )
    .await
}

/// Sets the due date, or takes it away.
pub(crate) async fn due(
    visit: Visit,
    Path(number): Path<String>,
    Form(change): Form<Change>,
) -> Answer {
    let written = change.value.trim();
    let found = visit.engine.case(&CaseRef::Number(number.clone())).await?;
    let case = found.ok_or(Failure::NotFound)?;
    // The field has minutes, and a day ends with a second: what nobody touched is not changed.
    if written == due_text(case.due) {
        return Ok(see(&address(
            &number,
            &change.tab,
            saved_name(Contested::Due),
        )));
    }
    let Some(due) = moment(written, format::zone()) else {
        let said = visit.locale.text("bulk-no-date").into_owned();
        let data = gather(&visit, &number).await?;
        let state = CaseState {
            tab: Some(change.tab),
            ..CaseState::default()
        };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return again(&visit, data, status, Some(said), state).await;
    };
    let command = Command::SetDue { due };
    save(&visit, &number, change, Contested::Due, "due", command).await
}

/// A task to be made.
#[derive(Debug, Deserialize)]
pub(crate) struct NewTask {
    title: String,
    #[serde(default)]
    tab: String,
}

/// Makes a task for whoever handles the case.
pub(crate) async fn make_task(
    visit: Visit,
    Path(number): Path<String>,
    Form(new): Form<NewTask>,
) -> Answer {
    let command = Command::CreateTask {
        title: new.title,
        role: None,
        assignee: None,
        due: None,
    };
    let case = CaseRef::Number(number.clone());
    let caller = visit.caller()?;
    let made = visit
        .engine
        .execute(&caller, &case, vec![command], None, visit.once.clone());
    match made.await {
        Ok(_) => Ok(see(&address(&number, &new.tab, "task-made"))),
        Err(error) => {
            let state = CaseState {
                tab: Some(new.tab),
                ..CaseState::default()
            };
            refused(&visit, &number, error, state).await
        }
    }
}

/// Says that a task is done.
pub(crate) async fn finish_task(
    visit: Visit,
    Path(number): Path<String>,
    Form(done): Form<Done>,
) -> Answer {
    let command = Command::FinishTask {
        task: done.task,
        outcome: None,
        note: None,
    };
    let case = CaseRef::Number(number.clone());
    let caller = visit.caller()?;
    let finished = visit
        .engine
        .execute(&caller, &case, vec![command], None, visit.once.clone());
    match finished.await {
        Ok(_) => Ok(see(&address(&number, &done.tab, "task"))),
        Err(error) => {
            let state = CaseState {
                tab: Some(done.tab),
                ..CaseState::default()
            };
            refused(&visit, &number, error, state).await
        }
    }
}

/// Removes a link; the thing itself stays.
pub(crate) async fn unlink(
    visit: Visit,
    Path(number): Path<String>,
    Form(removal): Form<Removal>,
) -> Answer {
    let Removal {
        kind,
        value: id,
        tab,
    } = removal;
    let commands = vec![Command::Unlink { kind, id }];
    let done = visit
        .engine
        .execute(
            &visit.caller()?,
            &CaseRef::Number(number.clone()),
            commands,
            None,
            None,
        )
        .await;
    match done {
        Ok(_) => Ok(see(&address(&number, &tab, "unlink"))),
        Err(error) => {
            refused(
                &visit,
                &number,
                error,
                CaseState {
                    tab: Some(tab),
                    ..CaseState::default()
                },
            )
            .await
        }
    }
}

/// Saves a field unless somebody else has changed the same field since: then the person is asked.
async fn save(
    visit: &Visit,
    number: &str,
    change: Change,
    field: Contested,
    path: &str,
    command: Command,
) -> Answer {
    let (caller, case) = (visit.caller()?, CaseRef::Number(number.to_owned()));
    // Sent again, it would seem to be overtaken by itself.
    let before = visit.engine.executed_before(visit.once.as_ref()).await;
    if before.map_err(beyond_the_page)?.is_some() {
        return Ok(see(&address(number, &change.tab, saved_name(field))));
    }
    for _ in 0..TRIES {
        let data = gather(visit, number).await?;
        let overtaken = overtaking(&data.entries, change.version, field);
        // What went before it, from the same page without a connection, has not overtaken it.
        let behind = visit.waited == Some(Waited::Behind);
        let overtaken = overtaken.filter(|entry| !(behind && entry.actor == caller.actor));
        if let Some(entry) = overtaken {
            let conflict = Conflict::new(
                &visit.frame().await?,
                &data,
                field,
                entry,
                path,
                &change.value,
            );
            let state = CaseState {
                tab: Some(change.tab),
                conflict: Some(conflict),
                ..CaseState::default()
            };
            return again(visit, data, StatusCode::CONFLICT, None, state).await;
        }
        let seen = data.case.version;
        let onward = match field {
            Contested::Status => Some(Onward::of(visit, &data.case).await?),
            _ => None,
        };
        match visit
            .engine
            .execute(
                &caller,
                &case,
                vec![command.clone()],
                Some(seen),
                visit.once.clone(),
            )
            .await
        {
            Ok(done) => {
                let (tab, saved) = (&change.tab, saved_name(field));
                return match onward {
                    Some(onward) => onward.see(visit, &done.case, tab, saved).await,
                    None => Ok(see(&address(number, tab, saved))),
                };
            }
            Err(ExecuteError::Stale { .. } | ExecuteError::Conflict) => {}
            Err(error) => {
                if let ExecuteError::Rejected(rejection) = &error
                    && let Some(page) = way_on(rejection, number)
                {
                    return Ok(see(&page));
                }
                let state = CaseState {
                    tab: Some(change.tab),
                    ..CaseState::default()
                };
                return refused(visit, number, error, state).await;
            }
        }
    }
    Err(beyond_the_page(ExecuteError::Conflict))
}

fn saved_name(field: Contested) -> &'static str {
    match field {
        Contested::Status => "status",
        Contested::Priority => "priority",
        Contested::Assignee => "assignee",
        Contested::Due => "due",
    }
}

/// The page again with the reason why the engine said no.
pub(crate) async fn refused(
    visit: &Visit,
    number: &str,
    error: ExecuteError,
    state: CaseState,
) -> Answer {
    let (status, text) = match error {
        ExecuteError::Rejected(rejection) => {
            let data = gather(visit, number).await?;
            let said = rejection::text(&rejection, data.case_type.as_deref(), visit.locale);
            return again(visit, data, status_of(&rejection), Some(said), state).await;
        }
        ExecuteError::Plugin(problem) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            rejection::plugin_problem(&problem, visit.locale),
        ),
        other => return Err(beyond_the_page(other)),
    };
    let data = gather(visit, number).await?;
    again(visit, data, status, Some(text), state).await
}

/// A rejection as an HTTP status. What one may not do looks like what is not there on a page, but here the page is known.
pub(crate) fn status_of(rejection: &Rejection) -> StatusCode {
    match rejection.kind() {
        RejectionKind::Forbidden => StatusCode::FORBIDDEN,
        RejectionKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        RejectionKind::Conflict => StatusCode::CONFLICT,
    }
}
