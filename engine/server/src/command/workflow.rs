//! `sagsgang workflow`: definitions in memory, with a clock that jumps over waits.

mod migrate;
pub(super) mod scenario;
mod test;
mod trial;

use super::read_json;
use crate::cli::Workflow as Asked;
use crate::config::Settings;
use crate::output;
use anyhow::{Context, Result, bail};
use jiff::tz::TimeZone;
use sagsgang_definition::Workflow;
use sagsgang_domain::InstanceId;
use sagsgang_flow::{DryRun, Status, StepContext, WorkflowRef, dry};
use sagsgang_runtime::{Clock, SystemClock};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;
use trial::Trial;
use uuid::Uuid;

pub(super) fn run(settings: &Settings, asked: &Asked, json: bool) -> Result<ExitCode> {
    let (file, input, events, http_map) = match asked {
        Asked::Run {
            file,
            input,
            events,
            http_map,
        } => (file, input, events, http_map),
        Asked::Test { paths } => return test::run(paths, &zone(settings)?, json),
        Asked::Migrate(asked) => return migrate::run(settings, asked, json),
    };
    let input = input.as_deref().map(read_json).transpose()?;
    let mut events = match events.as_deref().map(read_json).transpose()? {
        None => Vec::new(),
        Some(Value::Array(events)) => events,
        Some(_) => bail!("events are a JSON list"),
    };
    let Some(definition) = read(file)? else {
        return Ok(ExitCode::FAILURE);
    };
    let zone = zone(settings)?;
    let definition = definition.in_zone(&zone);
    let input = input.unwrap_or_else(|| started_by(&definition, &mut events));
    let context = StepContext::new(InstanceId(Uuid::from_u128(1)), SystemClock.now());
    let servers = http_map.as_deref().map(read_json).transpose()?;
    let servers = servers
        .map(serde_json::from_value)
        .transpose()
        .context("the HTTP map is a JSON object of texts")?;
    let mut trial = Trial::new(servers.unwrap_or_default())?;
    let others: Vec<Workflow> = beside(file)
        .into_iter()
        .map(|other| other.in_zone(&zone))
        .collect();
    let library = |wanted: &WorkflowRef| {
        let named = |other: &&Workflow| other.document.qualified_name() == wanted.name;
        let mut named = others.iter().filter(named);
        match wanted.version.as_str() {
            "latest" => named.max_by_key(|other| version_key(&other.document.version)),
            version => named.find(|other| other.document.version == version),
        }
    };
    let ran = dry::run_with(&definition, library, input, events, &context, |call| {
        trial.answer(call)
    });
    print(&ran, json)?;
    Ok(match ran.status {
        Status::Faulted => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

/// The zone of the municipality, as in the engine.
fn zone(settings: &Settings) -> Result<TimeZone> {
    let name = &settings.municipality.time_zone;
    TimeZone::get(name).with_context(|| format!("there is no time zone {name:?}"))
}

/// The input of a workflow that none was given for: the events that start it, which are then not offered again.
fn started_by(definition: &Workflow, events: &mut Vec<Value>) -> Value {
    let Some((places, input)) = definition.start_among(&*events) else {
        return json!({});
    };
    for place in places.into_iter().rev() {
        events.remove(place);
    }
    input
}

/// Workflows that lie beside a file, itself included: those that it may run.
fn beside(file: &Path) -> Vec<Workflow> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|end| end == "yaml" || end == "yml")
        })
        .collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).ok()?;
        Workflow::parse(&path.display().to_string(), &text).model
    };
    paths.iter().filter_map(read).collect()
}

/// By which versions are compared: their numbers.
fn version_key(version: &str) -> Vec<u64> {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    core.split('.')
        .map(|part| part.parse().unwrap_or_default())
        .collect()
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
