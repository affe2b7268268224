//! The list of workflows. One workflow: its definition to edit, check, try and publish, its versions, its runs; one run; and the incidents.

pub(crate) mod decide;
pub(crate) mod incidents;
pub(crate) mod list;
pub(crate) mod migration;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod scenarios;
pub(crate) mod studio;
pub(crate) mod used_by;
pub(crate) mod versions;
pub(crate) mod wording;

use crate::frame::Frame;
use crate::graph::Words;
use crate::pages::cases::LinkTab;
use crate::visit::Visit;
use crate::words::Badge;
use sagsgang_domain::Right;
use sagsgang_runtime::WorkflowView;

/// What stands above every page of a workflow.
#[derive(Debug)]
pub struct Head {
    /// Title, or the name where it has none.
    title: String,
    /// `namespace/name`; nothing for one that is not published yet.
    name: String,
    /// Address of the workflow's pages.
    base: String,
    /// Address of the editor.
    desk: String,
    /// The version that new runs take.
    active: Option<String>,
    tabs: Vec<LinkTab>,
}

/// The part of the address that stands for a workflow that is not published yet.
pub(crate) const NEW: (&str, &str) = ("-", "new");

impl Head {
    /// The head for one of the tabs; `None` where there is no such workflow.
    fn of(visit: &Visit, ui: &Frame, namespace: &str, name: &str, tab: &str) -> Option<Self> {
        let base = address(namespace, name);
        if (namespace, name) == NEW {
            return Some(Self {
                title: ui.text("workflow-new").into_owned(),
                name: String::new(),
                active: None,
                tabs: Vec::new(),
                desk: base.clone(),
                base,
            });
        }
        let versions = versions_of(visit, namespace, name);
        let active = versions
            .iter()
            .find(|view| view.active)
            .or(versions.first())?;
        let link = |one: &str, key: &str, count: Option<u64>| LinkTab {
            address: if one == "editor" {
                base.clone()
            } else {
                format!("{base}/{one}")
            },
            title: ui.text(key),
            count,
            current: one == tab,
        };
        let count = u64::try_from(versions.len()).ok();
        let mut tabs = vec![
            link("editor", "workflow-editor", None),
            link("versions", "workflow-versions", count),
            link("runs", "workflow-runs", None),
            link("scenarios", "workflow-scenarios", None),
            link("used-by", "workflow-used-by", None),
        ];
        if ui.may(Right::OperateRuns) {
            tabs.push(link("migration", "workflow-migration", None));
        }
        Some(Self {
            title: active.title.clone().unwrap_or_else(|| active.name.clone()),
            name: format!("{namespace}/{name}"),
            active: active.active.then(|| active.version.clone()),
            tabs,
            desk: base.clone(),
            base,
        })
    }
}

/// The versions of a workflow, the newest first.
fn versions_of(visit: &Visit, namespace: &str, name: &str) -> Vec<WorkflowView> {
    let mut versions = visit.engine.workflows();
    versions.retain(|view| view.namespace == namespace && view.name == name);
    versions
}

/// The address of a workflow's editor.
pub(crate) fn address(namespace: &str, name: &str) -> String {
    format!("/settings/workflows/{namespace}/{name}")
}

/// The address of a run.
pub(crate) fn run_address(run: impl std::fmt::Display) -> String {
    format!("/settings/runs/{run}")
}

/// The words of a drawing that are ours.
fn graph_words(ui: &Frame) -> Words {
    Words {
        start: ui.text("graph-start").into_owned(),
        end: ui.text("graph-end").into_owned(),
        on_error: ui.text("graph-on-error").into_owned(),
    }
}

/// Where a run stands.
pub(crate) fn status_badge(status: &str, ui: &Frame) -> Badge {
    let (class, icon, key) = match status {
        "ready" => ("badge--info", Some("play"), "run-ready"),
        "waiting" => ("badge--warn", Some("clock"), "run-waiting"),
        "completed" => ("badge--ok", Some("check"), "run-completed"),
        "faulted" => ("badge--bad", Some("alert"), "run-faulted"),
        "suspended" => ("badge--note", Some("lock"), "run-suspended"),
        _ => ("", Some("x"), "run-cancelled"),
    };
    Badge::new(class, icon, ui.text(key))
}
