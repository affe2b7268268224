//! `sagsgang publish`: a folder of definitions into the database, all of it or nothing.

use super::check::{functions, texts_below};
use super::remote::{ActiveText, Answer, Remote, line};
use super::{block_on, diff, with_engine};
use crate::cli::Publish;
use crate::config::Settings;
use crate::output;
use crate::start::Purpose;
use anyhow::{Result, ensure};
use sagsgang_definition::{TextKind, diagnose};
use sagsgang_domain::Caller;
use sagsgang_runtime::PublishError;
use serde_json::{Value, json};
use std::process::ExitCode;

pub(super) fn run(settings: &Settings, publish: &Publish, json: bool) -> Result<ExitCode> {
    let texts = texts_below(&publish.folder)?;
    ensure!(
        !texts.is_empty(),
        "{} has no case type, workflow or template",
        publish.folder.display()
    );
    if let Some(remote) = Remote::of(&publish.server)? {
        return block_on(to_server(&remote, publish.dry_run, &texts, json));
    }
    with_engine(settings, Purpose::Command, async |engine| {
        if publish.dry_run {
            return show_changes(&engine.active_texts(), &texts, json);
        }
        // This command loads no plugins. It says what the program's own cannot answer, since others may be installed.
        let known = functions::known(&[]);
        let warnings = texts
            .iter()
            .flat_map(|(path, text)| functions::findings(path, text, &known));
        let warnings: Vec<_> = warnings.filter(|one| !one.is_error()).collect();
        match engine.publish(&Caller::system(), texts).await {
            Ok(published) => {
                let rows: Vec<_> = published
                    .iter()
                    .map(|one| json!({ "kind": one.kind, "name": one.name, "version": one.version, "new": one.new }))
                    .collect();
                for warning in warnings.iter().filter(|_| !json) {
                    output::line(&warning.to_string())?;
                }
                show_published(&rows, json)
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

/// Publishes over the API of a running server, or shows what that would change there.
async fn to_server(
    remote: &Remote,
    dry_run: bool,
    texts: &[(String, String)],
    json: bool,
) -> Result<ExitCode> {
    if dry_run {
        return show_changes(&remote.active_texts().await?, texts, json);
    }
    match remote.publish(texts).await? {
        Answer::Published(rows) => show_published(&rows, json),
        Answer::Refused(lines) => {
            for line in lines {
                output::line(&line)?;
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

fn show_published(rows: &[Value], json: bool) -> Result<ExitCode> {
    if json {
        output::json(&rows)?;
    }
    for one in rows.iter().filter(|_| !json) {
        for warning in one["warnings"].as_array().into_iter().flatten() {
            output::line(&line(warning))?;
        }
        let text = |key: &str| one[key].as_str().unwrap_or_default();
        let state = if one["new"] == true {
            "new"
        } else {
            "as before"
        };
        let (kind, name, version) = (text("kind"), text("name"), text("version"));
        output::line(&format!("{kind:<10} {name} {version} ({state})"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What publishing would change, line by line against what is in force.
fn show_changes(active: &[ActiveText], texts: &[(String, String)], json: bool) -> Result<ExitCode> {
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
    let kind = TextKind::of(text)?;
    let (name, _) = diagnose(path, text, kind).identity?;
    Some((kind.name(), name))
}
