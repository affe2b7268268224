//! `sagsgang plugin run`: one call of an action, a panel, a channel or a provider by itself.

use super::super::{block_on, read_json};
use super::host_with;
use crate::cli::Function;
use crate::output;
use anyhow::{Context, Result, bail, ensure};
use sagsgang_domain::Caller;
use sagsgang_host::{
    ActionRef, CallContext, CallRequest, EntryPoint, FailedCall, Host, MemoryServices, Plugin,
    PluginError, Source,
};
use sagsgang_runtime::{Clock, SystemClock};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Files that a call takes.
pub(super) struct Files<'a> {
    pub(super) input: Option<&'a Path>,
    pub(super) case: Option<&'a Path>,
    pub(super) settings: Option<&'a Path>,
}

/// What a call takes.
struct Given {
    input: Option<Value>,
    case: Option<Value>,
    settings: Value,
}

pub(super) fn run(
    path: &Path,
    name: &str,
    function: Option<Function>,
    files: &Files<'_>,
    json: bool,
) -> Result<ExitCode> {
    let read = |path: Option<&Path>| path.map(read_json).transpose();
    let given = Given {
        input: read(files.input)?,
        case: read(files.case)?,
        settings: read(files.settings)?.unwrap_or_default(),
    };
    block_on(call(path, name, function, given, json))
}

async fn call(
    path: &Path,
    name: &str,
    function: Option<Function>,
    given: Given,
    json: bool,
) -> Result<ExitCode> {
    let services = Arc::new(MemoryServices::default());
    let host = host_with(services.clone())?;
    let plugin = match host.install(path, Source::Folder).await {
        Ok(plugin) => plugin,
        Err(problems) => {
            let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
            bail!("the plugin cannot be used:\n{}", texts.join("\n"));
        }
    };
    let (point, action) = offered(&host, name, function)?;
    let input = match given.input {
        Some(input) => input,
        None => without_input(point)?,
    };
    let settings = settings(&plugin, &services, given.settings)?;
    let plugin = plugin.id().to_owned();
    let request = CallRequest {
        action,
        input,
        context: CallContext {
            case: given.case.map(Arc::new),
            caller: Caller::system(),
            locale: "da".to_owned(),
            configuration: Arc::new(settings),
            configuration_name: None,
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

/// What a plugin offers under a name: in the way that is asked for, else the first in which it can be called.
fn offered(
    host: &Host,
    name: &str,
    function: Option<Function>,
) -> Result<(EntryPoint, Arc<ActionRef>)> {
    let wanted = function.map(|function| match function {
        Function::Run => EntryPoint::Run,
        Function::Show => EntryPoint::Show,
        Function::Deliver => EntryPoint::Deliver,
        Function::Receive => EntryPoint::Receive,
        Function::Search => EntryPoint::Search,
    });
    let mut points = EntryPoint::ALL
        .into_iter()
        .filter(|point| wanted.is_none_or(|wanted| *point == wanted));
    let found = points.find_map(|point| Some((point, host.find_offer(point, name)?)));
    found.with_context(|| match wanted {
        Some(wanted) => format!("the plugin has no {} {name:?}", wanted.world()),
        None => format!(
            "the plugin offers nothing of the name {name:?}; its plugin.toml says what it offers"
        ),
    })
}

/// What goes in where nothing is given.
fn without_input(point: EntryPoint) -> Result<Value> {
    let shape = match point {
        EntryPoint::Run | EntryPoint::Show => return Ok(json!({})),
        EntryPoint::Deliver => {
            r#"{ "id", "kind": "sms", "to": "+4520123456", "text", "from", "tries": 1 }"#
        }
        EntryPoint::Receive => r#"{ "method": "POST", "query": {}, "headers": {}, "body": "" }"#,
        EntryPoint::Search => r#"{ "text": "elmevej", "limit": 10 }"#,
    };
    bail!("it needs `--input FILE` with {shape}")
}

/// The settings without the secrets, which go to the host.
fn settings(plugin: &Plugin, services: &MemoryServices, given: Value) -> Result<Value> {
    if given.is_null() {
        return Ok(given);
    }
    let problems = plugin.configuration_problems(&given);
    ensure!(
        problems.is_empty(),
        "the settings do not fit: {}",
        problems.join("; ")
    );
    for name in plugin.secret_settings() {
        if let Some(secret) = given[&name].as_str() {
            services.put_secret(plugin.id(), CallContext::DEFAULT, &name, secret);
        }
    }
    Ok(given)
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
