//! `sagsgang plugin test`: recorded calls in the real host, with requests answered from the recording.

mod expect;
mod recorded;

use super::super::block_on;
use super::{build, read};
use crate::bundled;
use crate::output;
use anyhow::{Context, Result, ensure};
use recorded::{Recorded, Tape};
use sagsgang_domain::{Actor, ActorKind};
use sagsgang_host::{
    CallContext, CallOutcome, CallRequest, Host, HostConfig, MemoryServices, Package, PluginError,
    Source,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// The folder of a plugin with its recorded calls.
const CALLS: &str = "calls";

/// What became of a recorded call.
struct Played {
    name: String,
    problems: Vec<String>,
}

pub(super) fn run(folder: &Path, json: bool) -> Result<ExitCode> {
    build::build(folder)?;
    let package = read(folder)?;
    let files = recordings(folder)?;
    // Each call has a host of its own; the plugin is compiled once.
    let compiled = tempfile::tempdir()?;
    let mut results = Vec::new();
    for file in files {
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let recorded = Recorded::read(&file)?;
        let problems = block_on(play(&package, recorded, compiled.path()))?;
        if !json {
            output::line(&format!(
                "{} {name}",
                if problems.is_empty() {
                    "ok    "
                } else {
                    "FAILED"
                }
            ))?;
            for problem in &problems {
                output::line(&format!("       {problem}"))?;
            }
        }
        results.push(Played { name, problems });
    }
    let failed = results
        .iter()
        .filter(|one| !one.problems.is_empty())
        .count();
    let passed = results.len() - failed;
    if json {
        let rows: Vec<Value> = results
            .iter()
            .map(|one| json!({ "name": one.name, "passed": one.problems.is_empty(), "problems": one.problems }))
            .collect();
        output::json(&json!({ "passed": passed, "failed": failed, "calls": rows }))?;
    } else {
        output::line(&format!("{passed} passed, {failed} failed"))?;
    }
    Ok(match failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn recordings(folder: &Path) -> Result<Vec<PathBuf>> {
    let place = folder.join(CALLS);
    let listing = std::fs::read_dir(&place).with_context(|| {
        format!(
            "{}: a recorded call is a JSON file there with action, input and expect",
            place.display()
        )
    })?;
    let mut files: Vec<PathBuf> = listing
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    ensure!(
        !files.is_empty(),
        "{} has no recorded call",
        place.display()
    );
    Ok(files)
}

/// Plays one call and says what came otherwise than recorded.
async fn play(package: &Package, recorded: Recorded, compiled: &Path) -> Result<Vec<String>> {
    let services = Arc::new(MemoryServices::default());
    recorded
        .cases
        .iter()
        .for_each(|case| services.put_case(case));
    let tape = Arc::new(Tape::new(recorded.http.clone()));
    let config = HostConfig {
        cache: Some(compiled.to_owned()),
        runner: bundled::runner(),
        slots: 4,
        outside: Some(tape.clone()),
        ..HostConfig::default()
    };
    let host = Host::new(config, services.clone())?;
    let plugin = match host.install_package(package.clone(), Source::Folder).await {
        Ok(plugin) => plugin,
        Err(problems) => return Ok(problems.iter().map(ToString::to_string).collect()),
    };
    for (name, secret) in &recorded.secrets {
        services.put_secret(plugin.id(), name, secret);
    }
    let given = recorded.configuration.clone().unwrap_or(Value::Null);
    if !given.is_null() {
        let problems = plugin.configuration_problems(&given);
        if !problems.is_empty() {
            return Ok(problems
                .into_iter()
                .map(|one| format!("configuration: {one}"))
                .collect());
        }
    }
    let Some(action) = host.find_action(&recorded.action, None) else {
        return Ok(vec![format!(
            "the plugin has no action {:?}",
            recorded.action
        )]);
    };
    let request = CallRequest {
        action,
        input: recorded.input.clone(),
        context: CallContext {
            case: recorded.case.clone().map(Arc::new),
            actor: Actor::new(ActorKind::Person, "anna"),
            locale: recorded.locale.clone(),
            configuration: Arc::new(given),
            idempotency_key: "recorded".to_owned(),
            now: recorded.now,
            dry: false,
        },
        deadline: None,
    };
    let outcome = host.call(request).await;
    let mut problems = compare(&recorded.expect, &outcome);
    problems.extend(tape.problems());
    Ok(problems)
}

fn compare(expected: &recorded::Expect, outcome: &Result<CallOutcome, PluginError>) -> Vec<String> {
    match (outcome, &expected.error) {
        (Ok(_), Some(_)) => vec!["it went well, and was recorded to fail".to_owned()],
        (Err(error), None) => vec![format!("it failed: {} ({error})", error.code())],
        (Err(error), Some(wanted)) => {
            let code = match error {
                PluginError::Refused { code, .. } => code.as_str(),
                other => other.code(),
            };
            let found = json!({ "code": code, "message": error.to_string() });
            let mut wanted_value = json!({ "code": wanted.code });
            if let Some(message) = &wanted.message {
                wanted_value["message"] = json!(message);
            }
            expect::differences("error", &wanted_value, &found)
        }
        (Ok(outcome), None) => {
            let mut found = Vec::new();
            if let Some(result) = &expected.result {
                found.extend(expect::differences("result", result, &outcome.output));
            }
            if let Some(commands) = &expected.commands {
                found.extend(expect::differences(
                    "commands",
                    &json!(commands),
                    &json!(outcome.commands),
                ));
            }
            if let Some(documents) = &expected.documents {
                let names: Vec<&str> = outcome
                    .documents
                    .iter()
                    .map(|one| one.name.as_str())
                    .collect();
                found.extend(expect::differences(
                    "documents",
                    &json!(documents),
                    &json!(names),
                ));
            }
            if let Some(log) = &expected.log {
                let lines: Vec<&str> = outcome
                    .log
                    .iter()
                    .map(|line| line.message.as_str())
                    .collect();
                let missing = log
                    .iter()
                    .filter(|wanted| !lines.iter().any(|line| line.contains(wanted.as_str())));
                found.extend(missing.map(|wanted| format!("log: no line has {wanted:?}")));
            }
            found
        }
    }
}
