//! Cases on their way to another version of their case type, killed in the middle, and on the way back too.

use super::{get, start};
use anyhow::{Context, Result, ensure};
use sagsgang_tests::process::Process;
use sagsgang_tests::server::binary;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// More than ten batches.
const CASES: usize = 6_000;
const LIMIT: Duration = Duration::from_secs(180);

fn case_type(version: u32, open: &str, field: &str) -> String {
    format!(
        "caseType: test.moving
version: {version}
fields: {{ type: object, additionalProperties: false, properties: {{ {field}: {{ type: integer, maximum: 99 }} }} }}
statuses: {{ created: {{ initial: true }}, {open}: {{}}, closed: {{ final: true }} }}
transitions: [ {{ name: go, from: created, to: {open} }}, {{ name: close, from: '*', to: closed }} ]
"
    )
}

fn command(data: &Path, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(binary()?);
    command.args(arguments).arg("--data").arg(data);
    Ok(command)
}

fn said(data: &Path, arguments: &[&str]) -> Result<(bool, String)> {
    let output = command(data, arguments)?.output()?;
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    Ok((output.status.success(), printed))
}

/// Runs a command and kills it when it has come so far.
fn kill_at(data: &Path, arguments: &[&str], cases: u64) -> Result<()> {
    let mut command = command(data, arguments)?;
    let mut running = Process::start(&mut command)?;
    running.wait_for(LIMIT, |line| {
        let (told, _) = line.split_once(" cases")?;
        told.trim().parse().ok().filter(|told: &u64| *told >= cases)
    })?;
    drop(running);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_that_move_when_the_program_is_killed_move_once_and_come_back_once() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path();
    let pack = data.join("pack");
    std::fs::create_dir(&pack)?;
    std::fs::write(pack.join("moving.yaml"), case_type(1, "open", "amount"))?;
    let pack_path = pack.to_string_lossy().into_owned();
    let (ok, printed) = said(data, &["publish", &pack_path])?;
    ensure!(ok, "{printed}");
    // The last one does not fit the new version.
    let mut rows = "key;caseType;title;fields.amount\n".to_owned();
    for row in 0..CASES {
        let amount = if row == CASES - 1 { 99 } else { row % 50 };
        writeln!(rows, "K{row};test.moving;Sag {row};{amount}")?;
    }
    let file = data.join("sager.csv");
    std::fs::write(&file, rows)?;
    let (ok, printed) = said(data, &["import", "cases", &file.to_string_lossy()])?;
    ensure!(ok, "{printed}");
    let second = case_type(2, "running", "pieces").replace("99", "50");
    std::fs::write(pack.join("moving.yaml"), second)?;
    let (ok, printed) = said(data, &["publish", &pack_path])?;
    ensure!(ok, "{printed}");

    let report = data.join("report.csv").to_string_lossy().into_owned();
    let both = ["--from", "1", "--to", "2", "--map-field", "amount=pieces"];
    let migrate = [&["case-type", "migrate", "test.moving"], &both[..]].concat();
    let (ok, printed) = said(
        data,
        &[&migrate[..], &["--dry-run", "--report", &report]].concat(),
    )?;
    ensure!(
        !ok && printed.contains("5999 can be moved, 1 stay"),
        "{printed}"
    );
    let told = std::fs::read_to_string(&report)?;
    ensure!(
        told.contains(";fields-invalid;") && told.lines().count() == 2,
        "{told}"
    );
    for cases in [1_000, 3_000] {
        kill_at(data, &migrate, cases)?;
    }
    let (ok, printed) = said(data, &migrate)?;
    ensure!(
        !ok && printed.contains("5999 moved, 1 stay"),
        "each case is counted once: {printed}"
    );
    let (_, listed) = said(data, &["case-type", "migrations", "test.moving", "--json"])?;
    let listed: Value = serde_json::from_str(&listed)?;
    let known = listed.as_array().context("a list")?;
    ensure!(
        known.len() == 2,
        "the trial, and one migration that went on: {listed}"
    );
    let id = known[0]["id"].as_str().context("an id")?.to_owned();

    let revert = ["case-type", "revert", "test.moving", &id];
    kill_at(data, &revert, 2_000)?;
    let (ok, printed) = said(data, &revert)?;
    ensure!(ok && printed.contains("5999 put back, 0 stay"), "{printed}");
    let (ok, printed) = said(data, &["verify"])?;
    ensure!(ok, "{printed}");

    std::fs::write(data.join("sagsgang.toml"), "")?;
    let server = start(folder)?;
    let token = server.command(&["user", "token", "administrator"], b"")?;
    let (client, token) = (server.client()?, token.trim());
    let list = get(&client, token, "/api/v1/cases?limit=3").await?;
    for item in list["items"].as_array().context("a page has items")? {
        let number = item["number"].as_str().context("a case has a number")?;
        let case = get(&client, token, &format!("/api/v1/cases/{number}")).await?;
        ensure!(case["caseTypeVersion"] == 1, "{case}");
    }
    Ok(())
}
