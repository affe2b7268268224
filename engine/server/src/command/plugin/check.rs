//! `sagsgang plugin check`: what is wrong with a plugin.

use super::super::block_on;
use super::host;
use crate::output;
use anyhow::{Result, ensure};
use sagsgang_host::Source;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(super) fn run(path: &Path, json: bool) -> Result<ExitCode> {
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

/// What is wrong with plugins, in words, with the folder of each.
///
/// # Errors
/// When no host can be started.
pub(in crate::command) async fn problems(paths: &[PathBuf]) -> Result<Vec<(PathBuf, String)>> {
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
