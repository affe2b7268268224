//! `sagsgang plugin pack`: a folder into one file.

use super::super::block_on;
use super::{check, put, read};
use crate::output;
use anyhow::{Result, bail};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(super) fn run(folder: &Path, out: Option<&Path>, json: bool) -> Result<ExitCode> {
    let package = read(folder)?;
    let problems = block_on(check::problems(&[folder.to_owned()]))?;
    if let Some((_, first)) = problems.first() {
        bail!("{} cannot be packed: {first}", folder.display());
    }
    let manifest = package.manifest().map_err(|problems| {
        anyhow::anyhow!(
            "{}",
            problems
                .first()
                .map(ToString::to_string)
                .unwrap_or_default()
        )
    })?;
    let usual = || PathBuf::from(format!("{}-{}.sagsplugin", manifest.id, manifest.version));
    let place = out.map_or_else(usual, Path::to_owned);
    put(&place, &package.to_archive()?)?;
    match json {
        true => output::json(&json!({
            "id": manifest.id, "version": manifest.version, "path": place, "digest": package.digest(),
        }))?,
        false => output::line(&format!("{} {}", place.display(), package.digest()))?,
    }
    Ok(ExitCode::SUCCESS)
}
