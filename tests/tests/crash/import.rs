//! An import that is killed in the middle, again and again, and goes on with the same command.

use super::{get, start};
use anyhow::{Context, Result, ensure};
use sagsgang_tests::process::Process;
use sagsgang_tests::server::binary;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// More than ten commits.
const ROWS: usize = 24_000;

fn import(data: &Path, file: &Path) -> Result<Command> {
    let mut command = Command::new(binary()?);
    command.args(["import", "containers"]).arg(file);
    command.arg("--data").arg(data);
    Ok(command)
}

fn report(data: &Path, file: &Path) -> Result<Value> {
    let output = import(data, file)?.arg("--json").output()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{printed}{complaints}");
    Ok(serde_json::from_str(&printed)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_killed_goes_on_and_brings_each_row_once() -> Result<()> {
    let data = tempfile::tempdir()?;
    let file = data.path().join("beholdere.csv");
    let mut rows = "key;containerId;type;fractions;status\n".to_owned();
    for row in 0..ROWS {
        writeln!(rows, "K{row};BH-{row:06};240 liter;Restaffald;active")?;
    }
    std::fs::write(&file, rows)?;
    // At another place each time: the rows that are there already go by more quickly.
    for hundredths in [20, 50, 80] {
        let mut command = import(data.path(), &file)?;
        let mut running = Process::start(&mut command)?;
        running.wait_for(Duration::from_secs(120), |line| {
            let (told, _) = line.split_once(" % ")?;
            told.trim()
                .parse()
                .ok()
                .filter(|told: &u32| *told >= hundredths)
        })?;
        drop(running);
    }
    let rest = report(data.path(), &file)?;
    let count = |name: &str| rest[name].as_u64().unwrap_or_default();
    ensure!(
        count("unchanged") >= ROWS as u64 / 5 && count("changed") + count("rejected") == 0,
        "what was written before is known again: {rest}"
    );
    ensure!(
        count("unchanged") + count("created") == ROWS as u64,
        "{rest}"
    );
    let again = report(data.path(), &file)?;
    ensure!(again["unchanged"] == ROWS, "{again}");

    std::fs::write(data.path().join("sagsgang.toml"), "")?;
    let server = start(data)?;
    let token = server.command(&["user", "token", "administrator"], b"")?;
    let (client, token) = (server.client()?, token.trim());
    let mut found = BTreeSet::new();
    let mut after = String::new();
    let mut sample = None;
    loop {
        let page = get(
            &client,
            token,
            &format!("/api/v1/containers?limit=200{after}"),
        )
        .await?;
        for item in page["items"].as_array().context("a page has items")? {
            let printed = item["containerId"].as_str().context("a printed id")?;
            ensure!(found.insert(printed.to_owned()), "{printed} is there twice");
            sample = item["id"].as_str().map(str::to_owned);
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    ensure!(
        found.len() == ROWS,
        "{} of {ROWS} rows are there",
        found.len()
    );
    let sample = sample.context("there are containers")?;
    let history = get(
        &client,
        token,
        &format!("/api/v1/containers/{sample}/history"),
    )
    .await?;
    let entries = history["items"].as_array().context("a history has items")?;
    ensure!(
        entries.len() == 1,
        "it was made once and never changed: {history}"
    );
    let (status, _) = server.stop()?;
    ensure!(status.success());
    Ok(())
}
