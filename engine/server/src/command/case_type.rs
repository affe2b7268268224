//! `sagsgang case-type`: cases from one version of their case type to another, and back.
//!
//! Without `--url` the work is done by this program in the data folder, also beside a server that runs there; with it the
//! server does it, and this program waits and tells.

mod progress;
mod report;

use super::remote::Remote;
use super::with_engine;
use crate::cli;
use crate::config::Settings;
use crate::output;
use crate::start::Purpose;
use anyhow::{Context, Result};
use progress::Progress;
use report::Report;
use reqwest::Method;
use sagsgang_api::shape::migration::{Migration, Refusal};
use sagsgang_domain::{Caller, CaseId, MigrationId, MigrationRules};
use sagsgang_runtime::{CaseMigration, Engine, MigrationPhase, NewMigration};
use serde_json::{Map, Value, json};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Rows of the report read at a time.
const PAGE: u32 = 500;
/// How often a server is asked how far it is.
const ASK: Duration = Duration::from_millis(500);
/// Migrations that are listed, and looked through for one that was interrupted.
const MOST: u32 = 200;

pub(super) fn run(settings: &Settings, asked: &cli::CaseType, json: bool) -> Result<ExitCode> {
    match asked {
        cli::CaseType::Migrate(migrate) => {
            let new = wanted(migrate);
            let told = &migrate.told;
            match Remote::of(&told.server)? {
                Some(remote) => super::block_on(async {
                    let begun = begin_there(&remote, &new).await?;
                    wait_there(&remote, &new.case_type, begun, told, json).await
                }),
                None => with_engine(settings, Purpose::Command, async |engine| {
                    let id = begin_here(engine, new).await?;
                    finish_here(engine, id, told, json).await
                }),
            }
        }
        cli::CaseType::Revert {
            name,
            migration,
            told,
        } => match Remote::of(&told.server)? {
            Some(remote) => super::block_on(async {
                let path = format!("case-types/{name}/migrations/{migration}/revert");
                let begun = remote.send(Method::POST, &path, None).await?;
                wait_there(&remote, name, begun, told, json).await
            }),
            None => with_engine(settings, Purpose::Command, async |engine| {
                let id = migration_of(engine, name, *migration).await?;
                engine.revert_migration(&Caller::system(), id).await?;
                finish_here(engine, id, told, json).await
            }),
        },
        cli::CaseType::Cancel {
            name,
            migration,
            server,
        } => match Remote::of(server)? {
            Some(remote) => super::block_on(async {
                let path = format!("case-types/{name}/migrations/{migration}/cancel");
                let known = remote.send(Method::POST, &path, None).await?;
                list(&[json!([known])], json)
            }),
            None => with_engine(settings, Purpose::Command, async |engine| {
                let id = migration_of(engine, name, *migration).await?;
                let known = engine.cancel_migration(&Caller::system(), id).await?;
                list(&[json!([Migration::of(known, engine)])], json)
            }),
        },
        cli::CaseType::Migrations { name, server } => match Remote::of(server)? {
            Some(remote) => super::block_on(async {
                let path = format!("case-types/{name}/migrations");
                let mut answer = remote.send(Method::GET, &path, None).await?;
                list(&[answer["items"].take()], json)
            }),
            None => with_engine(settings, Purpose::Command, async |engine| {
                let known = engine.migrations(name, MOST).await?;
                let known = known.into_iter().map(|one| Migration::of(one, engine));
                list(&[json!(known.collect::<Vec<_>>())], json)
            }),
        },
    }
}

/// The migration with an id, if it is one of the case type.
async fn migration_of(engine: &Engine, case_type: &str, id: Uuid) -> Result<MigrationId> {
    let id = MigrationId(id);
    let known = engine.migration(id).await?;
    known
        .filter(|known| known.case_type == case_type)
        .with_context(|| format!("{case_type} has no migration {id}"))?;
    Ok(id)
}

fn wanted(asked: &cli::Migrate) -> NewMigration {
    let value = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    let renamed = asked.fields.iter();
    let renamed = renamed.map(|(old, new)| (old.clone(), Some(new.clone())));
    let dropped = asked.dropped.iter().map(|old| (old.clone(), None));
    let values = asked.values.iter();
    NewMigration {
        case_type: asked.name.clone(),
        from: asked.from,
        to: asked.to,
        rules: MigrationRules {
            statuses: asked.statuses.iter().cloned().collect(),
            priorities: asked.priorities.iter().cloned().collect(),
            fields: renamed.chain(dropped).collect(),
            values: values
                .map(|(name, text)| (name.clone(), value(text)))
                .collect::<Map<String, Value>>(),
        },
        carry_out: !asked.dry_run,
    }
}

/// Begins a migration, or finds the same one that was interrupted.
async fn begin_here(engine: &Arc<Engine>, new: NewMigration) -> Result<MigrationId> {
    let phase = match new.carry_out {
        true => MigrationPhase::Move,
        false => MigrationPhase::Trial,
    };
    let known = engine.migrations(&new.case_type, MOST).await?;
    let same = |one: &&CaseMigration| {
        (one.from, one.to, &one.rules) == (new.from, new.to, &new.rules)
            && one.open().is_some_and(|row| row.phase == phase)
    };
    if let Some(interrupted) = known.iter().find(same) {
        return Ok(interrupted.id);
    }
    let begun = engine.begin_migration(&Caller::system(), new, None).await?;
    Ok(begun.id)
}

