//! Taking back what the person has just changed on a case.

use super::show::{address, again, gather};
use super::{CaseData, CaseState};
use crate::answer::{Answer, beyond_the_page, see};
use crate::pages::case::change::refused;
use crate::visit::Visit;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use sagsgang_domain::fold::apply;
use sagsgang_domain::{
    ActorKind, Caller, Command, Entry, Event, Timestamp, newest_change, reversing, would_take,
};
use sagsgang_runtime::{CaseRef, ExecuteError};
use serde::Deserialize;

/// After this many seconds a change is one to be made anew and not one to be taken back.
const SECONDS: i64 = 600;

/// The version that the page showed.
#[derive(Debug, Deserialize)]
pub(crate) struct Back {
    version: u64,
    #[serde(default)]
    tab: String,
}

/// Takes the newest change back, if it is still the newest one. What the automation answered to it keeps nobody.
pub(crate) async fn undo(
    visit: Visit,
    Path(number): Path<String>,
    Form(back): Form<Back>,
) -> Answer {
    let data = gather(&visit, &number).await?;
    let caller = visit.caller()?;
    let state = || CaseState {
        tab: Some(back.tab.clone()),
        ..CaseState::default()
    };
    let commands = commands(&data, &caller, visit.engine.now());
    let was_seen = |change: &[Entry]| change.iter().all(|entry| entry.version <= back.version);
    let commands = commands.filter(|_| was_seen(newest_change(&data.entries).1));
    let Some(commands) = commands else {
        let said = visit.locale.text("bulk-changed-since").into_owned();
        return again(&visit, data, StatusCode::CONFLICT, Some(said), state()).await;
    };
    let (case, version) = (CaseRef::Id(data.case.id), Some(data.case.version));
    let done = visit
        .engine
        .execute(&caller, &case, commands, version, None);
    match done.await {
        Ok(_) => Ok(see(&address(&number, &back.tab, "undo"))),
        Err(ExecuteError::Stale { .. } | ExecuteError::Conflict) => {
            let data = gather(&visit, &number).await?;
            let said = visit.locale.text("bulk-changed-since").into_owned();
            again(&visit, data, StatusCode::CONFLICT, Some(said), state()).await
        }
        Err(error @ ExecuteError::Rejected(_)) => refused(&visit, &number, error, state()).await,
        Err(error) => Err(beyond_the_page(error)),
    }
}

/// What takes the newest change back, where this person has just made it and the case would take it back from them.
pub(super) fn commands(data: &CaseData, caller: &Caller, now: Timestamp) -> Option<Vec<Command>> {
    let user = &caller.actor.id;
    let (earlier, newest) = newest_change(&data.entries);
    let is_mine = newest.iter().all(|entry| {
        let seconds = (now.as_micros() - entry.at.as_micros()) / 1_000_000;
        entry.actor.kind == ActorKind::Person && entry.actor.id == *user && seconds < SECONDS
    });
    if !is_mine || data.case.merged_into.is_some() {
        return None;
    }
    let event = |entry: &Entry| Event::from_parts(&entry.kind, &entry.data).ok();
    let mut before = None;
    for entry in earlier {
        before = apply(before, &event(entry)?, entry.version, entry.at);
    }
    let events: Vec<Event> = newest.iter().map(event).collect::<Option<_>>()?;
    let back = reversing(&before?, &events)?;
    let case_type = data.case_type.as_deref()?;
    would_take(&data.case, case_type, caller, &back, now).then_some(back)
}
