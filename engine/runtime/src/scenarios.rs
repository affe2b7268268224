//! Scenarios that come with the program, run against the workflow as it is published here. Nothing happens outside.

use crate::engine::Engine;
use sagsgang_definition::scenario::Placed;
use sagsgang_definition::{Position, ScenarioFile, Sentence, TextKind, Workflow, parse_scenarios};
use sagsgang_domain::InstanceId;
use sagsgang_flow::scenario::{Failure, run};
use std::sync::Arc;
use uuid::Uuid;

/// A scenario of a workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioView {
    /// File in which it stands.
    pub file: String,
    /// Line of it.
    pub line: u32,
    /// What it shows, in a sentence.
    pub name: String,
}

/// How a scenario went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioOutcome {
    /// The scenario.
    pub scenario: ScenarioView,
    /// Names of the tasks that ran, in order.
    pub tasks: Vec<String>,
    /// What is not as it expects: place and sentence. Empty where it holds.
    pub failures: Vec<(Position, Sentence)>,
}

/// A file of scenarios, with the workflows that it names.
struct Found {
    path: String,
    file: ScenarioFile,
    workflow: String,
    others: Vec<Workflow>,
}

impl Engine {
    /// The scenarios of a workflow (`namespace/name`) among the files that come with the program.
    pub fn scenarios(&self, workflow: &str) -> Vec<ScenarioView> {
        let files = self.scenario_files(workflow);
        files.iter().flat_map(Found::views).collect()
    }

    /// Runs the scenarios of a workflow against the version that is in force. Other workflows that it runs are taken as
    /// they are in force too.
    pub async fn run_scenarios(self: &Arc<Self>, workflow: &str) -> Vec<ScenarioOutcome> {
        let Some(published) = self.catalog().active_workflow(workflow) else {
            return Vec::new();
        };
        let (engine, name) = (Arc::clone(self), workflow.to_owned());
        let running = tokio::task::spawn_blocking(move || {
            let mut outcomes = Vec::new();
            for found in engine.scenario_files(&name) {
                for (view, scenario) in found.views().into_iter().zip(&found.file.scenarios) {
                    let instance = InstanceId(Uuid::from_u128(1));
                    let told = run(&published.workflow, &found.others, scenario, instance);
                    let failure = |failure: Failure| (failure.at, failure.message);
                    outcomes.push(ScenarioOutcome {
                        scenario: view,
                        tasks: told.ran.map(|ran| ran.tasks).unwrap_or_default(),
                        failures: told.failures.into_iter().map(failure).collect(),
                    });
                }
            }
            outcomes
        });
        running.await.unwrap_or_else(|error| {
            tracing::error!(%error, "scenarios panicked");
            Vec::new()
        })
    }

    fn scenario_files(&self, workflow: &str) -> Vec<Found> {
        let pack = &self.options.pack;
        let texts = pack
            .iter()
            .filter(|(_, text)| TextKind::of(text) == Some(TextKind::Scenarios));
        let found = texts.filter_map(|(path, text)| self.scenario_file(path, text));
        found.filter(|found| found.workflow == workflow).collect()
    }

    fn scenario_file(&self, path: &str, text: &str) -> Option<Found> {
        let file = parse_scenarios(path, text).model?;
        let named = |named: &Placed<String>| {
            let wanted = beside(path, &named.value);
            let mut pack = self.options.pack.iter();
            let (path, text) = pack.find(|(path, _)| *path == wanted)?;
            Workflow::parse(path, text).model
        };
        let workflow = named(&file.workflow)?.document.qualified_name();
        let in_force = |bundled: Workflow| {
            let published = self
                .catalog()
                .active_workflow(&bundled.document.qualified_name());
            let text = published.map(|published| published.text.clone());
            let model = text.and_then(|text| Workflow::parse("", &text).model);
            model.unwrap_or(bundled).in_zone(self.time_zone())
        };
        let others = file.others.iter().filter_map(named).map(in_force).collect();
        Some(Found {
            path: path.to_owned(),
            workflow,
            others,
            file,
        })
    }
}

impl Found {
    fn views(&self) -> Vec<ScenarioView> {
        let view = |name: &Placed<String>| ScenarioView {
            file: self.path.clone(),
            line: name.at.line,
            name: name.value.clone(),
        };
        let scenarios = self.file.scenarios.iter();
        scenarios.map(|scenario| view(&scenario.name)).collect()
    }
}

/// A path that is relative to a file, from where the file's own path begins.
fn beside(file: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn a_path_is_relative_to_its_file() {
        assert_eq!(
            beside("scenarios/a.yaml", "../workflows/b.yaml"),
            "workflows/b.yaml"
        );
        assert_eq!(beside("a.yaml", "./b.yaml"), "b.yaml");
        assert_eq!(beside("x/y/a.yaml", "b.yaml"), "x/y/b.yaml");
    }
}
