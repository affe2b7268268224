//! Who uses a workflow: case types, other workflows, the clock and events.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_definition::workflow::Clock;
use sagsgang_definition::{Data, Workflow};
use sagsgang_domain::Timestamp;
use serde_json::Value;

/// What uses a workflow, and what it uses, as it is in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkflowUsers {
    /// Names of the case types for whose cases it starts.
    pub case_types: Vec<String>,
    /// Workflows in force that run it: `namespace/name` and title.
    pub run_by: Vec<(String, String)>,
    /// Workflows that it runs: `namespace/name`.
    pub runs: Vec<String>,
    /// Types of event that start it.
    pub starts_on: Vec<String>,
    /// The clock that starts it: `cron`, `every` or `after`, as it is written.
    pub clock: Option<(&'static str, String)>,
    /// When the clock starts it next.
    pub next_start: Option<Timestamp>,
}

impl Engine {
    /// What uses a workflow (`namespace/name`); `None` where no version is in force.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workflow_users(&self, name: &str) -> Result<Option<WorkflowUsers>, EngineError> {
        let catalog = self.catalog();
        let Some(own) = catalog.active_workflow(name) else {
            return Ok(None);
        };
        let workflow = &own.workflow;
        let active = catalog.workflows().into_iter().filter(|other| other.active);
        let runs_it = active.filter(|other| other.workflow.runs().any(|run| run == name));
        let run_by = runs_it.map(|other| {
            let document = &other.workflow.document;
            let title = document
                .title
                .clone()
                .unwrap_or_else(|| document.name.clone());
            (other.name(), title)
        });
        let words = schedule_words(workflow);
        let own_type = workflow.document.metadata["caseType"].as_str();
        let mut case_types: Vec<String> = catalog
            .active_case_types()
            .iter()
            .map(|case_type| case_type.name.clone())
            .filter(|name| {
                let quoted = format!("\"{name}\"");
                own_type == Some(name) || words.iter().any(|word| word.contains(&quoted))
            })
            .collect();
        case_types.sort();
        let mut runs: Vec<String> = workflow.runs().collect();
        runs.sort();
        runs.dedup();
        let starts_on = workflow.start_types().unwrap_or_default().into_iter();
        Ok(Some(WorkflowUsers {
            case_types,
            run_by: run_by.collect(),
            runs,
            starts_on: starts_on.map(str::to_owned).collect(),
            clock: clock(workflow),
            next_start: self.next_starts().await?.get(name).copied(),
        }))
    }
}

/// The clock as the file writes it.
fn clock(workflow: &Workflow) -> Option<(&'static str, String)> {
    let key = match workflow.clock()? {
        Clock::Cron(_) => "cron",
        Clock::Every(_) => "every",
        Clock::After(_) => "after",
    };
    let written = schedule(workflow)[key].clone();
    let text = match written {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Some((key, text))
}

fn schedule(workflow: &Workflow) -> Value {
    let written = workflow.definition.get("schedule");
    written.as_ref().map(Data::to_json).unwrap_or_default()
}

/// Every text in the schedule: expressions name case types there.
fn schedule_words(workflow: &Workflow) -> Vec<String> {
    let mut open = vec![schedule(workflow)];
    let mut words = Vec::new();
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => words.push(text),
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    words
}
