//! Workflows that start by the clock, with a clock that the test moves.

use crate::world::{Hands, World};
use sagsgang_runtime::{RunFilter, RunView};
use std::sync::Arc;

struct Scheduled {
    world: World,
    hands: Hands,
}

impl Scheduled {
    /// A workflow with a schedule, published at a moment.
    async fn new(now: &str, metadata: &str, schedule: &str, body: &str) -> Self {
        Self::of_town("Europe/Copenhagen", now, metadata, schedule, body).await
    }

    /// Where the municipality lies in a time zone.
    async fn of_town(zone: &str, now: &str, metadata: &str, schedule: &str, body: &str) -> Self {
        let hands = Hands::default();
        hands.set(now);
        let clock = hands.clone();
        let world = World::with(|options| {
            options.clock = Arc::new(clock);
            zone.clone_into(&mut options.municipality.time_zone);
        })
        .await;
        world
            .publish(&format!(
                "document: {{ dsl: '1.0.3', namespace: test, name: nightly, version: '1.0.0', metadata: {{ {metadata} }} }}\n\
                 schedule: {{ {schedule} }}\n{body}\n"
            ))
            .await;
        let scheduled = Self { world, hands };
        // What waits for the end of a run is due at once, and then has no next start.
        scheduled
            .world
            .until("the schedule is noted", async |engine| {
                let starts = engine.next_starts().await.unwrap();
                let noted = starts.contains_key("test/nightly");
                (noted || !scheduled.runs().await.is_empty()).then_some(())
            })
            .await;
        scheduled
    }

    /// Waits until the next start fits.
    async fn due(&self, fits: impl Fn(&str) -> bool) -> String {
        self.world
            .until("the next start is noted", async |engine| {
                let starts = engine.next_starts().await.unwrap();
                let due = starts.get("test/nightly").map(ToString::to_string);
                due.filter(|due| fits(due))
            })
            .await
    }

    async fn runs(&self) -> Vec<RunView> {
        let mut runs = self
            .world
            .engine
            .runs(&RunFilter::default(), 100)
            .await
            .unwrap();
        runs.retain(|run| run.workflow == "test/nightly");
        runs.reverse();
        runs
    }

    async fn until_runs(&self, count: usize, status: &str) -> Vec<RunView> {
        self.world
            .until("so many runs", async |_| {
                let mut runs = self.runs().await;
                runs.retain(|run| run.status == status);
                (runs.len() >= count).then_some(runs)
            })
            .await
    }
}

const QUICK: &str = "do:\n  - done: { set: { at: '${ .scheduledFor }' } }";
const LONG: &str = "do:\n  - pause: { wait: PT1H }";

