//! `sagsgang plugin run`: one action by itself.

use super::super::{block_on, read_json};
use super::host;
use crate::output;
use anyhow::{Context, Result, bail};
use sagsgang_domain::Actor;
use sagsgang_host::{CallContext, CallRequest, FailedCall, PluginError, Source};
use sagsgang_runtime::{Clock, SystemClock};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

pub(super) fn run(
    path: &Path,
    action: &str,
    input: Option<&Path>,
    case: Option<&Path>,
    json: bool,
) -> Result<ExitCode> {
    let input = input.map_or_else(|| Ok(json!({})), read_json)?;
    let case = case.map(read_json).transpose()?;
    block_on(call(path, action, input, case, json))
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
