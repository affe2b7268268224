//! `sagsgang plugin build`: source into plugin.wasm, a file for each language that is compiled.

mod cargo;
mod node;
mod python;

use crate::output;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

pub(super) fn run(folder: &Path, json: bool) -> Result<ExitCode> {
    let built = build(folder)?;
    match (json, &built) {
        (true, _) => output::json(&json!({ "built": built }))?,
        (false, Some(path)) => output::line(&format!("{} is built", path.display()))?,
        (false, None) => output::line("a script needs no building")?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds what has to be built; nothing for a script.
///
/// # Errors
/// When there is no plugin, a compiler is missing, or the source does not compile.
pub(super) fn build(folder: &Path) -> Result<Option<PathBuf>> {
    let is_there = |name: &str| folder.join(name).is_file();
    ensure!(
        is_there("plugin.toml"),
        "{} has no plugin.toml; `sagsgang plugin new` makes a plugin",
        folder.display()
    );
    if is_there("Cargo.toml") {
        cargo::build(folder).map(Some)
    } else if is_there("package.json") {
        node::build(folder).map(Some)
    } else if is_there("pyproject.toml") {
        python::build(folder).map(Some)
    } else {
        ensure!(
            is_there("plugin.rhai") || is_there("plugin.wasm"),
            "{} has neither a Cargo.toml, nor a package.json, nor a pyproject.toml, nor a plugin.rhai, nor a plugin.wasm",
            folder.display()
        );
        Ok(None)
    }
}

/// Runs a tool in the plugin's folder, with its output on the terminal's side for errors, so that `--json` stays clean.
///
/// # Errors
/// With `advice` when the tool cannot be started or fails.
fn call(tool: &mut Command, folder: &Path, advice: &str) -> Result<()> {
    let name = tool.get_program().to_string_lossy().into_owned();
    let status = tool
        .current_dir(folder)
        .stdin(std::process::Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("{name} cannot be started: {advice}"))?;
    ensure!(status.success(), "{advice}");
    Ok(())
}

/// The version that a tool prints, such as `20.11` of `v20.11.1`; `None` where it cannot be started.
fn version_of(tool: impl AsRef<OsStr>, arguments: &[&str]) -> Option<(u32, u32)> {
    let output = Command::new(tool).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut numbers = text
        .trim_start_matches(|first: char| !first.is_ascii_digit())
        .split('.')
        .map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}
