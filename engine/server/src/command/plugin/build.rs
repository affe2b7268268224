//! `sagsgang plugin build`: source into plugin.wasm.

use crate::output;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

const TARGET: &str = "wasm32-unknown-unknown";

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
/// When there is no plugin, or its source does not compile.
pub(super) fn build(folder: &Path) -> Result<Option<PathBuf>> {
    ensure!(
        folder.join("plugin.toml").is_file(),
        "{} has no plugin.toml; `sagsgang plugin new` makes a plugin",
        folder.display()
    );
    if !folder.join("Cargo.toml").is_file() {
        let is_there = |name: &str| folder.join(name).is_file();
        ensure!(
            is_there("plugin.rhai") || is_there("plugin.wasm"),
            "{} has neither a Cargo.toml, nor a plugin.rhai, nor a plugin.wasm",
            folder.display()
        );
        return Ok(None);
    }
    let output = Command::new("cargo")
        .args(["build", "--release", "--lib", "--target", TARGET])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo cannot be started; it builds plugins in Rust (https://rustup.rs)")?;
    if !output.status.success() {
        bail!(
            "the plugin does not build; where the compiler misses `core` or `std`, run `rustup target add {TARGET}`"
        );
    }
    let component = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(wasm_of)
        .next_back()
        .context(
            "cargo made no WebAssembly; Cargo.toml needs `crate-type = [\"cdylib\", \"rlib\"]`",
        )?;
    let bytes = fs::read(&component).with_context(|| component.display().to_string())?;
    let place = folder.join("plugin.wasm");
    // Left alone where nothing changed, so that a watching server sees real changes only.
    if fs::read(&place).ok().as_ref() != Some(&bytes) {
        super::put(&place, &bytes)?;
    }
    Ok(Some(place))
}

/// The WebAssembly file that a message of cargo tells of.
fn wasm_of(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    if message["reason"] != "compiler-artifact" {
        return None;
    }
    let files = message["filenames"].as_array()?;
    let mut paths = files.iter().filter_map(Value::as_str);
    paths
        .find(|path| path.ends_with(".wasm"))
        .map(PathBuf::from)
}
