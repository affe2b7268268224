//! `sagsgang workflow migrate`: the runs of a workflow to another version of it, part by part.
//!
//! Without `--url` the work is done by this program in the data folder, also beside a server that runs there. A run that
//! has the version already is passed over, so the command may be run again after an interruption.

use super::super::remote::Remote;
use super::super::{block_on, ensure_database, with_engine};
use crate::cli::MigrateRuns;
use crate::config::Settings;
use crate::output;
use crate::start::Purpose;
use anyhow::{Context, Result, ensure};
use csv::{Writer, WriterBuilder};
use reqwest::Method;
use sagsgang_api::shape::run::MovedRun;
use sagsgang_documents::sheet::without_formula;
use sagsgang_domain::{Actor, ActorKind, Caller, Role};
use sagsgang_runtime::{Engine, MOST_MOVED, RunMigration};
use serde_json::{Value, json};
use std::fs::File;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

pub(super) fn run(settings: &Settings, asked: &MigrateRuns, json: bool) -> Result<ExitCode> {
    let is_name = asked
        .name
        .split('/')
        .filter(|part| !part.is_empty())
        .count()
        == 2;
    ensure!(is_name, "{:?} is not namespace/name", asked.name);
    let mut told = Told::begin(asked.report.as_deref(), json)?;
    match Remote::of(&asked.server)? {
        Some(remote) => block_on(there(&remote, asked, &mut told))?,
        None => {
            ensure_database(settings)?;
            with_engine(settings, Purpose::Command, async |engine| {
                here(engine, asked, &mut told).await
            })?;
        }
    }
    told.end(asked)
}

async fn here(engine: &Arc<Engine>, asked: &MigrateRuns, told: &mut Told) -> Result<()> {
    let caller = Caller {
        actor: Actor::new(ActorKind::Person, "command line"),
        roles: vec![Role::Administrator],
    };
    let mut part = RunMigration {
        workflow: asked.name.clone(),
        to: asked.to.clone(),
        from: asked.from.clone(),
        dry_run: asked.dry_run,
        reason: asked.reason.clone().unwrap_or_default(),
        after: None,
        limit: MOST_MOVED,
    };
    loop {
        let moved = engine.migrate_runs(&caller, &part).await?;
        for run in moved.runs {
            told.add(json!(MovedRun::from(run)))?;
        }
        part.after = moved.next;
        if part.after.is_none() {
            return Ok(());
        }
    }
}

async fn there(remote: &Remote, asked: &MigrateRuns, told: &mut Told) -> Result<()> {
    let path = format!("workflows/{}/migrate", asked.name);
    let mut body = json!({
        "to": asked.to, "from": asked.from, "dryRun": asked.dry_run,
        "reason": asked.reason.clone().unwrap_or_default(),
    });
    loop {
        let page = remote.send(Method::POST, &path, Some(&body)).await?;
        for row in page["items"].as_array().into_iter().flatten() {
            told.add(row.clone())?;
        }
        if page["next"].is_null() {
            return Ok(());
        }
        body["after"] = page["next"].clone();
    }
}

/// What is told: lines, a file, or all of it as JSON.
struct Told {
    report: Option<Writer<File>>,
    rows: Vec<Value>,
    json: bool,
    moved: u64,
    stayed: u64,
}

impl Told {
    fn begin(path: Option<&Path>, json: bool) -> Result<Self> {
        let report = match path {
            None => None,
            Some(path) => {
                let file = File::create(path).with_context(|| path.display().to_string())?;
                // A spreadsheet opens it as it is.
                let mut writer = WriterBuilder::new().delimiter(b';').from_writer(file);
                writer.write_record(["run", "case", "from", "standing", "moved", "reason"])?;
                Some(writer)
            }
        };
        Ok(Self {
            report,
            rows: Vec::new(),
            json,
            moved: 0,
            stayed: 0,
        })
    }

    fn add(&mut self, row: Value) -> Result<()> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |key: &str| -> Vec<String> {
            row[key]
                .as_array()
                .into_iter()
                .flatten()
                .map(text)
                .collect()
        };
        let (standing, mut reasons) = (list("standing").join(", "), list("reasons"));
        let is_moved = row["moved"] == true;
        match is_moved {
            true => self.moved += 1,
            false => self.stayed += 1,
        }
        if !self.json && !is_moved {
            let (run, reasons) = (text(&row["run"]), reasons.join("; "));
            output::line(&format!("run {run} stays: {reasons}"))?;
        }
        if let Some(report) = &mut self.report {
            if reasons.is_empty() {
                reasons.push(String::new());
            }
            let moved = is_moved.to_string();
            for reason in &reasons {
                let (run, case, from) = (text(&row["run"]), text(&row["case"]), text(&row["from"]));
                let cells = [&run, &case, &from, &standing, &moved, reason];
                let cells = cells.map(|cell| without_formula(cell).into_owned());
                report.write_record(cells)?;
            }
        }
        if self.json {
            self.rows.push(row);
        }
        Ok(())
    }

    /// What came of it; a failure where runs stay as they are.
    fn end(mut self, asked: &MigrateRuns) -> Result<ExitCode> {
        if let Some(report) = &mut self.report {
            report.flush()?;
        }
        let (moved, stayed) = (self.moved, self.stayed);
        if self.json {
            output::json(&json!({
                "workflow": asked.name, "to": asked.to, "dryRun": asked.dry_run,
                "moved": moved, "stayed": stayed, "runs": self.rows,
            }))?;
        } else {
            let what = if asked.dry_run {
                "can be moved"
            } else {
                "moved"
            };
            output::line(&format!("{moved} {what}, {stayed} stay as they are"))?;
        }
        Ok(match stayed {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_the_report_is_a_formula() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        let mut told = Told::begin(Some(&path), true).unwrap();
        let row = json!({ "run": "r", "case": "c", "from": "1.0.0", "standing": ["=cmd|'/c calc'!A1"], "moved": false,
            "reasons": ["-it stands"] });
        told.add(row).unwrap();
        told.report.as_mut().unwrap().flush().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            text.lines().nth(1),
            Some("r;c;1.0.0;'=cmd|'/c calc'!A1;false;'-it stands")
        );
    }
}