fn times(runs: &[RunView]) -> Vec<String> {
    runs.iter()
        .filter_map(|run| run.output.as_ref()?["at"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_starts_at_its_time_of_day_once_even_if_the_clock_goes_back() {
    let it = Scheduled::new(
        "2026-11-24T01:00:00Z",
        "timezone: Europe/Copenhagen",
        "cron: '15 2 * * *'",
        QUICK,
    )
    .await;
    assert_eq!(it.due(|_| true).await, "2026-11-24T01:15:00Z");
    it.hands.set("2026-11-24T01:15:01Z");
    let runs = it.until_runs(1, "completed").await;
    assert_eq!(times(&runs), ["2026-11-24T01:15:00Z"]);
    it.hands.set("2026-11-24T01:14:00Z");
    it.hands.set("2026-11-24T01:15:30Z");
    // The next day's run shows that the day's was looked at again and not repeated.
    it.hands.set("2026-11-25T01:15:30Z");
    let runs = it.until_runs(2, "completed").await;
    assert_eq!(
        times(&runs),
        ["2026-11-24T01:15:00Z", "2026-11-25T01:15:00Z"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_is_caught_up_with_as_the_workflow_says() {
    for (catch_up, expected) in [("none", 0), ("once", 1), ("all", 3)] {
        let it = Scheduled::new(
            "2026-11-24T12:00:30Z",
            &format!("catchUp: {catch_up}"),
            "cron: '0 * * * *'",
            QUICK,
        )
        .await;
        it.hands.set("2026-11-24T15:30:00Z");
        it.due(|due| due == "2026-11-24T16:00:00Z").await;
        let runs = it.until_runs(expected, "completed").await;
        assert_eq!(runs.len(), expected, "{catch_up}");
        it.hands.set("2026-11-24T16:00:10Z");
        let runs = it.until_runs(expected + 1, "completed").await;
        assert_eq!(times(&runs).last().unwrap(), "2026-11-24T16:00:00Z");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_has_not_ended_keeps_the_next_away_where_the_workflow_says_so() {
    for (overlap, expected) in [("skip", 1), ("queue", 1), ("allow", 2)] {
        let it = Scheduled::new(
            "2026-11-24T12:00:30Z",
            &format!("overlap: {overlap}"),
            "cron: '*/10 * * * *'",
            LONG,
        )
        .await;
        it.hands.set("2026-11-24T12:10:00Z");
        it.until_runs(1, "waiting").await;
        it.hands.set("2026-11-24T12:20:00Z");
        match overlap {
            "queue" => drop(it.due(|due| due == "2026-11-24T12:20:00Z").await),
            _ => drop(it.due(|due| due == "2026-11-24T12:30:00Z").await),
        }
        assert_eq!(it.runs().await.len(), expected, "{overlap}");
        // The first ends; what was queued starts.
        it.hands.set("2026-11-24T13:10:00Z");
        it.until_runs(1, "completed").await;
        // The start of 13:10 may have been left out still, by whether the clock or the run was looked at first.
        it.hands.set("2026-11-24T13:20:00Z");
        it.until_runs(1, "waiting").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interval_overlaps_and_a_delay_after_the_end_never_does() {
    let every = Scheduled::new("2026-11-24T12:00:00Z", "", "every: { minutes: 10 }", LONG).await;
    assert_eq!(every.due(|_| true).await, "2026-11-24T12:10:00Z");
    every.hands.set("2026-11-24T12:10:00Z");
    every.until_runs(1, "waiting").await;
    every.hands.set("2026-11-24T12:20:00Z");
    every.until_runs(2, "waiting").await;

    let after = Scheduled::new("2026-11-24T12:00:00Z", "", "after: { minutes: 10 }", LONG).await;
    after.until_runs(1, "waiting").await;
    after.hands.set("2026-11-24T12:59:00Z");
    assert_eq!(after.runs().await.len(), 1);
    after.hands.set("2026-11-24T13:00:00Z");
    after.until_runs(1, "completed").await;
    assert_eq!(
        after.due(|due| due != "2026-11-24T12:00:00Z").await,
        "2026-11-24T13:10:00Z"
    );
    after.hands.set("2026-11-24T13:10:00Z");
    after.until_runs(1, "waiting").await;
}

/// The zone of the municipality was a setting that workflows did not heed: they all ran by Danish time.
#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_that_names_no_zone_has_that_of_the_municipality() {
    let told = "do:\n  - done: { set: { at: '${ .scheduledFor }', told: '${ .scheduledFor | fmt_time }', day: '${ .scheduledFor | fmt_date }' } }";
    let (cron, town) = ("cron: '15 22 * * *'", "America/New_York");
    let now = "2026-07-24T12:00:00Z";
    let it = Scheduled::of_town(town, now, "", cron, told).await;
    let due = it.due(|_| true).await;
    assert_eq!(due, "2026-07-25T02:15:00Z", "22:15 in summer");
    it.hands.set("2026-07-25T02:15:01Z");
    let runs = it.until_runs(1, "completed").await;
    let output = runs[0].output.clone().unwrap();
    assert_eq!(output["told"], "24.07.2026 kl. 22.15");
    assert_eq!(output["day"], "24.07.2026");
    // A month on the calendar ends at the same time of day, which is another hour of the world there.
    let (noon, pauses) = ("cron: '0 12 31 10 *'", "do:\n  - pause: { wait: P1M }");
    let it = Scheduled::of_town(town, "2026-10-31T12:00:00Z", "", noon, pauses).await;
    it.hands.set("2026-10-31T16:00:00Z");
    let runs = it.until_runs(1, "waiting").await;
    let waits = runs[0].waits[0].sentence();
    assert!(waits.contains("2026-11-30T17:00:00Z"), "{waits}");
    // What a file names goes before.
    let own = "timezone: Europe/Copenhagen";
    let it = Scheduled::of_town(town, now, own, cron, told).await;
    assert_eq!(it.due(|_| true).await, "2026-07-24T20:15:00Z");
}
