//! `sagsgang verify`: the history of every case and the journal of every run, entry by entry.

use super::with_engine;
use crate::config::Settings;
use crate::output;
use crate::start::Purpose;
use anyhow::Result;
use serde_json::json;
use std::io::IsTerminal;
use std::process::ExitCode;

pub(super) fn run(settings: &Settings, json: bool) -> Result<ExitCode> {
    super::ensure_database(settings)?;
    let shows_progress = std::io::stderr().is_terminal();
    let report = with_engine(settings, Purpose::Command, async |engine| {
        let report = engine
            .verify(|cases| {
                if shows_progress {
                    eprint!("\r{cases} cases");
                }
            })
            .await;
        if shows_progress {
            eprintln!();
        }
        Ok(report?)
    })?;
    if json {
        output::json(
            &json!({ "cases": report.cases, "entries": report.entries, "runs": report.runs,
                "firstBad": report.first_bad }),
        )?;
    } else {
        output::line(&format!(
            "{} cases, {} entries, {} runs",
            report.cases, report.entries, report.runs
        ))?;
        match &report.first_bad {
            None => output::line("all in order")?,
            Some(bad) => output::line(&format!("NOT in order: {bad}"))?,
        }
    }
    Ok(match report.first_bad {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    })
}
