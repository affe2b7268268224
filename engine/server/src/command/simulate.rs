//! `sagsgang simulate`: recorded runs against a version of their workflow that is not published. Nothing is sent.

use super::{with_engine, workflow};
use crate::cli::Simulate;
use crate::config::Settings;
use crate::output;
use crate::start::Purpose;
use anyhow::Result;
use sagsgang_runtime::WhatIf;
use serde_json::{Value, json};
use std::process::ExitCode;

pub(super) fn run(settings: &Settings, asked: &Simulate, json: bool) -> Result<ExitCode> {
    let Some(definition) = workflow::read(&asked.file)? else {
        return Ok(ExitCode::FAILURE);
    };
    let found = with_engine(settings, Purpose::Command, async |engine| {
        // Held against what ran by the zone of the municipality.
        let definition = definition.in_zone(engine.time_zone());
        Ok(engine.what_if(&definition, asked.against).await?)
    })?;
    let count = |wanted: fn(&WhatIf) -> bool| found.iter().filter(|one| wanted(one)).count();
    let different = count(|one| one.outcome.as_ref().is_ok_and(|found| !found.is_empty()));
    let unclear = count(|one| one.outcome.is_err());
    if json {
        let rows: Vec<Value> = found.iter().map(row).collect();
        output::json(&json!({
            "compared": found.len() - unclear, "different": different, "unclear": unclear, "runs": rows,
        }))?;
    } else {
        for one in &found {
            show(one)?;
        }
        let same = found.len() - different - unclear;
        output::line(&format!(
            "{} runs: {same} the same, {different} different, {unclear} unclear",
            found.len()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn row(one: &WhatIf) -> Value {
    let (differences, problem) = match &one.outcome {
        Ok(differences) => (differences.as_slice(), None),
        Err(problem) => (&[][..], Some(problem)),
    };
    json!({
        "run": one.run, "case": one.case, "version": one.version,
        "differences": differences, "problem": problem,
    })
}

fn show(one: &WhatIf) -> Result<()> {
    match &one.outcome {
        Ok(differences) if differences.is_empty() => {}
        Ok(differences) => {
            output::line(&format!("run {} (version {})", one.run, one.version))?;
            for one in differences {
                output::line(&format!("  {}", one.what))?;
                output::line(&format!("    - {}", one.before))?;
                output::line(&format!("    + {}", one.after))?;
            }
        }
        Err(problem) => output::line(&format!("run {}: {problem}", one.run))?,
    }
    Ok(())
}
