//! `sagsgang backup`: database, kept files and plugins in one file, taken while the server runs.

pub(super) mod archive;

use crate::cli::Backup;
use crate::config::Settings;
use crate::output;
use anyhow::{Context, Result, bail, ensure};
use archive::{About, DATABASE, Writer};
use sagsgang_runtime::{Clock, SystemClock};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What of the data folder is made again by itself.
const PASSED_OVER: [&str; 1] = ["cache"];

pub(super) fn run(settings: &Settings, asked: &Backup, json: bool) -> Result<ExitCode> {
    let database = sqlite_file(settings, "pg_dump")?;
    super::ensure_database(settings)?;
    ensure!(
        !asked.file.exists(),
        "{} exists already",
        asked.file.display()
    );
    let part = beside(&asked.file, "part");
    let copy = beside(&asked.file, "part-db");
    let made = make(settings, asked, &database, &part, &copy);
    // A half-made file is worse than none.
    let _ = fs::remove_file(&copy);
    let outcome = made.and_then(|()| {
        let about = archive::verify(&part).context("the file that was written does not verify")?;
        fs::rename(&part, &asked.file).with_context(|| asked.file.display().to_string())?;
        Ok(about)
    });
    if outcome.is_err() {
        let _ = fs::remove_file(&part);
    }
    let about = outcome?;
    let digest = archive::digest(&asked.file)?;
    let bytes = fs::metadata(&asked.file)?.len();
    if json {
        output::json(&json!({
            "file": asked.file, "bytes": bytes, "sha256": digest,
            "at": about.at, "files": about.files.len(), "keys": about.keys,
        }))?;
    } else {
        output::line(&format!(
            "{}  {} files, {bytes} bytes",
            asked.file.display(),
            about.files.len()
        ))?;
        output::line(&format!("sha256 {digest}"))?;
        if !about.keys {
            output::line("keys are not in it; keep them apart, or use --with-keys")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The file of the SQLite database, or what else to do.
pub(super) fn sqlite_file(settings: &Settings, tool: &str) -> Result<PathBuf> {
    match settings.database.strip_prefix("sqlite:") {
        Some(path) => Ok(PathBuf::from(path.split('?').next().unwrap_or(path))),
        None => bail!(
            "this installation uses PostgreSQL: use {tool} for the database, and copy {} and {} as files",
            settings.data.join("blobs").display(),
            settings.plugins.display()
        ),
    }
}

fn make(
    settings: &Settings,
    asked: &Backup,
    database: &Path,
    part: &Path,
    copy: &Path,
) -> Result<()> {
    let _ = fs::remove_file(copy);
    // The database first: a kept file is on disk before the database names it, so all it names are there afterwards.
    super::block_on(async {
        sagsgang_store::copy_sqlite(&format!("sqlite:{}", database.display()), copy)
            .await
            .context("copying the database")
    })?;
    let mut writer = Writer::create(part)?;
    writer.add(DATABASE, copy)?;
    let is_secret = |path: &Path| {
        path == settings.reply_key_file || path.extension().is_some_and(|end| end == "key")
    };
    for path in files_below(&settings.data)? {
        let name = path.strip_prefix(&settings.data)?;
        let first = name.components().next();
        let is_passed_over =
            first.is_some_and(|first| PASSED_OVER.iter().any(|name| first.as_os_str() == *name));
        let skip = is_passed_over
            || is_of_database(&path, database)
            || path.starts_with(&settings.plugins)
            || [part, copy, asked.file.as_path()].contains(&path.as_path())
            || is_secret(&path);
        if !skip {
            writer.add(&slashed(name), &path)?;
        }
    }
    for path in files_below(&settings.plugins)? {
        let name = path.strip_prefix(&settings.plugins)?;
        writer.add(&format!("plugins/{}", slashed(name)), &path)?;
    }
    if asked.with_keys {
        for path in files_below(&settings.data)?
            .iter()
            .filter(|path| is_secret(path))
        {
            let name = path.strip_prefix(&settings.data)?;
            writer.add(&slashed(name), path)?;
        }
        if !settings.reply_key_file.starts_with(&settings.data) {
            writer.add("reply.key", &settings.reply_key_file)?;
        }
    }
    writer.finish(About {
        format: archive::FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        at: SystemClock.now(),
        keys: asked.with_keys,
        files: Vec::new(),
    })
}

/// The database and its side files, which the copy stands for.
fn is_of_database(path: &Path, database: &Path) -> bool {
    let name = |path: &Path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    path.parent() == database.parent()
        && name(database)
            .zip(name(path))
            .is_some_and(|(database, name)| {
                name == database
                    || ["-wal", "-shm", "-journal"]
                        .iter()
                        .any(|end| name == format!("{database}{end}"))
            })
}

/// Every file below a folder, in order; hidden ones are half-written and left out.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    let mut entries: Vec<_> = fs::read_dir(folder)
        .with_context(|| folder.display().to_string())?
        .collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if entry.file_type()?.is_dir() {
            found.extend(files_below(&path)?);
        } else if !is_hidden {
            found.push(path);
        }
    }
    Ok(found)
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{end}"));
    PathBuf::from(name)
}
