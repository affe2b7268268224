//! `sagsgang publish`: a folder of definitions into the database, all of it or nothing.

use super::check::texts_below;
use super::{diff, with_engine};
use crate::cli::Publish;
use crate::config::Settings;
use crate::output;
use crate::start::Purpose;
use anyhow::{Result, ensure};
use sagsgang_definition::{Workflow, parse_calendar, parse_case_type, parse_message_template};
use sagsgang_domain::Caller;
use sagsgang_runtime::{Engine, PublishError};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(settings: &Settings, publish: &Publish, json: bool) -> Result<ExitCode> {
    let texts = texts_below(&publish.folder)?;
    ensure!(
        !texts.is_empty(),
        "{} has no case type, workflow or template",
        publish.folder.display()
    );
    with_engine(settings, Purpose::Command, async |engine| {
        if publish.dry_run {
            return show_changes(engine, &texts, json);
        }
        match engine.publish(&Caller::system(), texts).await {
            Ok(published) => {
                let rows: Vec<_> = published
                    .iter()
                    .map(|one| json!({ "kind": one.kind, "name": one.name, "version": one.version, "new": one.new }))
                    .collect();
                if json {
                    output::json(&rows)?;
                }
                for one in published.iter().filter(|_| !json) {
                    let state = if one.new { "new" } else { "as before" };
                    output::line(&format!(
                        "{:<10} {} {} ({})",
                        one.kind, one.name, one.version, state
                    ))?;
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(PublishError::Problems(problems)) => {
                for problem in problems {
                    output::line(&problem.to_string())?;
                }
                Ok(ExitCode::FAILURE)
            }
            Err(error) => Err(error.into()),
        }
    })
}

/// What publishing would change, line by line against what is in force.
fn show_changes(engine: &Engine, texts: &[(String, String)], json: bool) -> Result<ExitCode> {
    let active = engine.active_texts();
    let mut rows = Vec::new();
    for (path, text) in texts {
        let Some((kind, name)) = identity(path, text) else {
            continue;
        };
        let now = active
            .iter()
            .find(|(one, other, _, _)| (one.as_str(), other) == (kind, &name));
        let lines = diff::lines(
            now.map(|(_, _, _, text)| text.as_str()).unwrap_or_default(),
            text,
        );
        let state = match now {
            None => "new",
            Some(_) if lines.is_empty() => "as before",
            Some(_) => "changed",
        };
        rows.push(
            json!({ "kind": kind, "name": name, "path": path, "state": state, "diff": lines }),
        );
        if !json {
            output::line(&format!("{kind:<10} {name} ({state})"))?;
            // A whole new file says nothing that the file does not say itself.
            for line in lines.iter().filter(|_| now.is_some()) {
                output::line(&format!("    {line}"))?;
            }
        }
    }
    if json {
        output::json(&rows)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Kind and name of a text; nothing for one that cannot be read, which publishing would refuse with its reasons.
fn identity(path: &str, text: &str) -> Option<(&'static str, String)> {
    let name = Path::new(path).display().to_string();
    if let Some(model) = parse_case_type(&name, text).model {
        return Some(("case-type", model.name));
    }
    if let Some(model) = parse_calendar(&name, text).model {
        return Some(("calendar", model.name));
    }
    if let Some(model) = parse_message_template(&name, text).model {
        return Some(("template", model.name));
    }
    let document = Workflow::publishable(&name, text).model?.document;
    Some((
        "workflow",
        format!("{}/{}", document.namespace, document.name),
    ))
}
