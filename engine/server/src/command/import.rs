//! `sagsgang import`: registers, cases and users from a file, batch by batch, each batch one commit.
//!
//! The same import again changes nothing, and one that was stopped in the middle (even by a power cut) goes on where it
//! was: rows that are there are known by their keys and left alone.

mod progress;

use super::with_engine;
use crate::cli;
use crate::config::Settings;
use crate::output;
use crate::start::{self, Purpose};
use anyhow::{Context, Result, ensure};
use progress::Progress;
use sagsgang_definition::{Diagnostic, ImportKind, ImportMap, parse_import_map};
use sagsgang_runtime::{Import, ImportPlan, ImportRejects, ImportSource, ImportTally};
use serde::Serialize;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// What became of the rows.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    kind: &'static str,
    file: PathBuf,
    encoding: &'static str,
    dry_run: bool,
    #[serde(flatten)]
    tally: ImportTally,
    #[serde(skip_serializing_if = "Option::is_none")]
    reject_file: Option<PathBuf>,
    seconds: f64,
    rows_per_second: u64,
}

pub(super) fn run(settings: &Settings, import: &cli::Import, json: bool) -> Result<ExitCode> {
    let place = || import.file.display().to_string();
    let source = ImportSource::open(&import.file).with_context(place)?;
    let map = match &import.map {
        Some(path) => match read_map(path, import.kind)? {
            Ok(map) => map,
            Err(found) => return refuse(&found, json),
        },
        None => ImportMap::by_names(import.kind, source.columns()),
    };
    let missing = map.missing(source.columns());
    ensure!(
        missing.is_empty(),
        "{} has no column {}; it has {}",
        place(),
        missing.join(", "),
        source.columns().join(", ")
    );
    ensure!(
        !map.rules.is_empty(),
        "{}: no column has the name of a field; the fields are {} (a mapping says which column is which: --map)",
        place(),
        import.kind.fields().join(", ")
    );
    if !json && source.is_guessed() {
        eprintln!(
            "{} is not UTF-8; it is read as {}",
            place(),
            source.encoding()
        );
    }
    let (report, whole) = with_engine(settings, Purpose::Command, async |engine| {
        if import.kind == ImportKind::Cases {
            start::publish_pack(engine).await?;
        }
        let plan = ImportPlan {
            kind: import.kind,
            source: map.source.clone(),
            brought_by: file_name(&import.file),
            fields: map.rules.iter().map(|(field, _)| field.clone()).collect(),
            dry_run: import.dry_run,
        };
        let importing = Import::new(engine, plan);
        bring(importing, import, &map, &source, json).await
    })?;
    tell(&report, json)?;
    whole?;
    Ok(match report.tally.rejected {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// What became of the rows, and why not all of them were reached.
async fn bring(
    mut importing: Import,
    import: &cli::Import,
    map: &ImportMap,
    source: &ImportSource,
    json: bool,
) -> Result<(Report, Result<()>)> {
    let began = Instant::now();
    let mut rejects = ImportRejects::beside(&import.file, source);
    let mut progress = Progress::new(source.rows(), json);
    let place = || import.file.display().to_string();
    let told = |tally: &ImportTally, _: Vec<_>| {
        progress.at(tally.rows, tally.rejected, began.elapsed());
        ControlFlow::Continue(())
    };
    let brought = sagsgang_runtime::bring(
        &mut importing,
        map,
        source,
        (&mut rejects, &|reason| reason.to_string()),
        told,
    );
    let (tally, whole) = brought.await;
    progress.finish();
    let seconds = began.elapsed().as_secs_f64();
    let report = Report {
        kind: import.kind.name(),
        file: import.file.clone(),
        encoding: source.encoding(),
        dry_run: import.dry_run,
        tally,
        reject_file: rejects.finish()?,
        seconds,
        rows_per_second: (tally.rows as f64 / seconds.max(0.001)) as u64,
    };
    Ok((report, whole.with_context(place)))
}

fn read_map(path: &Path, kind: ImportKind) -> Result<Result<ImportMap, Vec<Diagnostic>>> {
    let place = path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| place.clone())?;
    let parsed = parse_import_map(&place, &text);
    let Some(map) = parsed.model else {
        return Ok(Err(parsed.diagnostics));
    };
    ensure!(
        map.kind == kind,
        "{place} is a mapping of {}, not of {}",
        map.kind.name(),
        kind.name()
    );
    Ok(Ok(map))
}

fn refuse(found: &[Diagnostic], json: bool) -> Result<ExitCode> {
    if json {
        output::json(&serde_json::json!({ "problems": found }))?;
    } else {
        for diagnostic in found {
            output::line(&diagnostic.to_string())?;
        }
    }
    Ok(ExitCode::FAILURE)
}

fn tell(report: &Report, json: bool) -> Result<()> {
    if json {
        return output::json(report);
    }
    let dry = match report.dry_run {
        true => " (dry run: nothing was written)",
        false => "",
    };
    output::line(&format!(
        "{} rows: {} new, {} changed, {} the same, {} rejected; {:.1} s, {} rows/s{dry}",
        report.tally.rows,
        report.tally.created,
        report.tally.changed,
        report.tally.unchanged,
        report.tally.rejected,
        report.seconds,
        report.rows_per_second
    ))?;
    if let Some(path) = &report.reject_file {
        output::line(&format!(
            "the rejected rows with their reasons are in {}; correct them there and import that file",
            path.display()
        ))?;
    }
    Ok(())
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
