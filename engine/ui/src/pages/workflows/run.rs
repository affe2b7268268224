//! One run: where it stands, why it does not move, what happened in it, and what a person can decide.

use super::wording::{self, Line};
use super::{address, graph_words, run_address, status_badge, versions_of};
use crate::answer::{Answer, Failure};
use crate::format::{Moment, duration};
use crate::frame::{Alert, Frame};
use crate::graph::{Graph, Mark};
use crate::visit::Visit;
use crate::words::Badge;
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use sagsgang_definition::Workflow;
use sagsgang_domain::{InstanceId, Right};
use sagsgang_runtime::{JournalEntry, LeftOut, RunView, TraceStep};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Entries of the journal on a page.
const ENTRIES: u32 = 500;

/// The page.
#[derive(Template, Debug)]
#[template(path = "workflow/run.html", blocks = ["title", "main"])]
pub struct RunPage {
    ui: Frame,
    id: InstanceId,
    /// So often it has moved on.
    moves: u64,
    base: String,
    workflow_address: String,
    title: String,
    name: String,
    version: String,
    case: Option<String>,
    badge: Badge,
    standing: String,
    graph: Option<Graph>,
    lines: Vec<Line>,
    /// Where the entries before and after these are shown.
    earlier: Option<String>,
    later: Option<String>,
    steps: Vec<Step>,
    /// Key of what is said about steps that are not shown.
    steps_left_out: Option<&'static str>,
    decisions: Decisions,
    filled: Filled,
}

/// A task with its times.
#[derive(Debug)]
struct Step {
    name: String,
    /// How many tasks lie around it, as the class that moves it in.
    depth: usize,
    began: Moment,
    took: String,
    /// Key of the word for what came of it.
    outcome: &'static str,
    icon: &'static str,
}

impl Step {
    fn new(step: TraceStep, ui: &Frame) -> Self {
        let until = step.ended.unwrap_or(ui.now);
        let (outcome, icon) = match step.outcome {
            "completed" => ("step-completed", "check"),
            "faulted" => ("step-faulted", "alert"),
            "cancelled" => ("step-cancelled", "x"),
            _ => ("step-goes-on", "clock"),
        };
        Self {
            depth: step.depth.min(4),
            took: duration(until.as_micros() - step.began.as_micros(), ui.locale),
            began: Moment::new(step.began, ui.now, ui.locale),
            name: step.name,
            outcome,
            icon,
        }
    }
}

/// What can be decided about the run as it stands.
#[derive(Debug, Default)]
struct Decisions {
    retry: bool,
    /// Names of the tasks to go on at after a skip.
    skip: Option<Vec<String>>,
    suspend: bool,
    resume: bool,
    cancel: bool,
    /// Names of the tasks to send it to.
    jump: Vec<String>,
    /// Versions to move to.
    versions: Vec<String>,
}

impl Decisions {
    fn any(&self) -> bool {
        self.retry || self.suspend || self.resume || self.cancel
    }
}

/// What a person wrote into the forms before something was refused.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub(super) reason: String,
    pub(super) input: String,
    pub(super) output: String,
    /// The entries of the journal after this one are shown; the latest where nothing is said.
    pub(super) after: Option<u64>,
}

/// Which entries of the journal.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Chosen {
    after: Option<u64>,
}

