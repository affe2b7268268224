//! `sagsgang check`: what is wrong with definitions and plugins, all of it at once.

pub(super) mod functions;

use super::workflow::scenario;
use super::{block_on, plugin};
use crate::output;
use anyhow::{Context, Result, ensure};
use sagsgang_definition::{Diagnostic, Severity, TextKind};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Folders of other people's files.
const PASSED_OVER: [&str; 3] = ["target", "node_modules", ".git"];

pub(super) fn run(paths: &[PathBuf], json: bool) -> Result<ExitCode> {
    let mut found = Found::default();
    for path in paths {
        ensure!(path.exists(), "{} is not there", path.display());
        found
            .look(path, true)
            .with_context(|| path.display().to_string())?;
    }
    let mut problems: Vec<Value> = Vec::new();
    let mut lines: Vec<String> = Vec::new();
    let mut errors = 0;
    let functions = functions::known(&found.plugins);
    for (path, text) in &found.texts {
        let mut findings = diagnose(path, text).unwrap_or_default();
        findings.extend(functions::findings(path, text, &functions));
        findings.sort_by_key(|finding| (finding.line, finding.column));
        for diagnostic in findings {
            errors += usize::from(diagnostic.severity == Severity::Error);
            lines.push(diagnostic.to_string());
            problems.push(json!(diagnostic));
        }
    }
    if !found.plugins.is_empty() {
        for (folder, problem) in block_on(plugin::problems(&found.plugins))? {
            errors += 1;
            lines.push(format!("{}/{problem}", folder.display()));
            problems.push(json!({ "folder": folder, "problem": problem }));
        }
    }
    let checked = found.texts.len() + found.plugins.len();
    if json {
        output::json(&json!({ "checked": checked, "errors": errors, "problems": problems }))?;
    } else {
        for text in lines {
            output::line(&text)?;
        }
        output::line(&format!("{checked} checked, {errors} errors"))?;
    }
    Ok(match errors {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// What a text is, by its own words, and what is wrong with it. Nothing for a text that is none of ours.
pub(super) fn diagnose(path: &str, text: &str) -> Option<Vec<Diagnostic>> {
    TextKind::of(text).map(|kind| match kind {
        // The workflow that scenarios are about lies beside them.
        TextKind::Scenarios => scenario::read(Path::new(path), text).diagnostics,
        kind => sagsgang_definition::diagnose(path, text, kind).findings,
    })
}

/// Definitions below a folder: path relative to it, and text.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn texts_below(folder: &Path) -> Result<Vec<(String, String)>> {
    ensure!(folder.is_dir(), "{} is not a folder", folder.display());
    let mut found = Found::default();
    found.look(folder, true)?;
    let relative = |(path, text): (String, String)| {
        let short = Path::new(&path)
            .strip_prefix(folder)
            .map(|short| short.display().to_string());
        (short.unwrap_or(path), text)
    };
    Ok(found.texts.into_iter().map(relative).collect())
}

/// Files of scenarios among these paths: path and text.
///
/// # Errors
/// When a path is not there or a file cannot be read.
pub(super) fn scenario_texts(paths: &[PathBuf]) -> Result<Vec<(String, String)>> {
    let mut found = Found::default();
    for path in paths {
        ensure!(path.exists(), "{} is not there", path.display());
        found.look(path, true)?;
    }
    let is_scenario = |text: &str| TextKind::of(text) == Some(TextKind::Scenarios);
    found.texts.retain(|(_, text)| is_scenario(text));
    Ok(found.texts)
}

#[derive(Default)]
struct Found {
    texts: Vec<(String, String)>,
    plugins: Vec<PathBuf>,
}

impl Found {
    fn look(&mut self, path: &Path, is_named: bool) -> Result<()> {
        if path.join("plugin.toml").is_file() || ends_with(path, &["sagsplugin"]) {
            self.plugins.push(path.to_owned());
        } else if path.is_dir() {
            let mut entries: Vec<PathBuf> = Vec::new();
            for entry in std::fs::read_dir(path)? {
                entries.push(entry?.path());
            }
            entries.sort();
            let passed_over = |path: &Path| PASSED_OVER.iter().any(|name| path.ends_with(name));
            for entry in entries.iter().filter(|entry| !passed_over(entry)) {
                self.look(entry, false)?;
            }
        } else if ends_with(path, &["yaml", "yml"]) {
            let text = std::fs::read_to_string(path)?;
            let is_ours = TextKind::of(&text).is_some();
            ensure!(
                is_ours || !is_named,
                "neither a case type, nor a workflow, nor a template, nor a macro, nor scenarios"
            );
            if is_ours {
                self.texts.push((path.display().to_string(), text));
            }
        }
        Ok(())
    }
}

fn ends_with(path: &Path, endings: &[&str]) -> bool {
    path.extension()
        .is_some_and(|end| endings.iter().any(|ending| end == *ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_found_below_a_folder_and_others_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("case-types")).unwrap();
        std::fs::write(
            folder.path().join("case-types/a.yaml"),
            "caseType: a.b\nversion: 1\nstatuses: {}\n",
        )
        .unwrap();
        std::fs::write(folder.path().join("notes.yaml"), "milk: 2\n").unwrap();
        let texts = texts_below(folder.path()).unwrap();
        assert_eq!(texts.len(), 1);
        assert_eq!(texts[0].0, "case-types/a.yaml");
        assert!(!diagnose(&texts[0].0, &texts[0].1).unwrap().is_empty());
        assert!(run(&[folder.path().join("notes.yaml")], false).is_err());
    }
}
