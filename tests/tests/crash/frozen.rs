//! A process that freezes while it works, and comes back when another one has done its work.

use super::matrix::{ASKS, LEASE_OVER, SOON, World};
use super::sink::{Sink, one_thing};
use super::{get, notes, request};
use anyhow::{Context, Result, ensure};
use reqwest::Method;
use sagsgang_tests::client::Client;
use serde_json::json;
use std::time::Duration;

/// A process that stands still in the middle of a write holds the file, as no killed one does; then it has to go on a
/// little further.
const MOMENTS: usize = 5;

/// Whether this process can write.
async fn writes(client: &Client, token: &str, case: &str) -> bool {
    let path = format!("/api/v1/cases/{case}/commands");
    let tag = json!({ "type": "tag", "tag": "prøve" });
    let sent = request(client, token, Method::POST, &path)
        .json(&tag)
        .send();
    let answer = tokio::time::timeout(Duration::from_secs(5), sent).await;
    matches!(answer, Ok(Ok(answer)) if answer.status().is_success())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_freezes_and_comes_back_late_changes_nothing() -> Result<()> {
    let sink = Sink::http().await?;
    let world = World::start("", &sink, &ASKS.replace("PATH", "late/ask")).await?;
    let config = world.server.data().join("sagsgang.toml");
    let config = config.to_string_lossy().into_owned();
    let (_other, beside) = world.server.stand_in(&["serve", "--config", &config])?;
    let case = world.case().await?;
    sink.until(1, SOON).await?;
    let mut is_frozen = false;
    for _ in 0..MOMENTS {
        world.server.freeze()?;
        is_frozen = writes(&beside, &world.token, &case).await;
        if is_frozen {
            break;
        }
        world.server.thaw()?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    ensure!(is_frozen, "the other process can never write");
    let asked = sink.until(2, LEASE_OVER).await?;
    one_thing(&asked)?;
    let mut by_the_other = Vec::new();
    for _ in 0..200 {
        by_the_other = notes(&beside, &world.token, &case).await?;
        if by_the_other.len() > 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ensure!(by_the_other == ["før", "efter"], "{by_the_other:?}");
    // The answer that it was asked for lies there; it takes it up, and finds that the work is not its own any more.
    world.server.thaw()?;
    let runs = get(
        &world.client,
        &world.token,
        "/api/v1/runs?workflow=test/crossed",
    )
    .await?;
    let runs = runs["items"].as_array().context("a list has items")?;
    ensure!(
        runs.len() == 1 && runs[0]["status"] == "completed",
        "{runs:?}"
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    let incidents = get(&world.client, &world.token, "/api/v1/incidents").await?;
    ensure!(
        incidents["items"].as_array().is_some_and(Vec::is_empty),
        "{incidents}"
    );
    ensure!(sink.received().len() == 2, "{:?}", sink.received());
    world.end(&case, &["før", "efter"]).await
}
