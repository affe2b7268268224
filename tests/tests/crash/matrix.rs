//! The rows of the table of crashes: killed at a known place, what must come of it, with the effects counted outside.
//!
//! | Killed | Test |
//! |---|---|
//! | before or after an event is written, before the answer | `an_event_that_is_sent_until_it_is_accepted_starts_one_run` |
//! | during a step | `killed_in_the_middle_of_a_step_nothing_of_it_was_written_and_it_is_stepped_again` |
//! | an action is written and nobody has taken it | `an_action_that_nobody_had_taken_is_taken_by_the_next_process` |
//! | an action runs that may run again | `killed_while_an_action_runs_it_runs_again_under_the_same_key`, `what_a_plugin_was_doing_is_done_again_under_its_key` |
//! | an action runs that must not run twice | `killed_while_an_action_runs_that_must_not_run_twice_a_person_decides` |
//! | its answer comes, and is not written | `killed_as_the_answer_comes_its_effects_are_there_once` |
//! | what a plugin asked for is about to be written | `killed_before_what_a_plugin_asked_for_is_written_it_is_asked_again_and_stands_once` |
//! | between the time of a timer and its firing | `a_time_that_passes_while_nothing_runs_comes_late_and_once` |
//! | a message has gone and is not marked | `a_message_that_may_have_gone_is_sent_again_with_the_same_id` |
//! | not killed, but frozen and back after its lease | `a_process_that_freezes_and_comes_back_late_changes_nothing` |
//! | by the run itself, each time | `killed_three_times_in_the_same_step_it_is_not_stepped_a_fourth_time` |
//! | by an action, each time | in the engine's own suite: `an_action_whose_process_is_gone_three_times_is_left_to_a_person` |
//!
//! Those in the middle of a step or an action are in [`super::steps`], the frozen one in [`super::frozen`].

use super::sink::{Request, Sink, one_thing};
use super::{get, notes, request, start, until_noted, verify};
use anyhow::{Context, Result, ensure};
use reqwest::Method;
use sagsgang_tests::client::Client;
use sagsgang_tests::server::Server;
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;

/// A lease is over after 30 s; whoever takes the action then needs a moment.
pub(super) const LEASE_OVER: Duration = Duration::from_secs(50);
pub(super) const SOON: Duration = Duration::from_secs(20);

