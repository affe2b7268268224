//! `sagsgang workflow test`: scenario files, one after the other, with every failure at its place.

use super::super::check::scenario_texts;
use super::scenario::{self, Tried};
use crate::output;
use anyhow::{Result, ensure};
use jiff::tz::TimeZone;
use sagsgang_domain::InstanceId;
use sagsgang_flow::scenario::{Told, run as tell};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use uuid::Uuid;

pub(super) fn run(paths: &[PathBuf], zone: &TimeZone, json: bool) -> Result<ExitCode> {
    let mut report = Report::default();
    for (path, text) in scenario_texts(paths)? {
        let parsed = scenario::read(Path::new(&path), &text);
        // A file that cannot be read counts as one that failed, so that a slip does not pass as "0 failed".
        report.failed += usize::from(parsed.model.is_none());
        for diagnostic in &parsed.diagnostics {
            report.lines.push(diagnostic.to_string());
            report.problems.push(json!(diagnostic));
        }
        if let Some(mut tried) = parsed.model {
            tried.workflow = tried.workflow.in_zone(zone);
            let others = tried.others.into_iter();
            tried.others = others.map(|other| other.in_zone(zone)).collect();
            report.tell(&path, &tried);
        }
    }
    ensure!(
        report.passed + report.failed > 0,
        "there are no scenarios below {}",
        paths
            .iter()
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>()
            .join(", ")
    );
    let (passed, failed) = (report.passed, report.failed);
    if json {
        output::json(&json!({
            "passed": passed, "failed": failed,
            "scenarios": report.scenarios, "problems": report.problems,
        }))?;
    } else {
        for line in &report.lines {
            output::line(line)?;
        }
        output::line(&format!("{passed} passed, {failed} failed"))?;
    }
    Ok(match failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

#[derive(Default)]
struct Report {
    passed: usize,
    failed: usize,
    scenarios: Vec<Value>,
    problems: Vec<Value>,
    lines: Vec<String>,
}

impl Report {
    fn tell(&mut self, path: &str, tried: &Tried) {
        for scenario in &tried.file.scenarios {
            let instance = InstanceId(Uuid::from_u128(1));
            let told = tell(&tried.workflow, &tried.others, scenario, instance);
            let (name, line) = (&scenario.name.value, scenario.name.at.line);
            self.line(path, name, line, &told);
            let failures: Vec<Value> = told
                .failures
                .iter()
                .map(|failure| json!({ "line": failure.at.line, "column": failure.at.column, "message": failure.message }))
                .collect();
            self.scenarios.push(json!({
                "file": path, "line": line, "name": name,
                "passed": failures.is_empty(), "failures": failures, "run": told.ran,
            }));
        }
    }

    fn line(&mut self, path: &str, name: &str, line: u32, told: &Told) {
        if told.failures.is_empty() {
            self.passed += 1;
            self.lines.push(format!("ok      {name}"));
            return;
        }
        self.failed += 1;
        self.lines.push(format!("failed  {name}  ({path}:{line})"));
        for failure in &told.failures {
            let at = failure.at;
            self.lines.push(format!(
                "  {path}:{}:{}: {}",
                at.line, at.column, failure.message
            ));
        }
        if let Some(ran) = &told.ran {
            self.lines
                .push(format!("  tasks that ran: {}", ran.tasks.join(", ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const WORKFLOW: &str = "document: { dsl: '1.0.3', namespace: t, name: n, version: '1.0.0' }
do: [ { send: { call: notify } } ]
";

    /// What a file of scenarios gives in a folder with the workflow.
    fn outcome(text: &str) -> ExitCode {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("w.yaml"), WORKFLOW).unwrap();
        fs::write(folder.path().join("s.yaml"), text).unwrap();
        run(&[folder.path().to_owned()], &TimeZone::UTC, true).unwrap()
    }

    #[test]
    fn the_exit_code_tells_whether_all_scenarios_hold() {
        let file = |call: &str, status: &str| {
            format!(
                "workflow: w.yaml\nscenarios: [ {{ name: a, given: {{ answers: [ {{ call: {call} }} ] }}, then: {{ status: {status} }} }} ]\n"
            )
        };
        assert_eq!(outcome(&file("notify", "completed")), ExitCode::SUCCESS);
        assert_eq!(outcome(&file("notify", "faulted")), ExitCode::FAILURE);
        assert_eq!(outcome(&file("unknown", "completed")), ExitCode::FAILURE);
        assert_eq!(
            outcome(
                "workflow: gone.yaml\nscenarios: [ { name: a, then: { status: completed } } ]\n"
            ),
            ExitCode::FAILURE
        );
        let nothing = tempfile::tempdir().unwrap();
        assert!(run(&[nothing.path().to_owned()], &TimeZone::UTC, false).is_err());
    }

    fn danish() -> TimeZone {
        TimeZone::get("Europe/Copenhagen").unwrap()
    }

    #[test]
    fn times_are_in_the_zone_of_the_municipality_unless_the_file_names_one() {
        let folder = tempfile::tempdir().unwrap();
        let nightly = "document: { dsl: '1.0.3', namespace: t, name: n, version: '1.0.0' }
schedule: { cron: '0 3 * * *' }
do: [ { rest: { set: { a: 1 } } } ]
";
        fs::write(folder.path().join("w.yaml"), nightly).unwrap();
        let starts = "workflow: w.yaml
scenarios:
  - name: nightly
    given: { now: 2026-01-10T00:00:00Z }
    when: { passes: PT12H }
    then: { starts: [ 2026-01-10T02:00:00Z ] }
";
        fs::write(folder.path().join("s.yaml"), starts).unwrap();
        let paths = [folder.path().to_owned()];
        let (here, there) = (danish(), TimeZone::get("Atlantic/Faroe").unwrap());
        assert_eq!(run(&paths, &here, true).unwrap(), ExitCode::SUCCESS);
        assert_eq!(run(&paths, &there, true).unwrap(), ExitCode::FAILURE);
    }

    #[test]
    fn the_scenarios_of_the_bundled_pack_hold_and_leave_no_workflow_out() {
        let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows/waste");
        assert_eq!(
            run(std::slice::from_ref(&pack), &danish(), false).unwrap(),
            ExitCode::SUCCESS
        );
        for workflow in fs::read_dir(pack.join("workflows")).unwrap() {
            let name = workflow.unwrap().file_name();
            assert!(
                pack.join("scenarios").join(&name).is_file(),
                "no scenarios for {}",
                name.display()
            );
        }
    }

    #[test]
    fn the_scenarios_of_the_language_hold_and_are_many() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios");
        assert_eq!(
            run(std::slice::from_ref(&folder), &danish(), false).unwrap(),
            ExitCode::SUCCESS
        );
        let texts = scenario_texts(&[folder]).unwrap();
        let scenarios = texts.iter().map(|(path, text)| {
            let tried = scenario::read(Path::new(path), text).model.unwrap();
            tried.file.scenarios.len()
        });
        let count: usize = scenarios.sum();
        assert!(count >= 120, "{count}");
    }
}
