//! What stopped and waits for a person.

use super::run_address;
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::format::Moment;
use crate::frame::{Alert, Frame};
use crate::pages::cases::LinkTab;
use crate::rejection;
use crate::visit::Visit;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use sagsgang_domain::{Right, Timestamp};
use sagsgang_runtime::{ExecuteError, Incident};
use serde::Deserialize;

/// Incidents on a page.
const PAGE: usize = 50;

/// The page.
#[derive(Template, Debug)]
#[template(path = "workflow/incidents.html", blocks = ["title", "main"])]
pub struct IncidentsPage {
    ui: Frame,
    views: Vec<LinkTab>,
    rows: Vec<Row>,
    next_page: Option<String>,
}

#[derive(Debug)]
struct Row {
    title: String,
    detail: String,
    at: Moment,
    run: Option<String>,
    case: Option<String>,
    resolved: Option<(String, Moment)>,
    reason: Option<String>,
    /// Where it is closed, if whoever looks may; one of a run that can go on is closed by a decision about the run.
    close: Option<String>,
}

/// Which incidents.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    state: String,
    after: String,
}

/// Shows the open ones, or those that somebody dealt with.
pub(crate) async fn show(visit: Visit, Query(chosen): Query<Chosen>) -> Answer {
    page(&visit, &chosen, None, StatusCode::OK).await
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    reason: String,
}

/// Closes one, with a reason.
pub(crate) async fn close(
    visit: Visit,
    Path(id): Path<String>,
    Form(asked): Form<Asked>,
) -> Answer {
    let id = id.parse().map_err(|_| Failure::NotFound)?;
    let closed = visit
        .engine
        .close_incident(&visit.caller()?, id, &asked.reason)
        .await;
    let (text, status) = match closed {
        Ok(_) => return Ok(see("/settings/incidents")),
        Err(ExecuteError::Rejected(rejection)) => (
            rejection::text(&rejection, None, visit.locale),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        Err(ExecuteError::RunState(_) | ExecuteError::Conflict) => (
            visit.locale.text("incident-not-closed").into_owned(),
            StatusCode::CONFLICT,
        ),
        Err(error) => return Err(beyond_the_page(error)),
    };
    page(&visit, &Chosen::default(), Some(Alert::bad(text)), status).await
}

async fn page(visit: &Visit, chosen: &Chosen, alert: Option<Alert>, status: StatusCode) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "workflows";
    ui.alerts.extend(alert);
    let operates = ui.may(Right::OperateRuns);
    let open = chosen.state != "resolved";
    let limit = u32::try_from(PAGE).unwrap_or(u32::MAX) + 1;
    let mut found = visit
        .engine
        .incidents(open, place(&chosen.after), limit)
        .await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next_page = found.last().filter(|_| more).map(|last| {
        let state = if open { "open" } else { "resolved" };
        let (at, id) = (last.at.as_micros(), last.id);
        format!("/settings/incidents?state={state}&after={at}_{id}")
    });
    let tab = |state: &str, key: &str, current: bool| LinkTab {
        address: format!("/settings/incidents?state={state}"),
        title: ui.text(key),
        count: None,
        current,
    };
    let views = vec![
        tab("open", "incidents-open", open),
        tab("resolved", "incidents-resolved", !open),
    ];
    let cases = found.iter().filter_map(|incident| incident.case);
    let numbers = visit.engine.case_numbers(cases).await?;
    let mut rows = Vec::with_capacity(found.len());
    for incident in found {
        let case = incident.case.and_then(|case| numbers.get(&case).cloned());
        let may_close = operates && visit.engine.can_close(&incident).await?;
        rows.push(row(incident, case, may_close, &ui));
    }
    let mut response = visit.page(IncidentsPage {
        ui,
        views,
        rows,
        next_page,
    })?;
    *response.status_mut() = status;
    Ok(response)
}

fn row(incident: Incident, case: Option<String>, may_close: bool, ui: &Frame) -> Row {
    let moment = |at: Timestamp| Moment::new(at, ui.now, ui.locale);
    let detail = serde_json::from_str::<serde_json::Value>(&incident.detail)
        .ok()
        .and_then(|detail| detail["error"].as_str().map(str::to_owned));
    Row {
        close: may_close.then(|| format!("/settings/incidents/{}/close", incident.id)),
        reason: incident.reason,
        title: incident.title,
        detail: detail.unwrap_or(incident.detail),
        at: moment(incident.at),
        run: incident.instance.map(run_address),
        case,
        resolved: incident.resolved.map(|(by, at)| (by, moment(at))),
    }
}

fn place(after: &str) -> Option<(Timestamp, uuid::Uuid)> {
    let (at, id) = after.split_once('_')?;
    Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?))
}
