//! `sagsgang plugin dev`: every change of a plugin's folder is built, checked and put into a running server.

use super::super::remote::Remote;
use super::super::{block_on, with_engine};
use super::{build, check, install, operator, put, read};
use crate::cli::Server;
use crate::config::Settings;
use crate::output;
use crate::start::Purpose;
use anyhow::Result;
use sagsgang_runtime::NewGrant;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

/// How often the folder is looked at.
const INTERVAL: Duration = Duration::from_millis(300);
/// What lies beside the source and is made from it, or is nobody's source.
const PASSED_OVER: [&str; 8] = [
    "target",
    "build",
    "node_modules",
    ".venv",
    "__pycache__",
    ".git",
    "plugin.wasm",
    "plugin.minisig",
];

/// Sizes and times of the files of a folder.
type Look = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

pub(super) fn run(
    settings: &Settings,
    folder: &Path,
    grant: bool,
    server: &Server,
    json: bool,
) -> Result<ExitCode> {
    let remote = Remote::of(server)?;
    let mut done = Look::new();
    let mut before = look(folder);
    loop {
        // A change counts once the files have been still for one interval.
        let now = look(folder);
        if now == before && now != done {
            if let Err(error) = round(settings, folder, grant, remote.as_ref(), json) {
                match json {
                    true => output::json(&json!({ "error": format!("{error:#}") }))?,
                    false => output::line(&format!("not installed: {error:#}"))?,
                }
            }
            done = now.clone();
        }
        before = now;
        std::thread::sleep(INTERVAL);
    }
}

/// Builds, checks and installs once.
fn round(
    settings: &Settings,
    folder: &Path,
    grant: bool,
    remote: Option<&Remote>,
    json: bool,
) -> Result<()> {
    build::build(folder)?;
    let problems = block_on(check::problems(&[folder.to_owned()]))?;
    if !problems.is_empty() {
        let texts: Vec<String> = problems.into_iter().map(|(_, problem)| problem).collect();
        anyhow::bail!("{}", texts.join("\n"));
    }
    let package = read(folder)?;
    if let Some(remote) = remote {
        let installed = block_on(install::over_api(remote, &package, grant))?;
        return install::tell(&installed, json);
    }
    let Ok(manifest) = package.manifest() else {
        return Ok(());
    };
    // A running server watches this folder and takes it from there.
    std::fs::create_dir_all(&settings.plugins)?;
    let place = settings.plugins.join(format!("{}.sagsplugin", manifest.id));
    put(&place, &package.to_archive()?)?;
    if grant {
        with_engine(settings, Purpose::Plugins, async |engine| {
            let wanted = NewGrant {
                digest: Some(package.digest()),
                ..NewGrant::default()
            };
            engine
                .grant_plugin(&operator(), &manifest.id, &wanted, None)
                .await?;
            Ok(())
        })?;
    }
    let said = json!({ "id": manifest.id, "version": manifest.version, "digest": package.digest(), "path": place });
    match json {
        true => output::json(&said),
        false => output::line(&format!(
            "{} {} in {}",
            manifest.id,
            manifest.version,
            place.display()
        )),
    }
}

fn look(folder: &Path) -> Look {
    let mut found = Look::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let is_passed_over = PASSED_OVER.iter().any(|name| entry.file_name() == *name);
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            if is_passed_over
                || entry
                    .path()
                    .extension()
                    .is_some_and(|end| end == "sagsplugin" || end == "part")
            {
                continue;
            }
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                found.insert(entry.path(), (metadata.len(), metadata.modified().ok()));
            }
        }
    }
    found
}
