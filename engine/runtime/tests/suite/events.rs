//! Workflows that wait: for events of their case, for time; and events from outside.

use crate::world::{Hands, World, administrator, caseworker, command, missed, of_case};
use sagsgang_runtime::RunDecision;
use serde_json::json;
use std::time::Duration;

const LISTENING: &str =
    "document: { dsl: '1.0.3', namespace: test, name: listening, version: '1.0.0' }
schedule: { on: { one: { with: { type: case.created.v1 } } } }
input: { from: '${ .[0] }' }
do:
  - outcome:
      listen:
        to:
          one:
            with: { type: case.status-changed.v1, data: '${ .to == \"closed\" }' }
            correlate: { case: { from: .subject, expect: '${ $workflow.input[0].caseId }' } }
  - thanks: { call: case-note, with: { text: Lukket og slut } }
";

#[tokio::test(flavor = "multi_thread")]
async fn a_run_waits_for_its_own_case_and_for_nothing_else() {
    let world = World::new().await;
    world.publish(LISTENING).await;
    let wait = Some(Duration::from_secs(10));
    let mine = world
        .engine
        .create_case(&caseworker(), missed(json!({})), None, wait)
        .await
        .unwrap()
        .case;
    let other = world
        .engine
        .create_case(&caseworker(), missed(json!({})), None, wait)
        .await
        .unwrap()
        .case;
    let runs = world
        .engine
        .runs(&of_case(mine.id, Some("waiting")), 5)
        .await
        .unwrap();
    assert_eq!(runs.len(), 1);
    assert!(
        runs[0].waits[0]
            .sentence()
            .contains("case.status-changed.v1"),
        "{:?}",
        runs[0].waits
    );
    let close = || vec![command(json!({ "type": "set-status", "status": "closed" }))];
    world
        .engine
        .execute(&caseworker(), &mine.id.into(), close(), None, None)
        .await
        .unwrap();
    world.completed(mine.id, "test/listening").await;
    let noted = |kinds: Vec<String>| kinds.iter().filter(|kind| *kind == "case.noted.v1").count();
    assert_eq!(noted(world.history_kinds(mine.id).await), 1);
    assert_eq!(noted(world.history_kinds(other.id).await), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_from_outside_is_accepted_once_and_starts_its_workflow() {
    let world = World::new().await;
    world
        .publish(
            "document: { dsl: '1.0.3', namespace: test, name: delivered, version: '1.0.0' }\n\
             schedule: { on: { one: { with: { type: fleet.container-delivered.v1 } } }, read: envelope }\n\
             input: { from: '${ .[0] }' }\n\
             do:\n\
             \x20 - open:\n\
             \x20     call: case-create\n\
             \x20     with: { type: waste.container-exchange, key: '${ .source + \"/\" + .id }', title: '${ \"Leveret \" + .data.container }' }\n",
        )
        .await;
    let event = json!({ "specversion": "1.0", "source": "/fleet", "id": "42", "type": "fleet.container-delivered.v1",
        "data": { "container": "BH-1" } });
    assert!(
        world
            .engine
            .accept_event(&administrator(), event.clone())
            .await
            .unwrap()
    );
    assert!(
        !world
            .engine
            .accept_event(&administrator(), event)
            .await
            .unwrap()
    );
    let case = world
        .until("the case was opened", async |engine| {
            let page = engine
                .list_cases(&Default::default(), Default::default(), None, 5)
                .await
                .unwrap();
            page.items.into_iter().next()
        })
        .await;
    assert_eq!(case.title, "Leveret BH-1");
    assert!(
        world
            .engine
            .accept_event(&caseworker(), json!({}))
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_ends_by_itself_and_a_cancelled_run_does_not_go_on() {
    let world = World::new().await;
    let text = |name: &str, pause: &str| {
        format!(
            "document: {{ dsl: '1.0.3', namespace: test, name: {name}, version: '1.0.0' }}\n\
             do:\n  - pause: {{ wait: {pause} }}\n  - done: {{ set: {{ ended: true }} }}\n"
        )
    };
    world.publish(&text("short", "PT1S")).await;
    world.publish(&text("long", "PT1H")).await;
    let short = world
        .engine
        .start_run(&administrator(), "test/short", json!({}), None, None)
        .await
        .unwrap();
    let long = world
        .engine
        .start_run(
            &administrator(),
            "test/long",
            json!({}),
            None,
            Some(Duration::from_secs(10)),
        )
        .await
        .unwrap();
    assert_eq!(long.status, "waiting");
    let cancelled = world
        .engine
        .decide_run(
            &administrator(),
            long.id,
            &RunDecision::Cancel,
            "ikke længere",
        )
        .await
        .unwrap();
    assert_eq!(cancelled.status, "cancelled");
    let ended = world
        .until("the short pause ended", async |engine| {
            engine
                .run(short.id)
                .await
                .unwrap()
                .filter(|run| run.status == "completed")
        })
        .await;
    assert_eq!(ended.output, Some(json!({ "ended": true })));
}

/// Listens for what the bundled workflow does to the same case at the same moment.
const WATCHING: &str =
    "document: { dsl: '1.0.3', namespace: test, name: watcher, version: '1.0.0' }
schedule: { on: { one: { with: { type: case.created.v1 } } } }
input: { from: '${ .[0] }' }
do:
  - watch: { listen: { to: { one: { with: { type: case.priority-changed.v1 } } } } }
";

#[tokio::test(flavor = "multi_thread")]
async fn a_run_hears_what_another_run_does_at_the_moment_it_begins_to_listen() {
    let world = World::new().await;
    world.publish(WATCHING).await;
    for _ in 0..8 {
        let case = world
            .engine
            .create_case(
                &caseworker(),
                missed(json!({ "fraction": "hazardous" })),
                None,
                None,
            )
            .await
            .unwrap()
            .case;
        world.completed(case.id, "test/watcher").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_hears_what_its_own_other_branch_does_in_the_same_step() {
    let world = World::new().await;
    world
        .publish(
            "document: { dsl: '1.0.3', namespace: test, name: branches, version: '1.0.0' }\n\
             schedule: { on: { one: { with: { type: case.created.v1 } } } }\n\
             input: { from: '${ .[0] }' }\n\
             do:\n\
             \x20 - both:\n\
             \x20     fork:\n\
             \x20       branches:\n\
             \x20         - listens: { listen: { to: { one: { with: { type: case.noted.v1 } } } } }\n\
             \x20         - notes: { call: case-note, with: { text: Hører du mig? } }\n",
        )
        .await;
    let case = world
        .engine
        .create_case(&caseworker(), missed(json!({})), None, None)
        .await
        .unwrap()
        .case;
    world.completed(case.id, "test/branches").await;
}

/// A clock that is set back makes nothing due that is not, and nothing twice that was.
#[tokio::test(flavor = "multi_thread")]
async fn a_pause_ends_once_at_its_time_however_the_clock_is_set() {
    let hands = Hands::default();
    hands.set("2026-11-24T12:00:00Z");
    let clock = std::sync::Arc::new(hands.clone());
    let world = World::with(|options| options.clock = clock).await;
    let text = "document: { dsl: '1.0.3', namespace: test, name: rests, version: '1.0.0' }\n\
                do:\n  - pause: { wait: PT1H }\n  - hear: { listen: { to: { one: { with: { type: never } } } } }\n";
    world.publish(text).await;
    let who = administrator();
    let wait = Some(Duration::from_secs(10));
    let run = world
        .engine
        .start_run(&who, "test/rests", json!({}), None, wait);
    let run = run.await.unwrap();
    let tasks = async || {
        let now = world.engine.run(run.id).await.unwrap().unwrap();
        (now.tasks, now.moves)
    };
    // Timers are looked at twice a second.
    let a_look = Duration::from_millis(1_200);
    for moment in ["2026-11-23T12:00:00Z", "2026-11-24T12:59:59Z"] {
        hands.set(moment);
        tokio::time::sleep(a_look).await;
        assert_eq!(
            tasks().await,
            (vec!["pause".to_owned()], run.moves),
            "{moment}"
        );
    }
    hands.set("2026-11-24T13:00:01Z");
    let ended = world
        .until("the pause has ended", async |engine| {
            let found = engine.run(run.id).await.unwrap()?;
            (found.tasks == ["pause", "hear"]).then_some(found)
        })
        .await;
    assert_eq!(ended.moves, run.moves + 1);
    for moment in ["2026-11-24T12:30:00Z", "2026-11-24T13:30:00Z"] {
        hands.set(moment);
        tokio::time::sleep(a_look).await;
        assert_eq!(
            tasks().await,
            (ended.tasks.clone(), ended.moves),
            "{moment}"
        );
    }
    assert_eq!(world.engine.verify(|_| {}).await.unwrap().first_bad, None);
}
