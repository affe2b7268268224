//! Killed in the middle of a step, between a step and the action that it asks for, and while a plugin is at work.

use super::matrix::{ASKS, LEASE_OVER, SOON, World};
use super::sink::{Sink, one_thing};
use super::{get, notes, verify};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const EVENT: &str = "dk.example.came.v1";

/// Makes a case and asks, in one step: the plugin has no effect, so that it is called before anything is written.
const LOOKS: &str = "schedule: { on: { one: { with: { type: dk.example.came.v1 } } }, read: data }
do:
  - made: { call: case-create, with: { type: waste.complaint, title: Midtvejs } }
  - ask: { call: look, with: { url: 'ORIGIN/PATH' } }";

async fn send(world: &World) -> Result<Value> {
    let event =
        json!({ "specversion": "1.0", "id": "1", "source": "/test", "type": EVENT, "data": {} });
    world.post("/api/v1/events", &event).await
}

async fn made(world: &World) -> Result<usize> {
    let page = get(&world.client, &world.token, "/api/v1/cases?limit=100").await?;
    let cases = page["items"].as_array().context("a list has items")?;
    let mine = cases.iter().filter(|case| case["title"] == "Midtvejs");
    Ok(mine.count())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_a_step_nothing_of_it_was_written_and_it_is_stepped_again()
-> Result<()> {
    let sink = Sink::http().await?;
    let world = World::start("", &sink, &LOOKS.replace("PATH", "held/look")).await?;
    send(&world).await?;
    sink.until(1, SOON).await?;
    ensure!(made(&world).await? == 0, "the step is not written yet");
    let world = world.crash(Duration::ZERO).await?;
    let asked = sink.until(2, SOON).await?;
    one_thing(&asked)?;
    for _ in 0..200 {
        if made(&world).await? > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Whatever would make a second one has had its time.
    tokio::time::sleep(Duration::from_secs(2)).await;
    ensure!(made(&world).await? == 1, "the step is written once");
    ensure!(sink.received().len() == 2, "{:?}", sink.received());
    let (_, data) = world.server.stop()?;
    verify(data.path())
}

/// A run that ends its process each time: it is stepped three times, and then a person has to look.
#[tokio::test(flavor = "multi_thread")]
async fn killed_three_times_in_the_same_step_it_is_not_stepped_a_fourth_time() -> Result<()> {
    let sink = Sink::http().await?;
    let mut world = World::start("", &sink, &LOOKS.replace("PATH", "dead/look")).await?;
    send(&world).await?;
    for times in 1..=3 {
        let asked = sink.until(times, SOON).await?;
        ensure!(asked.len() == times, "{asked:?}");
        world = world.crash(Duration::ZERO).await?;
    }
    let mut open = Value::Null;
    for _ in 0..500 {
        open = get(&world.client, &world.token, "/api/v1/incidents").await?;
        if open["items"][0].is_object() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let detail = open["items"][0]["detail"].as_str().unwrap_or_default();
    ensure!(detail.contains("died three times"), "{open}");
    // A restart does not begin it again either.
    let world = world.crash(Duration::ZERO).await?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    ensure!(sink.received().len() == 3, "{:?}", sink.received());
    ensure!(made(&world).await? == 0, "nothing of the step is written");
    let (_, data) = world.server.stop()?;
    verify(data.path())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_nobody_had_taken_is_taken_by_the_next_process() -> Result<()> {
    let sink = Sink::http().await?;
    let limits = "limits = \"http 1 at once\"\n";
    let world = World::start(limits, &sink, &ASKS.replace("PATH", "held/ask")).await?;
    let first = world.case().await?;
    sink.until(1, SOON).await?;
    let second = world.case().await?;
    world.noted(&second, 1).await?;
    ensure!(sink.received().len() == 1, "the second waits for its turn");
    let world = world.crash(Duration::ZERO).await?;
    let asked = sink.until(3, LEASE_OVER).await?;
    let mut by_key: BTreeMap<&str, usize> = BTreeMap::new();
    for request in &asked {
        *by_key.entry(&request.key).or_default() += 1;
    }
    let mut times: Vec<usize> = by_key.into_values().collect();
    times.sort_unstable();
    ensure!(
        times == [1, 2],
        "once, and once more under its key: {asked:?}"
    );
    world.noted(&first, 2).await?;
    world.noted(&second, 2).await?;
    let of_first = notes(&world.client, &world.token, &first).await?;
    ensure!(of_first == ["før", "efter"], "{of_first:?}");
    world.end(&second, &["før", "efter"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_was_doing_is_done_again_under_its_key() -> Result<()> {
    let sink = Sink::http().await?;
    let workflow = "schedule: { on: { one: { with: { type: case.created.v1 } } }, read: data }
input: { from: '${ .[0] }' }
do:
  - before: { call: case-note, with: { case: '${ .caseId }', text: før }, export: { as: '${ .id }' } }
  - both:
      fork:
        branches:
          - one: { call: again, with: { url: 'ORIGIN/held/again' } }
          - other: { call: keyed, with: { url: 'ORIGIN/held/keyed' } }
  - after: { call: case-note, with: { case: '${ $context }', text: efter } }";
    let world = World::start("", &sink, workflow).await?;
    let case = world.case().await?;
    sink.until(2, SOON).await?;
    let world = world.crash(Duration::ZERO).await?;
    sink.until(4, LEASE_OVER).await?;
    for path in ["/held/again", "/held/keyed"] {
        let asked = sink.received_for(path);
        ensure!(asked.len() == 2, "{path}: {asked:?}");
        one_thing(&asked)?;
    }
    world.noted(&case, 2).await?;
    world.end(&case, &["før", "efter"]).await
}

/// The plugin has ended and asked for a note; nothing can be written, since the test has the database's only right to.
#[tokio::test(flavor = "multi_thread")]
async fn killed_before_what_a_plugin_asked_for_is_written_it_is_asked_again_and_stands_once()
-> Result<()> {
    let sink = Sink::http().await?;
    let workflow = "schedule: { on: { one: { with: { type: case.created.v1 } } }, read: data }
input: { from: '${ .[0] }' }
do:
  - tell: { call: tell, with: { url: 'ORIGIN/late/tell' } }";
    let world = World::start("", &sink, workflow).await?;
    let case = world.case().await?;
    sink.until(1, SOON).await?;
    let database = world.server.data().join("sagsgang.db");
    ensure!(database.is_file(), "{} is not there", database.display());
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&database);
    let mut writer = options.connect().await?;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut writer).await?;
    // The second one who asks lets the first have its answer.
    let mut second = TcpStream::connect(("127.0.0.1", sink.port)).await?;
    second.write_all(b"GET /late/tell HTTP/1.1\r\n\r\n").await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = notes(&world.client, &world.token, &case).await?;
    ensure!(before.is_empty(), "it could not be written: {before:?}");
    let data = world.server.kill();
    sqlx::query("ROLLBACK").execute(&mut writer).await?;
    writer.close().await?;
    let world = World::again(data, world.token)?;
    sink.until(3, LEASE_OVER).await?;
    let asked = sink.received_for("/late/tell");
    one_thing(&[asked[0].clone(), asked[2].clone()])?;
    world.noted(&case, 1).await?;
    world.end(&case, &["sagt"]).await
}
