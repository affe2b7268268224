//! Plugins in Rust, built by cargo.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TARGET: &str = "wasm32-unknown-unknown";

pub(super) fn build(folder: &Path) -> Result<PathBuf> {
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
        super::super::put(&place, &bytes)?;
    }
    Ok(place)
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
