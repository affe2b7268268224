//! `sagsgang workflow`: definitions in memory, with a clock that jumps over waits.

pub(super) mod scenario;
mod test;
mod trial;

use super::read_json;
use crate::cli::Workflow as Asked;
use crate::output;
use anyhow::{Context, Result, bail};
use sagsgang_definition::Workflow;
use sagsgang_domain::InstanceId;
use sagsgang_flow::{DryRun, Status, StepContext, dry};
use sagsgang_runtime::{Clock, SystemClock};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;
use trial::Trial;
use uuid::Uuid;

pub(super) fn run(asked: &Asked, json: bool) -> Result<ExitCode> {
    let (file, input, events) = match asked {
        Asked::Run {
            file,
            input,
            events,
        } => (file, input, events),
        Asked::Test { paths } => return test::run(paths, json),
    };
    let input = input.as_deref().map_or_else(|| Ok(json!({})), read_json)?;
    let events = match events.as_deref().map(read_json).transpose()? {
        None => Vec::new(),
        Some(Value::Array(events)) => events,
        Some(_) => bail!("events are a JSON list"),
    };
    let Some(definition) = read(file)? else {
        return Ok(ExitCode::FAILURE);
    };
    let context = StepContext::new(InstanceId(Uuid::from_u128(1)), SystemClock.now());
    let mut trial = Trial::default();
    let ran = dry::run(&definition, input, events, &context, |call| {
        trial.answer(call)
    });
    print(&ran, json)?;
    Ok(match ran.status {
        Status::Faulted => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

/// The definition; nothing after its errors were printed.
pub(super) fn read(path: &Path) -> Result<Option<Workflow>> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| name.clone())?;
    let parsed = Workflow::parse(&name, &text);
    if parsed.model.is_none() {
        for diagnostic in &parsed.diagnostics {
            eprintln!("{diagnostic}");
        }
    }
    Ok(parsed.model)
}

fn print(ran: &DryRun, json: bool) -> Result<()> {
    if json {
        return output::json(ran);
    }
    let status = json!(ran.status);
    output::line(&format!("status  {}", status.as_str().unwrap_or_default()))?;
    output::line(&format!("tasks   {}", ran.tasks.join(", ")))?;
    for wait in &ran.waits {
        output::line(&format!("waits   {}", json!(wait)))?;
    }
    for event in &ran.events {
        output::line(&format!("event   {event}"))?;
    }
    if let Some(value) = &ran.output {
        output::line(&format!("output  {value}"))?;
    }
    if let Some(error) = &ran.error {
        output::line(&format!("error   {}", json!(error)))?;
    }
    Ok(())
}
