//! Priorities that are worked out again: on events, by the clock, and not where a person has chosen.

use crate::world::*;
use sagsgang_domain::*;
use sagsgang_runtime::{CaseRef, Engine};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const WAIT: Option<Duration> = Some(Duration::from_secs(10));

async fn case(world: &World, fields: Value) -> Case {
    let new = missed(fields);
    let caller = caseworker();
    let made = world.engine.create_case(&caller, new, None, WAIT);
    let made = made.await.unwrap().case;
    world.completed(made.id, "waste/missed-collection").await;
    read(world, made.id).await
}

async fn read(world: &World, id: CaseId) -> Case {
    world.engine.case(&CaseRef::Id(id)).await.unwrap().unwrap()
}

async fn execute(world: &World, id: CaseId, commands: &[Value]) {
    let commands: Vec<Command> = commands.iter().cloned().map(command).collect();
    world
        .engine
        .execute(&caseworker(), &CaseRef::Id(id), commands, None, None)
        .await
        .unwrap();
}

/// Waits until so many runs of the workflow have completed for the case.
async fn reprioritised(world: &World, id: CaseId, times: usize) -> Case {
    world
        .until("the priority was worked out again", async |engine| {
            let runs = engine
                .runs(&of_case(id, Some("completed")), 50)
                .await
                .unwrap();
            let mut runs = runs
                .iter()
                .filter(|run| run.workflow == "waste/reprioritise");
            (runs.by_ref().count() >= times).then_some(())
        })
        .await;
    read(world, id).await
}

fn reasons(case: &Case) -> Vec<&str> {
    let reasons = case.priority_reasons.iter();
    reasons.map(|reason| reason.text.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_field_changes_the_priority_with_its_reasons() {
    let world = World::new().await;
    let before = case(&world, json!({ "fraction": "paper" })).await;
    assert_eq!(
        (before.priority.as_str(), before.priority_score),
        ("normal", Some(0))
    );
    let change =
        json!({ "type": "set-fields", "fields": { "fraction": "residual", "repeats": 2 } });
    execute(&world, before.id, &[change]).await;
    let after = reprioritised(&world, before.id, 1).await;
    assert_eq!(
        (after.priority.as_str(), after.priority_score),
        ("high", Some(30))
    );
    assert_eq!(
        reasons(&after),
        [
            "Affald, der lugter",
            "Mindst tredje manglende tømning på 60 dage"
        ]
    );
    let history = world.engine.history(before.id, 0, 100).await.unwrap();
    let changed = history
        .iter()
        .rev()
        .find(|entry| entry.kind == "case.priority-changed.v1");
    let cause = changed.unwrap().cause.clone().unwrap();
    assert_eq!(cause.workflow.as_deref(), Some("waste/reprioritise"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_choice_stays_until_it_is_given_back_and_is_worked_out_at_once_then() {
    let world = World::new().await;
    let before = case(&world, json!({ "fraction": "paper" })).await;
    execute(
        &world,
        before.id,
        &[json!({ "type": "set-priority", "priority": "critical" })],
    )
    .await;
    let change =
        json!({ "type": "set-fields", "fields": { "fraction": "residual", "repeats": 2 } });
    execute(&world, before.id, &[change]).await;
    let kept = reprioritised(&world, before.id, 1).await;
    assert_eq!(
        (kept.priority.as_str(), kept.priority_override),
        ("critical", true)
    );
    execute(&world, before.id, &[json!({ "type": "release-priority" })]).await;
    let given_back = reprioritised(&world, before.id, 2).await;
    assert_eq!(
        (given_back.priority.as_str(), given_back.priority_override),
        ("high", false)
    );
    assert_eq!(given_back.priority_score, Some(30));
    let kinds = world.history_kinds(before.id).await;
    assert!(
        kinds.contains(&"case.priority-released.v1".to_owned()),
        "{kinds:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_case_keeps_its_priority_and_a_reopened_one_is_worked_out_again() {
    let world = World::new().await;
    let before = case(&world, json!({ "fraction": "paper" })).await;
    let close = json!({ "type": "transition", "transition": "collected" });
    let change = json!({ "type": "set-fields", "fields": { "repeats": 2 } });
    execute(&world, before.id, &[change, close]).await;
    let closed = reprioritised(&world, before.id, 1).await;
    assert_eq!(closed.priority, "normal");
    execute(
        &world,
        before.id,
        &[json!({ "type": "transition", "transition": "reopen" })],
    )
    .await;
    let open = reprioritised(&world, before.id, 2).await;
    assert_eq!(open.priority_score, Some(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_case_that_gets_older_is_worked_out_again_in_the_night() {
    let hands = Hands::default();
    hands.set("2026-03-24T11:00:00Z");
    let clock = hands.clone();
    let world = World::with(|options| options.clock = Arc::new(clock)).await;
    let young = case(&world, json!({ "fraction": "residual", "repeats": 1 })).await;
    assert_eq!(
        (young.priority.as_str(), young.priority_score),
        ("normal", Some(20))
    );
    let starts = async |engine: &Engine| {
        let starts = engine.next_starts().await.unwrap();
        starts
            .get("waste/nightly-priority")
            .map(ToString::to_string)
    };
    let due = world
        .until("the night is noted", async |engine| starts(engine).await)
        .await;
    assert_eq!(due, "2026-03-24T23:05:00Z", "five past midnight in Denmark");
    // Summer time begins in the night of the 29th. It is the sixth day then, by the calendar and not by 120 hours.
    hands.set("2026-03-28T23:06:00Z");
    let older = reprioritised(&world, young.id, 1).await;
    assert_eq!(
        (older.priority.as_str(), older.priority_score),
        ("high", Some(30))
    );
    assert_eq!(reasons(&older).last(), Some(&"Åben i 5 dage"));
    let due = world
        .until("the next night is noted", async |engine| {
            starts(engine)
                .await
                .filter(|due| due != "2026-03-24T23:05:00Z")
        })
        .await;
    assert_eq!(
        due, "2026-03-29T22:05:00Z",
        "five past midnight in summer time"
    );
}

/// The third missed collection was known only where somebody had counted them before and written the number into the case.
#[tokio::test(flavor = "multi_thread")]
async fn the_third_missed_collection_of_a_container_in_60_days_is_counted_by_the_workflow() {
    let world = World::new().await;
    let container = crate::seen::container("240 l");
    let id = container.id;
    world.engine.put(&caseworker(), container).await.unwrap();
    let mut cases = Vec::new();
    for _ in 0..3 {
        let about = NewCase {
            containers: vec![id],
            ..missed(json!({ "fraction": "paper" }))
        };
        let caller = caseworker();
        let made = world.engine.create_case(&caller, about, None, WAIT);
        let made = made.await.unwrap().case.id;
        world.completed(made, "waste/missed-collection").await;
        cases.push(read(&world, made).await);
    }
    assert!(reasons(&cases[0]).is_empty(), "{:?}", reasons(&cases[0]));
    assert_eq!(reasons(&cases[1]), ["Anden manglende tømning på 60 dage"]);
    let third = "Mindst tredje manglende tømning på 60 dage";
    assert_eq!(reasons(&cases[2]), [third]);
    // Worked out again, the later ones do not count for the second.
    let second = cases[1].id;
    let set = json!({ "type": "set-fields", "fields": { "fraction": "food" } });
    execute(&world, second, &[set]).await;
    let again = reprioritised(&world, second, 1).await;
    assert!(
        reasons(&again).contains(&"Anden manglende tømning på 60 dage"),
        "{:?}",
        reasons(&again)
    );
}
