//! What is installed: plugins with their health, workflows with their runs. For reading; changes are made by files.

use crate::answer::Answer;
use crate::frame::Frame;
use crate::locale::Locale;
use crate::visit::Visit;
use crate::words::{self, Badge};
use askama::Template;
use sagsgang_domain::Right;
use sagsgang_runtime::{PluginState, PluginView, RunFilter};

/// The list of plugins.
#[derive(Template, Debug)]
#[template(path = "plugins.html", blocks = ["title", "main"])]
pub struct PluginsPage {
    ui: Frame,
    rows: Vec<PluginRow>,
    troubled: usize,
}

/// How a plugin is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It answers.
    Running,
    /// It failed lately.
    Failing,
    /// Its calls are held back after too many failures.
    Stopped,
    /// It waits for somebody to grant what it asks for.
    Waiting,
    /// Somebody switched it off.
    Disabled,
}

/// An installed plugin.
#[derive(Clone, Debug)]
pub struct PluginData {
    /// Id.
    pub id: String,
    /// Version.
    pub version: String,
    /// Title in the person's language.
    pub title: String,
    /// How it is doing.
    pub health: Health,
    /// Names of its actions and channels.
    pub offers: Vec<String>,
    /// Calls since the start.
    pub calls: u64,
    /// Failures since the start.
    pub failures: u64,
    /// The newest error.
    pub last_error: Option<String>,
}

#[derive(Debug)]
struct PluginRow {
    id: String,
    version: String,
    title: String,
    badge: Badge,
    offers: Vec<String>,
    calls: u64,
    failures: u64,
    last_error: Option<String>,
}

impl PluginsPage {
    /// The list for a person.
    pub fn new(mut ui: Frame, plugins: Vec<PluginData>) -> Self {
        ui.place = "plugins";
        let troubled = plugins
            .iter()
            .filter(|one| {
                matches!(
                    one.health,
                    Health::Failing | Health::Stopped | Health::Waiting
                )
            })
            .count();
        let rows = plugins.into_iter().map(|one| PluginRow {
            badge: health_badge(one.health, &ui),
            id: one.id,
            version: one.version,
            title: one.title,
            offers: one.offers,
            calls: one.calls,
            failures: one.failures,
            last_error: one.last_error,
        });
        Self {
            rows: rows.collect(),
            troubled,
            ui,
        }
    }
}

fn health_badge(health: Health, ui: &Frame) -> Badge {
    let (class, icon, key) = match health {
        Health::Running => ("badge--ok", Some("check"), "plugin-running"),
        Health::Failing => ("badge--warn", Some("alert"), "plugin-failing"),
        Health::Stopped => ("badge--bad", Some("alert"), "plugin-stopped"),
        Health::Waiting => ("badge--warn", Some("clock"), "plugin-waiting"),
        Health::Disabled => ("", None, "plugin-disabled"),
    };
    Badge::new(class, icon, ui.text(key))
}

/// The list of workflows.
#[derive(Template, Debug)]
#[template(path = "workflows.html", blocks = ["title", "main"])]
pub struct WorkflowsPage {
    ui: Frame,
    rows: Vec<WorkflowData>,
    incidents: usize,
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
    pub fn new(mut ui: Frame, rows: Vec<WorkflowData>, incidents: usize) -> Self {
        ui.place = "workflows";
        Self {
            may_publish: ui.may(Right::Publish),
            ui,
            rows,
            incidents,
        }
    }
}

/// Shows the plugins.
pub(crate) async fn plugins(visit: Visit) -> Answer {
    let plugins = visit
        .engine
        .plugins()
        .into_iter()
        .map(|view| plugin(view, visit.locale))
        .collect();
    visit.page(PluginsPage::new(visit.frame().await?, plugins))
}

fn plugin(view: PluginView, locale: Locale) -> PluginData {
    let health = match (view.state, &view.last_error) {
        (PluginState::Disabled, _) => Health::Disabled,
        (PluginState::Waiting, _) => Health::Waiting,
        (PluginState::Paused, _) => Health::Stopped,
        (PluginState::Running, Some(_)) => Health::Failing,
        (PluginState::Running, None) => Health::Running,
    };
    PluginData {
        title: words::title(&view.titles, locale).unwrap_or_else(|| view.id.clone()),
        id: view.id,
        version: view.version,
        health,
        offers: view.actions,
        calls: view.calls,
        failures: view.failures,
        last_error: view.last_error,
    }
}

/// Runs looked at for the figures; more would not be read anyway.
const MOST_RUNS: u32 = 1_000;

/// Shows the active version of each workflow.
pub(crate) async fn workflows(visit: Visit) -> Answer {
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
                active: of(&["ready", "waiting"]),
                faulted: of(&["faulted"]),
                title: view.title.unwrap_or(view.name),
                version: view.version,
                starts_on: view.starts_on,
                name,
            }
        });
    let rows = rows.collect();
    let open = engine.incidents(true, None, MOST_RUNS).await?.len();
    visit.page(WorkflowsPage::new(visit.frame().await?, rows, open))
}
