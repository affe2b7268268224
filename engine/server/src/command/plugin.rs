//! `sagsgang plugin`: list, check, install, and run one action by itself.

use super::{block_on, read_json, with_engine};
use crate::bundled;
use crate::cli::Plugin;
use crate::config::Settings;
use crate::output;
use crate::start::Purpose;
use anyhow::{Context, Result, bail, ensure};
use sagsgang_domain::Actor;
use sagsgang_host::{
    CallContext, CallRequest, FailedCall, Host, HostConfig, MemoryServices, PluginError, Source,
};
use sagsgang_runtime::{Clock, SystemClock};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

pub(super) fn run(settings: &Settings, plugin: &Plugin, json: bool) -> Result<ExitCode> {
    match plugin {
        Plugin::List => list(settings, json),
        Plugin::Check { path } => check(path, json),
        Plugin::Install { path } => install(settings, path, json),
        Plugin::Run {
            path,
            action,
            input,
            case,
        } => {
            let input = input.as_deref().map_or_else(|| Ok(json!({})), read_json)?;
            let case = case.as_deref().map(read_json).transpose()?;
            block_on(call(path, action, input, case, json))
        }
    }
}

fn list(settings: &Settings, json: bool) -> Result<ExitCode> {
    let plugins = with_engine(
        settings,
        Purpose::Serve,
        async |engine| Ok(engine.plugins()),
    )?;
    if json {
        let rows: Vec<_> = plugins
            .iter()
            .map(|plugin| {
                json!({ "id": plugin.id, "version": plugin.version, "titles": plugin.titles, "digest": plugin.digest,
                        "actions": plugin.actions, "capabilities": plugin.capabilities })
            })
            .collect();
        output::json(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    for plugin in plugins {
        output::line(&format!(
            "{:<20} {:<10} {}",
            plugin.id,
            plugin.version,
            plugin.actions.join(", ")
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is wrong with plugins, in words, with the folder of each.
///
/// # Errors
/// When no host can be started.
pub(super) async fn problems(paths: &[PathBuf]) -> Result<Vec<(PathBuf, String)>> {
    let host = host()?;
    let mut found = Vec::new();
    for path in paths {
        if let Err(problems) = host.install(path, Source::Folder).await {
            found.extend(
                problems
                    .into_iter()
                    .map(|problem| (path.clone(), problem.to_string())),
            );
        }
    }
    Ok(found)
}

fn check(path: &Path, json: bool) -> Result<ExitCode> {
    ensure!(path.exists(), "{} is not there", path.display());
    let problems = block_on(problems(&[path.to_owned()]))?;
    if json {
        let texts: Vec<&String> = problems.iter().map(|(_, problem)| problem).collect();
        output::json(&json!({ "problems": texts }))?;
    } else {
        for (_, problem) in &problems {
            output::line(problem)?;
        }
        output::line(&format!("{} problems", problems.len()))?;
    }
    Ok(match problems.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// A plugin that passes the check is copied into the watched folder; a running server takes it from there.
fn install(settings: &Settings, path: &Path, json: bool) -> Result<ExitCode> {
    ensure!(path.exists(), "{} is not there", path.display());
    let host = host()?;
    let plugin = match block_on(async { Ok(host.install(path, Source::Folder).await) })? {
        Ok(plugin) => plugin,
        Err(problems) => {
            for problem in problems {
                output::line(&problem.to_string())?;
            }
            return Ok(ExitCode::FAILURE);
        }
    };
    fs::create_dir_all(&settings.plugins)
        .with_context(|| settings.plugins.display().to_string())?;
    let name = match path.is_dir() {
        true => plugin.id().to_owned(),
        false => format!("{}.sagsplugin", plugin.id()),
    };
    let target = settings.plugins.join(&name);
    // Beside first, then renamed: the watching server never sees half a plugin.
    let part = settings.plugins.join(format!(".{name}.part"));
    remove(&part)?;
    copy(path, &part).with_context(|| part.display().to_string())?;
    remove(&target)?;
    fs::rename(&part, &target).with_context(|| target.display().to_string())?;
    match json {
        true => output::json(
            &json!({ "id": plugin.id(), "version": plugin.version(), "path": target }),
        )?,
        false => output::line(&format!(
            "{} {} in {}",
            plugin.id(),
            plugin.version(),
            target.display()
        ))?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn call(
    path: &Path,
    name: &str,
    input: Value,
    case: Option<Value>,
    json: bool,
) -> Result<ExitCode> {
    let host = host()?;
    if let Err(problems) = host.install(path, Source::Folder).await {
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        bail!("the plugin cannot be used:\n{}", texts.join("\n"));
    }
    let action = host
        .find_action(name, None)
        .with_context(|| format!("the plugin has no action {name:?}"))?;
    let plugin = action.plugin.id().to_owned();
    let request = CallRequest {
        action,
        input,
        context: CallContext {
            case: case.map(Arc::new),
            actor: Actor::system(),
            locale: "da".to_owned(),
            configuration: Arc::new(Value::Null),
            idempotency_key: "trial".to_owned(),
            now: SystemClock.now(),
            dry: false,
        },
        deadline: None,
    };
    let outcome = match host.call(request).await {
        Ok(outcome) => outcome,
        Err(error) => {
            tell_failure(&error, host.failures(&plugin).into_iter().next(), json)?;
            return Ok(ExitCode::FAILURE);
        }
    };
    let documents: Vec<Value> = outcome
        .documents
        .iter()
        .map(|document| {
            json!({ "id": document.handle, "name": document.name, "mediaType": document.media_type,
                    "size": document.bytes.len() })
        })
        .collect();
    output::json(&json!({
        "result": outcome.output, "commands": outcome.commands, "documents": documents, "log": outcome.log,
        "usage": outcome.usage, "http": outcome.attempts,
    }))?;
    Ok(ExitCode::SUCCESS)
}

/// Why a call failed, with what it wrote and asked outside before; input that does not fit never became a call.
fn tell_failure(error: &PluginError, failed: Option<FailedCall>, json: bool) -> Result<()> {
    let (log, attempts) = failed
        .map(|failed| (failed.log, failed.attempts))
        .unwrap_or_default();
    if json {
        return output::json(&json!({
            "error": { "code": error.code(), "message": error.to_string() }, "log": log, "http": attempts,
        }));
    }
    output::line(&format!("{}: {error}", error.code()))?;
    for line in log {
        output::line(&format!("  {}: {}", line.level, line.message))?;
    }
    for attempt in attempts {
        let answer = match (attempt.status, attempt.error) {
            (Some(status), _) => status.to_string(),
            (None, error) => error.unwrap_or_default(),
        };
        output::line(&format!("  {} {}: {answer}", attempt.method, attempt.url))?;
    }
    Ok(())
}

/// A host of its own, with nothing but the plugin and the interpreter in it.
pub(super) fn host() -> Result<Arc<Host>> {
    let config = HostConfig {
        runner: bundled::runner(),
        slots: 4,
        ..HostConfig::default()
    };
    Ok(Host::new(config, Arc::new(MemoryServices::default()))?)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(|_| ());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        // Sources and build output are no part of a package.
        let name = entry.file_name();
        if !["src", "target", "tests", ".git"]
            .iter()
            .any(|other| name == *other)
        {
            copy(&entry.path(), &to.join(name))?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> std::io::Result<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
