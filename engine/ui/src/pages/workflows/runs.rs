//! Runs of a workflow, the newest first, and why each does not move.

use super::{Head, run_address, status_badge, wording};
use crate::answer::{Answer, Failure};
use crate::format::Moment;
use crate::frame::Frame;
use crate::pages::cases::LinkTab;
use crate::visit::Visit;
use crate::words::Badge;
use askama::Template;
use axum::extract::{Path, Query};
use sagsgang_runtime::{InstanceStatus, RunFilter, RunView};
use serde::Deserialize;

/// Runs on a page.
const PAGE: usize = 50;
/// The statuses to choose from, with their words.
const STATUSES: [(&str, &str); 7] = [
    ("", "run-any"),
    ("faulted", "run-faulted"),
    ("waiting", "run-waiting"),
    ("ready", "run-ready"),
    ("suspended", "run-suspended"),
    ("completed", "run-completed"),
    ("cancelled", "run-cancelled"),
];

/// The page.
#[derive(Template, Debug)]
#[template(path = "workflow/runs.html", blocks = ["title", "main"])]
pub struct RunsPage {
    ui: Frame,
    head: Head,
    filters: Vec<LinkTab>,
    rows: Vec<Row>,
    next_page: Option<String>,
}

#[derive(Debug)]
struct Row {
    address: String,
    id: String,
    case: Option<String>,
    version: String,
    badge: Badge,
    standing: String,
    started: Moment,
    moved: Moment,
}

/// Which runs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    state: String,
    after: String,
}

/// Shows the runs of a workflow.
pub(crate) async fn show(
    visit: Visit,
    Path((namespace, name)): Path<(String, String)>,
    Query(chosen): Query<Chosen>,
) -> Answer {
    let mut ui = visit.frame().await?;
    ui.place = "workflows";
    let head = Head::of(&visit, &ui, &namespace, &name, "runs").ok_or(Failure::NotFound)?;
    let filter = RunFilter {
        workflow: Some(head.name.clone()),
        status: InstanceStatus::from_name(&chosen.state),
        before: chosen.after.parse().ok(),
        case: None,
    };
    let limit = u32::try_from(PAGE).unwrap_or(u32::MAX) + 1;
    let mut runs = visit.engine.runs(&filter, limit).await?;
    let more = runs.len() > PAGE;
    runs.truncate(PAGE);
    let base = format!("{}/runs", head.base);
    let next = runs.last().filter(|_| more).map(|run| run.id);
    let filters = STATUSES.map(|(status, key)| LinkTab {
        address: format!("{base}?state={status}"),
        title: ui.text(key),
        count: None,
        current: status == chosen.state,
    });
    let numbers = visit
        .engine
        .case_numbers(runs.iter().filter_map(|run| run.case))
        .await?;
    let number = |run: &RunView| run.case.and_then(|case| numbers.get(&case).cloned());
    let rows = runs
        .into_iter()
        .map(|run| row(number(&run), run, &ui))
        .collect();
    visit.page(RunsPage {
        next_page: next.map(|after| format!("{base}?state={}&after={after}", chosen.state)),
        filters: filters.into(),
        rows,
        head,
        ui,
    })
}

fn row(case: Option<String>, run: RunView, ui: &Frame) -> Row {
    Row {
        address: run_address(run.id),
        case,
        id: run.id.to_string(),
        badge: status_badge(run.status, ui),
        standing: wording::standing(&run, ui),
        started: Moment::new(run.created_at, ui.now, ui.locale),
        moved: Moment::new(run.updated_at, ui.now, ui.locale),
        version: run.version,
    }
}
