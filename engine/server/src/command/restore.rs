//! `sagsgang restore`: a backup into a data folder that is not there yet. Nothing is sent again.

use super::backup::{archive, sqlite_file};
use super::with_engine;
use crate::cli::Restore;
use crate::config::Settings;
use crate::lost;
use crate::output;
use crate::start::Purpose;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(super) fn run(settings: &Settings, asked: &Restore, json: bool) -> Result<ExitCode> {
    let database = sqlite_file(settings, "pg_restore")?;
    refuse_data(&settings.data)?;
    ensure!(
        !database.exists(),
        "{} exists already; restore writes a database of its own",
        database.display()
    );
    let part = part_of(&settings.data);
    let outcome = bring_in(settings, &asked.file, &part, &database);
    if outcome.is_err() {
        let _ = fs::remove_dir_all(&part);
    }
    let about = outcome?;
    let why = format!(
        "held back by a restore: the backup is of {}, and this may have gone out since",
        about.at
    );
    // With plugins, so that a step without effects outside can be told from one with them.
    let (held, verified, lost) = with_engine(settings, Purpose::Plugins, async |engine| {
        let held = engine.hold_back(&why).await?;
        let lost = lost::advice(engine, settings).await?;
        Ok((held, engine.verify(|_| ()).await?, lost))
    })?;
    if json {
        output::json(&json!({
            "data": settings.data, "at": about.at, "files": about.files.len(),
            "heldMessages": held.messages, "heldActions": held.actions,
            "cases": verified.cases, "entries": verified.entries, "firstBad": verified.first_bad,
            "lost": lost,
        }))?;
    } else {
        output::line(&format!(
            "{} is as it was at {}: {} files, {} cases, {} entries of history",
            settings.data.display(),
            about.at,
            about.files.len(),
            verified.cases,
            verified.entries
        ))?;
        output::line(&format!(
            "held back: {} messages (see the outbox), {} steps of workflows (see the incidents)",
            held.messages, held.actions
        ))?;
        if !about.keys {
            output::line(
                "the backup has no keys: put yours in place, or answers to older e-mails wait in the inbox for a person",
            )?;
        }
        if let Some(lost) = &lost {
            output::line(&format!("NOT readable: {lost}"))?;
        }
        if let Some(bad) = &verified.first_bad {
            output::line(&format!("NOT in order: {bad}"))?;
        }
    }
    Ok(match verified.first_bad {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    })
}

/// An empty folder is as good as none; anything in it stays untouched.
fn refuse_data(data: &Path) -> Result<()> {
    let is_empty = !data.exists()
        || (data.is_dir() && fs::read_dir(data).is_ok_and(|mut entries| entries.next().is_none()));
    ensure!(
        is_empty,
        "{} exists already; restore never writes over data: name a new folder with --data",
        data.display()
    );
    Ok(())
}

/// Whole files first, then one rename: a folder that is there is whole.
fn bring_in(
    settings: &Settings,
    file: &Path,
    part: &Path,
    database: &Path,
) -> Result<archive::About> {
    if part.exists() {
        fs::remove_dir_all(part).with_context(|| part.display().to_string())?;
    }
    fs::create_dir_all(part).with_context(|| part.display().to_string())?;
    let about = archive::extract(file, part)?;
    if settings.data.exists() {
        fs::remove_dir(&settings.data).with_context(|| settings.data.display().to_string())?;
    }
    fs::rename(part, &settings.data).with_context(|| settings.data.display().to_string())?;
    let brought = settings.data.join(archive::DATABASE);
    if brought != database {
        fs::rename(&brought, database).with_context(|| database.display().to_string())?;
    }
    let plugins = settings.data.join("plugins");
    if plugins != settings.plugins && plugins.is_dir() {
        output::line(&format!(
            "the plugins of the backup lie in {}, and this installation reads {}",
            plugins.display(),
            settings.plugins.display()
        ))?;
    }
    Ok(about)
}

fn part_of(data: &Path) -> PathBuf {
    let mut name = data.as_os_str().to_owned();
    name.push(".restoring");
    PathBuf::from(name)
}