async fn finish_here(
    engine: &Arc<Engine>,
    id: MigrationId,
    told: &cli::Told,
    json: bool,
) -> Result<ExitCode> {
    let progress = Progress::new(json);
    let done = engine
        .finish_migration(id, |known| {
            if let Some(row) = known.open() {
                progress.at(row.moved, row.refused);
            }
        })
        .await?;
    progress.finish();
    let phase = done.phases.last().map(|row| row.phase);
    let mut report = Report::begin(told.report.as_deref())?;
    if let (Some(report), Some(phase)) = (&mut report, phase) {
        let mut after = CaseId(Uuid::nil());
        loop {
            let rows = engine.refusals(id, phase, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = last.case;
            for row in rows {
                report.add(&json!(Refusal::from(row)))?;
            }
        }
    }
    Report::end(report)?;
    conclude(&json!(Migration::of(done, engine)), json)
}

async fn begin_there(remote: &Remote, new: &NewMigration) -> Result<Value> {
    let mut body = json!(new.rules);
    if let Value::Object(body) = &mut body {
        body.insert("from".to_owned(), json!(new.from));
        body.insert("to".to_owned(), json!(new.to));
        body.insert("dryRun".to_owned(), json!(!new.carry_out));
    }
    let path = format!("case-types/{}/migrations", new.case_type);
    let known = remote.send(Method::GET, &path, None).await?;
    let phase = if new.carry_out { "move" } else { "trial" };
    let same = |one: &&Value| {
        let newest = one["phases"].as_array().and_then(|phases| phases.last());
        let goes_on = |row: &Value| row["endedAt"].is_null() && row["phase"] == phase;
        newest.is_some_and(goes_on)
            && one["from"] == new.from
            && one["to"] == new.to
            && one["rules"] == json!(new.rules)
    };
    let items = known["items"].as_array();
    if let Some(interrupted) = items.and_then(|items| items.iter().find(same)) {
        return Ok(interrupted.clone());
    }
    remote.send(Method::POST, &path, Some(&body)).await
}

async fn wait_there(
    remote: &Remote,
    name: &str,
    begun: Value,
    told: &cli::Told,
    json: bool,
) -> Result<ExitCode> {
    let id = begun["id"]
        .as_str()
        .context("the server named no migration")?;
    let path = format!("case-types/{name}/migrations/{id}");
    let progress = Progress::new(json);
    let done = loop {
        let known = remote.send(Method::GET, &path, None).await?;
        let newest = known["phases"].as_array().and_then(|phases| phases.last());
        let newest = newest.cloned().unwrap_or_default();
        let count = |key: &str| newest[key].as_u64().unwrap_or_default();
        progress.at(count("moved"), count("refused"));
        if !newest["endedAt"].is_null() {
            break known;
        }
        tokio::time::sleep(ASK).await;
    };
    progress.finish();
    let mut report = Report::begin(told.report.as_deref())?;
    if let Some(report) = &mut report {
        let mut after = String::new();
        loop {
            let path = format!("{path}/refusals?limit={PAGE}{after}");
            let page = remote.send(Method::GET, &path, None).await?;
            for row in page["items"].as_array().into_iter().flatten() {
                report.add(row)?;
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
    }
    Report::end(report)?;
    conclude(&done, json)
}

/// What came of it; a failure where cases stay where they are.
fn conclude(done: &Value, json: bool) -> Result<ExitCode> {
    let newest = done["phases"].as_array().and_then(|phases| phases.last());
    let newest = newest.cloned().unwrap_or_default();
    if json {
        output::json(done)?;
    } else {
        let what = match newest["phase"].as_str() {
            Some("trial") => "can be moved",
            Some("back") => "put back",
            _ => "moved",
        };
        output::line(&format!(
            "migration {}: {} {what}, {} stay where they are",
            done["id"].as_str().unwrap_or_default(),
            newest["moved"],
            newest["refused"]
        ))?;
        if let Some(by) = newest["cancelledBy"].as_str() {
            output::line(&format!("cancelled by {by} before it was through"))?;
        }
    }
    let whole = newest["cancelledBy"].is_null();
    Ok(match newest["refused"].as_u64().filter(|_| whole) {
        Some(0) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn list(known: &[Value], json: bool) -> Result<ExitCode> {
    let rows: Vec<&Value> = known.iter().filter_map(Value::as_array).flatten().collect();
    if json {
        output::json(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    for row in rows {
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        output::line(&format!(
            "{} {} → {} ({}, {})",
            text("id"),
            row["from"],
            row["to"],
            text("createdAt"),
            text("createdBy")
        ))?;
        for phase in row["phases"].as_array().into_iter().flatten() {
            let state = match (phase["endedAt"].as_str(), phase["cancelledBy"].as_str()) {
                (Some(at), Some(by)) => format!("cancelled {at} by {by}"),
                (Some(at), None) => format!("ended {at}"),
                (None, _) => "goes on".to_owned(),
            };
            output::line(&format!(
                "    {:<6} {} moved, {} refused, {state}",
                phase["phase"].as_str().unwrap_or_default(),
                phase["moved"],
                phase["refused"]
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
