//! `sagsgang publish`: a folder of definitions into the database, all of it or nothing.

use super::check::{functions, texts_below};
use super::remote::{ActiveText, Answer, Remote, line};
use super::{block_on, diff, with_engine};
use crate::cli::Publish;
use crate::config::Settings;
use crate::output;
use crate::start::Purpose;
use anyhow::{Result, ensure};
use sagsgang_definition::{Diagnostic, TextKind, diagnose};
use sagsgang_domain::Caller;
use sagsgang_runtime::{Engine, PublishError, Published};
use serde_json::{Value, json};
use std::collections::BTreeMap;
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
        here(engine, texts, json).await
    })
}

/// Publishes into the database.
async fn here(engine: &Engine, texts: Vec<(String, String)>, json: bool) -> Result<ExitCode> {
    match published(engine, texts).await? {
        Ok(rows) => show_published(&rows, json),
        Err(problems) => {
            for problem in problems {
                output::line(&problem.to_string())?;
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

/// What was published, each with its warnings; the inner error is why nothing was. This command loads no plugins, so calls
/// are held against the program's own: one that does not take what it is given is refused as by a server, and what none of
/// them answers is a warning, since others may be installed.
async fn published(
    engine: &Engine,
    texts: Vec<(String, String)>,
) -> Result<std::result::Result<Vec<Value>, Vec<Diagnostic>>> {
    let known = functions::known(&[]);
    let calls = texts
        .iter()
        .flat_map(|(path, text)| functions::findings(path, text, &known));
    let (wrong, unknown): (Vec<Diagnostic>, Vec<Diagnostic>) =
        calls.partition(Diagnostic::is_error);
    if !wrong.is_empty() {
        return Ok(Err(wrong));
    }
    let files: BTreeMap<(&'static str, String), String> = texts
        .iter()
        .filter_map(|(path, text)| Some((identity(path, text)?, path.clone())))
        .collect();
    let row = |one: &Published| {
        let file = files
            .iter()
            .find(|((kind, name), _)| *kind == one.kind && *name == one.name)
            .map(|(_, file)| file.as_str());
        let unknown = unknown
            .iter()
            .filter(|other| Some(other.file.as_str()) == file && !one.warnings.contains(other));
        let warnings: Vec<&Diagnostic> = one.warnings.iter().chain(unknown).collect();
        json!({ "kind": one.kind, "name": one.name, "version": one.version, "new": one.new, "warnings": warnings })
    };
    match engine.publish(&Caller::system(), texts).await {
        Ok(published) => Ok(Ok(published.iter().map(row).collect())),
        Err(PublishError::Problems(problems)) => Ok(Err(problems)),
        Err(error) => Err(error.into()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_runtime::EngineOptions;

    fn workflow(step: &str) -> Vec<(String, String)> {
        let text = format!(
            "document: {{ dsl: 1.0.3, namespace: t, name: w, version: 1.0.0 }}\ndo:\n  - a: {{ {step} }}\n"
        );
        vec![("w.yaml".to_owned(), text)]
    }

    #[tokio::test]
    async fn wrong_arguments_are_refused_and_warnings_are_told_without_a_server() {
        let folder = tempfile::tempdir().unwrap();
        let options = EngineOptions::in_folder(folder.path().to_owned());
        let engine = Engine::open(options).await.unwrap();
        let wrong = workflow("call: container-label, with: { nope: 3 }");
        let problems = published(&engine, wrong).await.unwrap().unwrap_err();
        assert_eq!(problems[0].code, "wrong-argument", "{problems:?}");
        assert_eq!(engine.active_texts(), [], "nothing was published");

        let codes = async |step: &str| -> Vec<String> {
            let rows = published(&engine, workflow(step)).await.unwrap().unwrap();
            let warnings = rows[0]["warnings"].as_array().unwrap().iter();
            warnings
                .map(|one| one["code"].as_str().unwrap().to_owned())
                .collect()
        };
        let listens = "listen: { to: { one: { with: { type: order.done } } } }";
        assert_eq!(codes(listens).await, ["no-deadline"]);
        engine.stop().await;
    }

    #[tokio::test]
    async fn a_call_that_nothing_bundled_answers_is_told_and_published() {
        let folder = tempfile::tempdir().unwrap();
        let options = EngineOptions::in_folder(folder.path().to_owned());
        let engine = Engine::open(options).await.unwrap();
        let rows = published(&engine, workflow("call: weigh")).await.unwrap();
        let rows = rows.unwrap();
        assert_eq!(rows[0]["warnings"][0]["code"], "unknown-function");
        assert_eq!(rows[0]["new"], true);
        engine.stop().await;
    }
}
