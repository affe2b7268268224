//! The real binary, killed with SIGKILL: what was acknowledged is there, and workflows go on with their next step.

#[path = "crash/frozen.rs"]
mod frozen;
#[path = "crash/import.rs"]
mod import;
#[path = "crash/matrix.rs"]
mod matrix;
#[path = "crash/migration.rs"]
mod migration;
#[path = "crash/sink.rs"]
mod sink;
#[path = "crash/steps.rs"]
mod steps;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use sagsgang_tests::client::Client;
use sagsgang_tests::server::{Server, binary};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// Three actions of a plugin, one after the other; between the first and the second the run waits, so that the kill
/// falls between two steps.
const THREE_STEPS: &str =
    "document: { dsl: '1.0.3', namespace: test, name: three-steps, version: '1.0.0' }
schedule: { on: { one: { with: { type: case.created.v1 } } }, read: data }
input: { from: '${ .[0] }' }
do:
  - first: { call: step, with: { text: en } }
  - pause: { wait: PT2S }
  - second: { call: step, with: { text: to } }
  - third: { call: step, with: { text: tre } }
";

/// Not pure, so that each result is committed before the next step begins.
const MANIFEST: &str = "id = \"step\"
version = \"1.0.0\"
interface = \"1\"
[title]
da = \"Trin\"
[[action]]
name = \"step\"
effect = \"idempotent\"
[capabilities]
case-commands = [\"note\"]
";
const SCRIPT: &str = "fn step(input) { commands::note(input.text); #{ text: input.text } }";

struct Crashed {
    token: String,
}

/// A server on a data folder that has the step plugin, the workflow and an administrator with a token.
async fn first_start() -> Result<(Server, Crashed)> {
    let data = tempfile::tempdir()?;
    let plugin = data.path().join("plugins/step");
    std::fs::create_dir_all(&plugin)?;
    std::fs::write(plugin.join("plugin.toml"), MANIFEST)?;
    std::fs::write(plugin.join("plugin.rhai"), SCRIPT)?;
    std::fs::write(
        data.path().join("sagsgang.toml"),
        "[plugins]\ndevelopment = true\n",
    )?;
    let server = start(data)?;
    let token = server
        .command(&["user", "token", "administrator"], b"")?
        .trim()
        .to_owned();
    let published = request(&server.client()?, &token, Method::POST, "/api/v1/workflows")
        .json(&json!({ "files": [{ "path": "three-steps.yaml", "text": THREE_STEPS }] }))
        .send()
        .await?;
    ensure!(
        published.status().is_success(),
        "{}",
        published.text().await?
    );
    Ok((server, Crashed { token }))
}

fn start(data: TempDir) -> Result<Server> {
    let config = data.path().join("sagsgang.toml");
    let config = config.to_string_lossy().into_owned();
    Server::start(&binary()?, data, &["serve", "--config", &config])
}

fn request(client: &Client, token: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
    client.request(method, path).bearer_auth(token)
}

async fn get(client: &Client, token: &str, path: &str) -> Result<Value> {
    let answer = request(client, token, Method::GET, path).send().await?;
    ensure!(answer.status().is_success(), "{path}: {}", answer.status());
    Ok(answer.json().await?)
}

async fn create(client: &Client, token: &str, title: &str) -> Result<Value> {
    let answer = request(client, token, Method::POST, "/api/v1/cases")
        .header("idempotency-key", title)
        .json(&json!({ "caseType": "waste.complaint", "title": title }))
        .send()
        .await?;
    ensure!(
        answer.status().as_u16() == 201,
        "{}: {}",
        answer.status(),
        answer.text().await?
    );
    Ok(answer.json().await?)
}

async fn notes(client: &Client, token: &str, case: &str) -> Result<Vec<String>> {
    let history = get(
        client,
        token,
        &format!("/api/v1/cases/{case}/history?limit=200"),
    )
    .await?;
    let items = history["items"].as_array().context("a history has items")?;
    let notes = items.iter().filter(|item| item["type"] == "case.noted.v1");
    Ok(notes
        .filter_map(|item| item["data"]["text"].as_str())
        .map(str::to_owned)
        .collect())
}

/// Waits until a case has so many notes, for twenty seconds at the most.
async fn until_noted(
    client: &Client,
    token: &str,
    case: &str,
    count: usize,
) -> Result<Vec<String>> {
    for _ in 0..200 {
        let found = notes(client, token, case).await?;
        if found.len() >= count {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("{case} has {:?}", notes(client, token, case).await?)
}

fn verify(data: &Path) -> Result<()> {
    let output = std::process::Command::new(binary()?)
        .args(["verify", "--data"])
        .arg(data)
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_killed_between_two_steps_goes_on_with_the_next() -> Result<()> {
    let (server, it) = first_start().await?;
    let client = server.client()?;
    let case = create(&client, &it.token, "Mellem to trin").await?;
    let id = case["id"].as_str().context("a case has an id")?.to_owned();
    ensure!(until_noted(&client, &it.token, &id, 1).await? == ["en"]);
    let data = server.kill();
    let server = start(data)?;
    let client = server.client()?;
    let all = until_noted(&client, &it.token, &id, 3).await?;
    ensure!(
        all == ["en", "to", "tre"],
        "each step ran once, in order: {all:?}"
    );
    let (status, data) = server.stop()?;
    ensure!(status.success());
    verify(data.path())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_any_kill() -> Result<()> {
    let (server, it) = first_start().await?;
    let mut server = server;
    let mut acknowledged: BTreeSet<String> = BTreeSet::new();
    for round in 0_u64..4 {
        let client = server.client()?;
        let writers = (0..6).map(|writer| write_until_killed(&client, &it.token, round, writer));
        let writing = futures_util::future::join_all(writers);
        let kill_after = Duration::from_millis(250 + 170 * round);
        // The time is over long before the writers are: they write until nobody answers.
        let _ = tokio::time::timeout(kill_after, writing).await;
        acknowledged.extend(ACKS.lock().expect("no writer panics").drain(..));
        server = start(server.kill())?;
        let client = server.client()?;
        for number in &acknowledged {
            get(&client, &it.token, &format!("/api/v1/cases/{number}"))
                .await
                .with_context(|| format!("{number} was acknowledged before kill {round}"))?;
        }
    }
    ensure!(
        acknowledged.len() > 20,
        "only {} writes were acknowledged",
        acknowledged.len()
    );
    let (_, data) = server.stop()?;
    verify(data.path())
}

/// What was acknowledged, written down by the client itself.
static ACKS: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());

async fn write_until_killed(client: &Client, token: &str, round: u64, writer: u64) {
    for turn in 0.. {
        let Ok(case) = create(client, token, &format!("Kill {round} {writer} {turn}")).await else {
            break;
        };
        if let Some(number) = case["number"].as_str() {
            ACKS.lock()
                .expect("no writer panics")
                .push(number.to_owned());
        }
    }
}
