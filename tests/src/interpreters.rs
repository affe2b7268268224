//! What plugins in other languages are built with: fetched once, into the build cache.

use crate::repository::Repository;
use anyhow::{Result, ensure};
use std::process::Command;

/// The virtual environment with the compiler of plugins in Python.
///
/// # Errors
/// When it cannot be made, with what to install.
pub fn python() -> Result<String> {
    let script = Repository::open()?.root().join("plugins/build-interpreted");
    let output = Command::new(script).arg("python").output()?;
    let complaints = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{complaints}");
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
