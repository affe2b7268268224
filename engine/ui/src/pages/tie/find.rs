//! Finding the other case, and linking or merging.

use super::{Found, TiePage};
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::format::Moment;
use crate::frame::Alert;
use crate::pages::case::change::status_of;
use crate::pages::case::show::address;
use crate::pages::case::ties::relations;
use crate::rejection;
use crate::visit::Visit;
use crate::words;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use sagsgang_domain::{Case, CaseId, Command, LinkKind, Relation, Right, Timestamp};
use sagsgang_runtime::{CaseFilter, CaseRef, CaseSort, ExecuteError};
use serde::Deserialize;
use uuid::Uuid;

/// Cases that are offered.
const MOST_OFFERED: u32 = 10;

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
}

/// The chosen case.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    number: String,
    relation: Relation,
}

/// Shows the page.
pub(crate) async fn show(
    visit: Visit,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let case = read(&visit, &number).await?;
    shown(&visit, &case, asked.q, None, StatusCode::OK).await
}

/// Links the chosen case.
pub(crate) async fn link(
    visit: Visit,
    Path(number): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Answer {
    let relation = chosen.relation;
    let command = |other: Uuid| Command::Link {
        kind: LinkKind::Case,
        id: other,
        relation,
        title: None,
        seen: None,
    };
    carry_out(&visit, &number, &chosen.number, command, &number, "link").await
}

/// Merges the case into the chosen one, and opens that.
pub(crate) async fn merge(
    visit: Visit,
    Path(number): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Answer {
    let command = |other: Uuid| Command::Merge {
        into: CaseId(other),
        number: None,
    };
    let target = chosen.number.trim().to_owned();
    carry_out(&visit, &number, &target, command, &target, "merge").await
}

/// Takes a merge back.
pub(crate) async fn unmerge(visit: Visit, Path(number): Path<String>) -> Answer {
    let done = visit
        .engine
        .execute(
            &visit.caller()?,
            &CaseRef::Number(number.clone()),
            vec![Command::Unmerge {}],
            None,
            None,
        )
        .await;
    match done {
        Ok(_) => Ok(see(&address(&number, "", "unmerge"))),
        Err(ExecuteError::Rejected(rejection)) => {
            let case = read(&visit, &number).await?;
            let said = rejection::text(&rejection, None, visit.locale);
            let status = status_of(&rejection);
            shown(&visit, &case, String::new(), Some(said), status).await
        }
        Err(error) => Err(beyond_the_page(error)),
    }
}

async fn carry_out(
    visit: &Visit,
    number: &str,
    other: &str,
    command: impl FnOnce(Uuid) -> Command,
    back: &str,
    saved: &str,
) -> Answer {
    let case = read(visit, number).await?;
    let other = other.trim();
    let Some(found) = visit.engine.case(&CaseRef::read(other)).await? else {
        let said = visit.locale.text("link-unknown-case").into_owned();
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return shown(visit, &case, other.to_owned(), Some(said), status).await;
    };
    let commands = vec![command(found.id.0)];
    let done = visit
        .engine
        .execute(
            &visit.caller()?,
            &CaseRef::Id(case.id),
            commands,
            None,
            None,
        )
        .await;
    match done {
        Ok(_) => Ok(see(&address(back, "", saved))),
        Err(ExecuteError::Rejected(rejection)) => {
            let said = rejection::text(&rejection, None, visit.locale);
            let status = status_of(&rejection);
            shown(visit, &case, other.to_owned(), Some(said), status).await
        }
        Err(error) => Err(beyond_the_page(error)),
    }
}

async fn read(visit: &Visit, number: &str) -> Result<Case, Failure> {
    let case = visit
        .engine
        .case(&CaseRef::Number(number.to_owned()))
        .await?;
    case.ok_or(Failure::NotFound)
}

async fn shown(
    visit: &Visit,
    case: &Case,
    search: String,
    problem: Option<String>,
    status: StatusCode,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "case-handling";
    ui.alerts.extend(problem.map(Alert::bad));
    let rows = offered(visit, case, search.trim()).await?;
    let page = TiePage {
        number: case.number.clone(),
        relations: relations("related", ui.locale),
        may_merge: ui.may(Right::Merge),
        search,
        rows,
        ui,
    };
    let mut response = visit.page(page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// The cases that are offered: those with the words, else those that may be about the same thing.
async fn offered(visit: &Visit, case: &Case, search: &str) -> Result<Vec<Found>, Failure> {
    if search.is_empty() {
        let similar = visit.engine.similar_cases(case).await?;
        return Ok(similar
            .iter()
            .map(|one| {
                found(
                    visit,
                    &one.number,
                    &one.title,
                    &one.case_type,
                    &one.status,
                    one.created_at,
                )
            })
            .collect());
    }
    let filter = CaseFilter {
        text: Some(search.to_owned()),
        ..CaseFilter::default()
    };
    let page = visit
        .engine
        .list_cases(&filter, CaseSort::Updated, None, MOST_OFFERED)
        .await?;
    let others = page.items.iter().filter(|one| one.id != case.id);
    Ok(others
        .map(|one| {
            found(
                visit,
                &one.number,
                &one.title,
                &one.case_type,
                &one.status,
                one.created_at,
            )
        })
        .collect())
}

/// A case that is offered, with its words.
pub(crate) fn found(
    visit: &Visit,
    number: &str,
    title: &str,
    case_type: &str,
    status: &str,
    created: Timestamp,
) -> Found {
    let mut known = visit.engine.case_types().into_iter();
    let known = known.find(|one| one.name == case_type);
    let known = known.as_deref();
    Found {
        number: number.to_owned(),
        title: title.to_owned(),
        status: words::status_badge(known, status, visit.locale),
        case_type: known.map_or_else(
            || case_type.to_owned(),
            |one| words::case_type(one, visit.locale),
        ),
        created: Moment::new(created, visit.engine.now(), visit.locale),
    }
}
