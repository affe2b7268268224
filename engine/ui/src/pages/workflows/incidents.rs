//! What stopped and waits for a person.

use super::run_address;
use crate::answer::Answer;
use crate::format::Moment;
use crate::frame::Frame;
use crate::pages::cases::LinkTab;
use crate::visit::Visit;
use askama::Template;
use axum::extract::Query;
use sagsgang_domain::Timestamp;
use sagsgang_runtime::Incident;
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
    let mut ui = visit.frame().await?;
    ui.place = "workflows";
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
    let rows = found.into_iter().map(|incident| {
        let case = incident.case.and_then(|case| numbers.get(&case).cloned());
        row(incident, case, &ui)
    });
    let rows = rows.collect();
    visit.page(IncidentsPage {
        ui,
        views,
        rows,
        next_page,
    })
}

fn row(incident: Incident, case: Option<String>, ui: &Frame) -> Row {
    let moment = |at: Timestamp| Moment::new(at, ui.now, ui.locale);
    let detail = serde_json::from_str::<serde_json::Value>(&incident.detail)
        .ok()
        .and_then(|detail| detail["error"].as_str().map(str::to_owned));
    Row {
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
