//! `sagsgang import`: registers, cases and users from a file, batch by batch, each batch one commit.
//!
//! The same import again changes nothing, and one that was stopped in the middle (even by a power cut) goes on where it
//! was: rows that are there are known by their keys and left alone.

mod progress;
mod rejects;
mod source;

use super::with_engine;
use crate::cli;
use crate::config::Settings;
use crate::output;
use crate::start::{self, Purpose};
use anyhow::{Context, Result, ensure};
use progress::Progress;
use rejects::Rejects;
use sagsgang_definition::{Diagnostic, ImportKind, ImportMap, parse_import_map};
use sagsgang_runtime::{Import, ImportPlan, ImportRow, RowOutcome};
use serde::Serialize;
use source::{Entry, Source};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Rows of one commit.
const BATCH: usize = 2_000;

/// What became of the rows.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    kind: &'static str,
    file: PathBuf,
    encoding: &'static str,
    dry_run: bool,
    rows: u64,
    created: u64,
    changed: u64,
    unchanged: u64,
    rejected: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reject_file: Option<PathBuf>,
    seconds: f64,
    rows_per_second: u64,
}

pub(super) fn run(settings: &Settings, import: &cli::Import, json: bool) -> Result<ExitCode> {
    let place = || import.file.display().to_string();
    let source = Source::open(&import.file).with_context(place)?;
    let map = match &import.map {
        Some(path) => match read_map(path, import.kind)? {
            Ok(map) => map,
            Err(found) => return refuse(&found, json),
        },
        None => ImportMap::by_names(import.kind, &source.columns),
    };
    let missing = map.missing(&source.columns);
    ensure!(
        missing.is_empty(),
        "{} has no column {}; it has {}",
        place(),
        missing.join(", "),
        source.columns.join(", ")
    );
    ensure!(
        !map.rules.is_empty(),
        "{}: no column has the name of a field; the fields are {} (a mapping says which column is which: --map)",
        place(),
        import.kind.fields().join(", ")
    );
    if !json && source.encoding.is_guessed() {
        eprintln!(
            "{} is not UTF-8; it is read as {}",
            place(),
            source.encoding.name()
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
    Ok(match report.rejected {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// What became of the rows, and why not all of them were reached.
async fn bring(
    mut importing: Import,
    import: &cli::Import,
    map: &ImportMap,
    source: &Source,
    json: bool,
) -> Result<(Report, Result<()>)> {
    let began = Instant::now();
    let mut report = Report {
        kind: import.kind.name(),
        file: import.file.clone(),
        encoding: source.encoding.name(),
        dry_run: import.dry_run,
        ..Report::default()
    };
    let mut rejects = Rejects::beside(&import.file, source);
    let mut progress = Progress::new(source.rows(), json);
    let place = || import.file.display().to_string();
    let mut entries = source.entries().with_context(place)?;
    let mut whole = Ok(());
    while whole.is_ok() {
        let mut batch: Vec<Entry> = Vec::with_capacity(BATCH);
        for entry in entries.by_ref().take(BATCH) {
            match entry {
                Ok(entry) => batch.push(entry),
                // What came before is brought all the same.
                Err(error) => {
                    whole = Err(error).with_context(place);
                    break;
                }
            }
        }
        if batch.is_empty() {
            break;
        }
        let mut rows = Vec::with_capacity(batch.len());
        let mut of_row = Vec::with_capacity(batch.len());
        let mut refused = Vec::new();
        for (place, entry) in batch.iter().enumerate() {
            match values(map, entry) {
                Ok(values) => {
                    rows.push(ImportRow {
                        line: entry.line,
                        values,
                    });
                    of_row.push(place);
                }
                Err(reason) => refused.push((place, reason)),
            }
        }
        let outcomes = match importing.take(&rows).await {
            Ok(outcomes) => outcomes,
            Err(error) => {
                whole = Err(error.into());
                break;
            }
        };
        for (place, outcome) in of_row.into_iter().zip(outcomes) {
            match outcome {
                RowOutcome::Created => report.created += 1,
                RowOutcome::Changed => report.changed += 1,
                RowOutcome::Unchanged => report.unchanged += 1,
                RowOutcome::Rejected(reason) => refused.push((place, reason)),
            }
        }
        // In the order of the file.
        refused.sort_by_key(|(place, _)| *place);
        report.rejected += refused.len() as u64;
        for (place, reason) in refused {
            rejects.add(&batch[place], &reason)?;
        }
        report.rows += batch.len() as u64;
        progress.at(report.rows, report.rejected, began.elapsed());
    }
    progress.finish();
    report.reject_file = rejects.finish()?;
    report.seconds = began.elapsed().as_secs_f64();
    report.rows_per_second = (report.rows as f64 / report.seconds.max(0.001)) as u64;
    Ok((report, whole))
}

/// The value of each field, or why one of them is none.
fn values(map: &ImportMap, entry: &Entry) -> Result<Vec<String>, String> {
    if let Some(fault) = &entry.fault {
        return Err(fault.clone());
    }
    let value = |(field, rule): &(String, sagsgang_definition::Rule)| {
        let value = rule.value(|column| entry.cell(column));
        value
            .map(std::borrow::Cow::into_owned)
            .map_err(|reason| format!("{field}: {reason}"))
    };
    map.rules.iter().map(value).collect()
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
        report.rows,
        report.created,
        report.changed,
        report.unchanged,
        report.rejected,
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
