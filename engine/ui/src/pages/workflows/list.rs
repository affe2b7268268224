//! Published workflows, how many of their runs go on and how many stopped.

use crate::answer::Answer;
use crate::frame::Frame;
use crate::visit::Visit;
use askama::Template;
use sagsgang_domain::Right;
use sagsgang_runtime::RunFilter;

/// The list of workflows.
#[derive(Template, Debug)]
#[template(path = "workflow/list.html", blocks = ["title", "main"])]
pub struct WorkflowsPage {
    ui: Frame,
    rows: Vec<WorkflowData>,
    incidents: u64,
    may_publish: bool,
}

/// A published workflow.
#[derive(Clone, Debug)]
pub struct WorkflowData {
    /// `namespace/name`.
    pub name: String,
    /// Title, else the name.
    pub title: String,
    /// Active version.
    pub version: String,
    /// Types of the events that start it.
    pub starts_on: Vec<String>,
    /// Runs that have not ended.
    pub active: u64,
    /// Runs that stopped with an error.
    pub faulted: u64,
}

impl WorkflowsPage {
    /// The list for a person.
    pub fn new(mut ui: Frame, rows: Vec<WorkflowData>, incidents: u64) -> Self {
        ui.place = "workflows";
        Self {
            may_publish: ui.may(Right::Publish),
            ui,
            rows,
            incidents,
        }
    }
}

/// Runs looked at for the figures; more would not be read anyway.
const MOST_RUNS: u32 = 1_000;

/// Shows the active version of each workflow.
pub(crate) async fn show(visit: Visit) -> Answer {
    let engine = &visit.engine;
    let runs = engine.runs(&RunFilter::default(), MOST_RUNS).await?;
    let rows = engine
        .workflows()
        .into_iter()
        .filter(|view| view.active)
        .map(|view| {
            let name = format!("{}/{}", view.namespace, view.name);
            let of = |statuses: &[&str]| {
                let those = runs
                    .iter()
                    .filter(|run| run.workflow == name && statuses.contains(&run.status));
                those.count() as u64
            };
            WorkflowData {
                active: of(&["ready", "waiting", "suspended"]),
                faulted: of(&["faulted"]),
                title: view.title.unwrap_or(view.name),
                version: view.version,
                starts_on: view.starts_on,
                name,
            }
        });
    let rows = rows.collect();
    let open = engine.count_open_incidents().await?;
    visit.page(WorkflowsPage::new(visit.frame().await?, rows, open))
}
