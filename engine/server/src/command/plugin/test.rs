//! `sagsgang plugin test`: recorded calls in the real host, with requests answered from the recording.

mod tape;

use super::super::block_on;
use super::{build, read};
use crate::bundled;
use crate::output;
use anyhow::Result;
use sagsgang_domain::{Actor, ActorKind, Caller, Role};
use sagsgang_host::{
    CallContext, CallOutcome, CallRequest, EntryPoint, Host, HostConfig, MemoryServices, Package,
    PluginError, Source,
};
use sagsgang_testing::{Came, Left, Recorded, Way, recordings};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use tape::Played as Tape;

/// What became of a recorded call.
struct Played {
    name: String,
    problems: Vec<String>,
}

pub(super) fn run(folder: &Path, json: bool) -> Result<ExitCode> {
    build::build(folder)?;
    let package = read(folder)?;
    let recordings = recordings(folder)?;
    // Each call has a host of its own; the plugin is compiled once.
    let compiled = tempfile::tempdir()?;
    let mut results = Vec::new();
    for (name, recorded) in recordings {
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

/// Plays one call and says what came otherwise than recorded.
async fn play(package: &Package, recorded: Recorded, compiled: &Path) -> Result<Vec<String>> {
    let services = Arc::new(MemoryServices::default());
    recorded
        .cases
        .iter()
        .for_each(|case| services.put_case(case));
    for (handle, kept) in &recorded.blobs {
        services.put_blob(handle, kept.bytes());
    }
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
        services.put_secret(plugin.id(), CallContext::DEFAULT, name, secret);
    }
    for (key, kept) in &recorded.values {
        services.put_value(plugin.id(), key, kept.bytes());
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
    let (way, name) = recorded.called().map_err(anyhow::Error::msg)?;
    let point = match way {
        Way::Action => EntryPoint::Run,
        Way::Show => EntryPoint::Show,
        Way::Deliver => EntryPoint::Deliver,
        Way::Receive => EntryPoint::Receive,
        Way::Search => EntryPoint::Search,
    };
    let Some(action) = host.find_offer(point, name) else {
        return Ok(vec![format!(
            "the plugin has no {} {name:?}",
            point.world()
        )]);
    };
    let request = CallRequest {
        action,
        input: recorded.input.clone(),
        context: CallContext {
            case: recorded.case.clone().map(Arc::new),
            caller: Caller {
                actor: Actor::new(ActorKind::Person, "anna"),
                roles: vec![Role::Caseworker],
            },
            locale: recorded.locale.clone(),
            configuration: Arc::new(given),
            configuration_name: None,
            idempotency_key: "recorded".to_owned(),
            now: recorded.now.into(),
            dry: false,
        },
        deadline: None,
    };
    let outcome = host.call(request).await;
    if let Ok(outcome) = &outcome {
        services.keep(plugin.id(), &outcome.kept);
    }
    let came = came(outcome, || services.values(plugin.id()));
    let mut problems = recorded.expect.problems(&came);
    problems.extend(tape.problems());
    Ok(problems)
}

/// What came of a call, in the words of a recording.
fn came(
    outcome: Result<CallOutcome, PluginError>,
    values: impl FnOnce() -> BTreeMap<String, Vec<u8>>,
) -> Came {
    match outcome {
        Ok(outcome) => Came::Well(Left {
            result: outcome.output,
            commands: outcome.commands.iter().map(|one| json!(one)).collect(),
            documents: outcome.documents.into_iter().map(|one| one.name).collect(),
            log: outcome.log.into_iter().map(|line| line.message).collect(),
            values: values(),
        }),
        Err(error) => Came::Failed {
            message: error.to_string(),
            code: match error {
                PluginError::Refused { code, .. } => code,
                other => other.code().to_owned(),
            },
        },
    }
}