/// Asks the outside by its own rules for what must not be done twice.
const MANIFEST: &str = "id = \"outside\"
version = \"1.0.0\"
interface = \"1\"
[title]
da = \"Udenfor\"
[[action]]
name = \"once\"
effect = \"once\"
[[action]]
name = \"again\"
effect = \"idempotent\"
[[action]]
name = \"keyed\"
effect = \"keyed\"
[[action]]
name = \"tell\"
effect = \"keyed\"
[[action]]
name = \"look\"
effect = \"pure\"
[capabilities]
case-commands = [\"note\"]
http = [{ origin = \"ORIGIN\", paths = [\"/\"] }]
[limits]
wall-ms = 60000
";
const SCRIPT: &str = "fn once(input) { http::post_json(input.url, #{}); #{ asked: true } }
fn again(input) { once(input) }
fn keyed(input) { once(input) }
fn tell(input) { once(input); commands::note(\"sagt\"); #{ told: true } }
fn look(input) { once(input) }";

pub(super) struct World {
    pub(super) server: Server,
    pub(super) client: Client,
    pub(super) token: String,
}

impl World {
    /// A server that may talk to the sink, with a workflow.
    pub(super) async fn start(config: &str, sink: &Sink, workflow: &str) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let origin = format!("http://127.0.0.1:{}", sink.port);
        let plugin = data.path().join("plugins/outside");
        std::fs::create_dir_all(&plugin)?;
        std::fs::write(
            plugin.join("plugin.toml"),
            MANIFEST.replace("ORIGIN", &origin),
        )?;
        std::fs::write(plugin.join("plugin.rhai"), SCRIPT)?;
        let config = format!(
            "[plugins]\ndevelopment = true\nallow_loopback = true\n[workflows]\nhttp_allow = \"{origin}\"\n{config}"
        );
        std::fs::write(data.path().join("sagsgang.toml"), config)?;
        let server = start(data)?;
        let token = server.command(&["user", "token", "administrator"], b"")?;
        let world = Self {
            client: server.client()?,
            token: token.trim().to_owned(),
            server,
        };
        let text = format!(
            "document: {{ dsl: '1.0.3', namespace: test, name: crossed, version: '1.0.0' }}\n{}\n",
            workflow.replace("ORIGIN", &origin)
        );
        let files = json!({ "files": [{ "path": "crossed.yaml", "text": text }] });
        world.post("/api/v1/workflows", &files).await?;
        Ok(world)
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = request(&self.client, &self.token, Method::POST, path).json(body);
        let answer = answer.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{path}: {status} {text}");
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub(super) async fn case(&self) -> Result<String> {
        let new = json!({ "caseType": "waste.complaint", "title": "Kryds" });
        let case = self.post("/api/v1/cases", &new).await?;
        Ok(case["id"].as_str().context("a case has an id")?.to_owned())
    }

    /// Killed where it stands, and started again after a while.
    pub(super) async fn crash(self, asleep: Duration) -> Result<Self> {
        let data = self.server.kill();
        tokio::time::sleep(asleep).await;
        Self::again(data, self.token)
    }

    /// A server on what one before has left.
    pub(super) fn again(data: TempDir, token: String) -> Result<Self> {
        let server = start(data)?;
        Ok(Self {
            client: server.client()?,
            token,
            server,
        })
    }

    pub(super) async fn noted(&self, case: &str, count: usize) -> Result<Vec<String>> {
        for _ in 0..3 {
            if let Ok(found) = until_noted(&self.client, &self.token, case, count).await {
                return Ok(found);
            }
        }
        until_noted(&self.client, &self.token, case, count).await
    }

    /// Everything is in order, and nothing more comes.
    pub(super) async fn end(self, case: &str, expected: &[&str]) -> Result<()> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let all = notes(&self.client, &self.token, case).await?;
        ensure!(all == expected, "each effect once, in order: {all:?}");
        let (status, data) = self.server.stop()?;
        ensure!(status.success());
        verify(data.path())
    }
}

pub(super) const ASKS: &str = "schedule: { on: { one: { with: { type: case.created.v1 } } }, read: data }
input: { from: '${ .[0] }' }
do:
  - before: { call: case-note, with: { case: '${ .caseId }', text: før }, export: { as: '${ .id }' } }
  - ask: { call: http, with: { method: post, endpoint: 'ORIGIN/PATH', body: {} } }
  - after: { call: case-note, with: { case: '${ $context }', text: efter } }";

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_an_action_runs_it_runs_again_under_the_same_key() -> Result<()> {
    let sink = Sink::http().await?;
    let world = World::start("", &sink, &ASKS.replace("PATH", "held/ask")).await?;
    let case = world.case().await?;
    sink.until(1, SOON).await?;
    let world = world.crash(Duration::ZERO).await?;
    let asked = sink.until(2, LEASE_OVER).await?;
    one_thing(&asked)?;
    world.noted(&case, 2).await?;
    world.end(&case, &["før", "efter"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_as_the_answer_comes_its_effects_are_there_once() -> Result<()> {
    let sink = Sink::http().await?;
    let mut world = World::start("", &sink, &ASKS.replace("PATH", "answered")).await?;
    let mut cases = Vec::new();
    for round in 0..3 {
        cases.push(world.case().await?);
        let asked = sink.received().len();
        sink.until(asked.max(round + 1), SOON).await?;
        world = world.crash(Duration::ZERO).await?;
    }
    for case in &cases {
        let all = world.noted(case, 2).await?;
        ensure!(all == ["før", "efter"], "{all:?}");
    }
    let keys: std::collections::BTreeSet<String> = sink
        .received()
        .into_iter()
        .map(|request| request.key)
        .collect();
    ensure!(keys.len() == cases.len(), "one key for each case: {keys:?}");
    let last = cases.pop().context("there are cases")?;
    world.end(&last, &["før", "efter"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_an_action_runs_that_must_not_run_twice_a_person_decides() -> Result<()> {
    let sink = Sink::http().await?;
    let workflow = "schedule: { on: { one: { with: { type: case.created.v1 } } }, read: data }
input: { from: '${ .[0] }' }
do:
  - before: { call: case-note, with: { case: '${ .caseId }', text: før } }
  - ask: { call: once, with: { url: 'ORIGIN/held/once' } }";
    let world = World::start("", &sink, workflow).await?;
    let case = world.case().await?;
    sink.until(1, SOON).await?;
    let world = world.crash(Duration::ZERO).await?;
    let mut open = Value::Null;
    for _ in 0..500 {
        open = get(&world.client, &world.token, "/api/v1/incidents").await?;
        if open["items"][0].is_object() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let detail = open["items"][0]["detail"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    ensure!(detail.contains("outcome is unknown"), "{open}");
    ensure!(sink.received().len() == 1, "{:?}", sink.received());
    world.end(&case, &["før"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_passes_while_nothing_runs_comes_late_and_once() -> Result<()> {
    let sink = Sink::http().await?;
    let workflow = "schedule: { on: { one: { with: { type: case.created.v1 } } }, read: data }
input: { from: '${ .[0] }' }
do:
  - before: { call: case-note, with: { case: '${ .caseId }', text: før }, export: { as: '${ .id }' } }
  - pause: { wait: PT2S }
  - after: { call: case-note, with: { case: '${ $context }', text: efter } }";
    let world = World::start("", &sink, workflow).await?;
    let case = world.case().await?;
    world.noted(&case, 1).await?;
    let world = world.crash(Duration::from_secs(3)).await?;
    world.noted(&case, 2).await?;
    let world = world.crash(Duration::ZERO).await?;
    world.end(&case, &["før", "efter"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_sent_until_it_is_accepted_starts_one_run() -> Result<()> {
    let sink = Sink::http().await?;
    let workflow = "schedule: { on: { one: { with: { type: dk.example.came.v1 } } } }
do:
  - done: { set: { done: true } }";
    let mut world = World::start("", &sink, workflow).await?;
    for number in 0..6_u64 {
        let event = json!({ "specversion": "1.0", "id": number.to_string(), "source": "/test",
            "type": "dk.example.came.v1" });
        let sent =
            request(&world.client, &world.token, Method::POST, "/api/v1/events").json(&event);
        let sent = sent.send();
        // Killed before, while or after it is written; whoever sends it does not know which.
        let _ = tokio::time::timeout(Duration::from_millis(number * 3), sent).await;
        world = world.crash(Duration::ZERO).await?;
        world.post("/api/v1/events", &event).await?;
        world.post("/api/v1/events", &event).await?;
    }
    let mut runs = Vec::new();
    for _ in 0..200 {
        let path = "/api/v1/runs?workflow=test/crossed&state=completed";
        let page = get(&world.client, &world.token, path).await?;
        runs = page["items"].as_array().cloned().unwrap_or_default();
        if runs.len() >= 6 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ensure!(runs.len() == 6, "one run for each event: {}", runs.len());
    let (_, data) = world.server.stop()?;
    verify(data.path())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_may_have_gone_is_sent_again_with_the_same_id() -> Result<()> {
    let sink = Sink::smtp().await?;
    let config = format!("[smtp]\nhost = \"127.0.0.1\"\nport = {}\n", sink.port);
    let world = World::start(&config, &sink, "do: [ { nothing: { set: {} } } ]").await?;
    let case = world.case().await?;
    let mail = json!({ "type": "send-message", "channel": "email", "to": "anna@borger.example",
        "subject": "Svar", "body": "Vi kommer i morgen." });
    world
        .post(&format!("/api/v1/cases/{case}/commands"), &mail)
        .await?;
    sink.until(1, SOON).await?;
    let world = world.crash(Duration::ZERO).await?;
    let taken = sink.until(2, Duration::from_secs(170)).await?;
    one_thing(&taken)?;
    let (_, data) = world.server.stop()?;
    verify(data.path())
}

#[test]
fn a_doubled_effect_would_be_seen() {
    let asked = |key: &str| Request {
        path: "/ask".to_owned(),
        key: key.to_owned(),
    };
    assert!(one_thing(&[asked("a"), asked("a")]).is_ok());
    assert!(one_thing(&[asked("a"), asked("b")]).is_err());
    assert!(one_thing(&[asked("")]).is_err());
    assert!(one_thing(&[]).is_err());
}