/// Shows a run.
pub(crate) async fn show(
    visit: Visit,
    Path(run): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Answer {
    let filled = Filled {
        after: chosen.after,
        ..Filled::default()
    };
    page(&visit, &run, None, filled, StatusCode::OK).await
}

/// The page of a run with something to say.
pub(super) async fn page(
    visit: &Visit,
    id: &str,
    alert: Option<Alert>,
    filled: Filled,
    status: StatusCode,
) -> Answer {
    let id: InstanceId = id.parse().map_err(|_| Failure::NotFound)?;
    let run = visit.engine.run(id).await?.ok_or(Failure::NotFound)?;
    let mut ui = visit.frame().await?;
    ui.place = "workflows";
    ui.alerts.extend(alert);
    let (after, last) = place(filled.after, run.moves);
    let size = u64::from(ENTRIES);
    // The page before says which tasks the calls were made by that are answered on this one.
    let begin = after.saturating_sub(size);
    let journal = visit.engine.run_journal(id, begin, 2 * ENTRIES).await?;
    let (before, journal) = journal.split_at(journal.partition_point(|row| row.seq <= after));
    let journal = &journal[..journal.len().min(ENTRIES as usize)];
    let entries = |after: u64| format!("{}?after={after}", run_address(id));
    let text = visit
        .engine
        .workflow_text(&run.workflow, Some(&run.version));
    let model = text.and_then(|text| Workflow::parse("", &text).model);
    let (namespace, name) = run.workflow.split_once('/').unwrap_or_default();
    let decisions = if ui.may(Right::OperateRuns) {
        decisions(visit, &run, model.as_ref(), (namespace, name))
    } else {
        Decisions::default()
    };
    // An earlier page has the arguments of earlier visits of the task.
    let is_newest = journal.last().is_none_or(|row| row.seq == run.moves);
    let input = match filled.input.is_empty() {
        true if is_newest => arguments(&run, before, journal),
        true => String::new(),
        false => filled.input,
    };
    let trace = visit.engine.run_trace(id).await?;
    let page = RunPage {
        steps_left_out: match trace.left_out {
            LeftOut::Nothing => None,
            LeftOut::Earlier => Some("run-steps-latest"),
            LeftOut::All => Some("run-steps-too-many"),
        },
        id: run.id,
        moves: run.moves,
        base: run_address(run.id),
        workflow_address: format!("{}/runs", address(namespace, name)),
        case: visit
            .engine
            .case_numbers(run.case)
            .await?
            .into_values()
            .next(),
        badge: status_badge(run.status, &ui),
        standing: wording::standing(&run, &ui),
        graph: model.map(|model| Graph::of(&model, &marks(&run, &model), &graph_words(&ui))),
        lines: wording::course(before, journal, &ui),
        earlier: (after > 0).then(|| entries(begin)),
        later: (after < last).then(|| entries(after + size)),
        steps: (trace.steps.into_iter())
            .map(|step| Step::new(step, &ui))
            .collect(),
        decisions,
        filled: Filled { input, ..filled },
        title: run.title,
        name: run.workflow,
        version: run.version,
        ui,
    };
    let mut response = visit.page(page)?;
    *response.status_mut() = status;
    Ok(response)
}

fn decisions(
    visit: &Visit,
    run: &RunView,
    model: Option<&Workflow>,
    (namespace, name): (&str, &str),
) -> Decisions {
    let ended = ["completed", "cancelled", "faulted"].contains(&run.status);
    let held = run.held.is_some();
    let versions = versions_of(visit, namespace, name)
        .into_iter()
        .map(|view| view.version);
    let reference = run.held.as_ref().and_then(|held| held.reference.as_deref());
    let beside = |reference: &str| match model {
        Some(model) => model
            .siblings(reference)
            .iter()
            .map(ToString::to_string)
            .collect(),
        None => Vec::new(),
    };
    Decisions {
        retry: run.status == "faulted",
        skip: reference.map(beside),
        suspend: !ended && run.status != "suspended",
        resume: run.status == "suspended",
        cancel: !ended || held,
        jump: run.targets.clone(),
        versions: if held || !ended {
            versions.filter(|version| *version != run.version).collect()
        } else {
            Vec::new()
        },
    }
}

/// After which entry the page begins that is asked for, and the last one.
fn place(asked: Option<u64>, entries: u64) -> (u64, u64) {
    let size = u64::from(ENTRIES);
    let last = entries.saturating_sub(1) / size * size;
    let after = asked.map_or(last, |after| after / size * size).min(last);
    (after, last)
}

/// The arguments with which the task was called at which the run stands, where these entries have them.
fn arguments(run: &RunView, before: &[JournalEntry], journal: &[JournalEntry]) -> String {
    let Some(task) = run.held.as_ref().and_then(|held| held.task.as_deref()) else {
        return String::new();
    };
    let effects = before
        .iter()
        .chain(journal)
        .rev()
        .flat_map(|row| row.effects.as_array().into_iter().flatten().rev());
    let call = effects
        .into_iter()
        .find(|effect| effect["kind"] == "call" && effect["task"] == task);
    let with = call
        .map(|effect| &effect["with"])
        .filter(|with| **with != Value::Null);
    with.map(|with| serde_json::to_string_pretty(with).unwrap_or_default())
        .unwrap_or_default()
}

/// What is known of the tasks: those that ran by their names, those that wait and the one that failed by their places.
fn marks(run: &RunView, model: &Workflow) -> BTreeMap<String, Mark> {
    let ran = model
        .tasks
        .iter()
        .filter(|task| run.tasks.iter().any(|name| *name == *task.name));
    let mut marks: BTreeMap<String, Mark> = ran
        .map(|task| (task.reference.to_string(), Mark::Ran))
        .collect();
    for wait in &run.waits {
        marks.insert(wait.reference.clone(), Mark::Waits);
    }
    if let Some(reference) = run.held.as_ref().and_then(|held| held.reference.clone()) {
        marks.insert(reference, Mark::Failed);
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn the_latest_entries_are_shown_where_nothing_is_said() {
        assert_eq!(place(None, 0), (0, 0));
        assert_eq!(place(None, 500), (0, 0));
        assert_eq!(place(None, 501), (500, 500));
        assert_eq!(place(Some(0), 1_700), (0, 1_500));
        assert_eq!(place(Some(777), 1_700), (500, 1_500));
        assert_eq!(place(Some(u64::MAX), 1_700), (1_500, 1_500));
    }
}
