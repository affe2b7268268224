//! Many runs moved to another version of their workflow, and runs that a person sends to another task.

use crate::world::{World, administrator, caseworker};
use sagsgang_domain::{InstanceId, Rejection};
use sagsgang_runtime::{ExecuteError, MovedRun, RunDecision, RunMigration, RunView};
use serde_json::{Value, json};
use std::time::Duration;

const WAIT: Option<Duration> = Some(Duration::from_secs(10));

fn text(version: &str, body: &str) -> String {
    format!(
        "document: {{ dsl: '1.0.3', namespace: test, name: moved, version: '{version}' }}\ndo:\n{body}"
    )
}

/// Where a run stands depends on its input.
const FIRST: &str = "  - way: { switch: [ { a: { when: .way == 1, then: one } }, { b: { when: .way == 2, then: two } }, { c: { then: end } } ] }
  - one: { listen: { to: { one: { with: { type: test.go } } } }, then: last }
  - two: { wait: P1D, then: last }
  - last: { set: { version: first } }
";

/// `two` is gone, and `one` is followed by another end.
const SECOND: &str =
    "  - way: { switch: [ { a: { when: .way == 1, then: one } }, { c: { then: end } } ] }
  - one: { listen: { to: { one: { with: { type: test.go } } } } }
  - last: { set: { version: second } }
";

async fn start(world: &World, way: u32) -> RunView {
    let input = json!({ "way": way });
    let operator = administrator();
    let begun = world
        .engine
        .start_run(&operator, "test/moved", input, None, WAIT);
    begun.await.unwrap()
}

fn asked(dry_run: bool) -> RunMigration {
    RunMigration {
        workflow: "test/moved".to_owned(),
        to: "2.0.0".to_owned(),
        dry_run,
        reason: "ny aftale med vognmanden".to_owned(),
        limit: 100,
        ..RunMigration::default()
    }
}

async fn migrate(world: &World, asked: &RunMigration) -> Vec<MovedRun> {
    let moved = world.engine.migrate_runs(&administrator(), asked).await;
    moved.unwrap().runs
}

/// The runs that stay, with the tasks at which they stand, and why.
fn stay(moved: &[MovedRun]) -> Vec<(InstanceId, Vec<String>, String)> {
    let stay = moved.iter().filter(|one| !one.reasons.is_empty());
    stay.map(|one| (one.run, one.standing.clone(), one.reasons[0].to_string()))
        .collect()
}

async fn go(world: &World) {
    let event = json!({ "specversion": "1.0", "id": "1", "source": "/test", "type": "test.go", "data": {} });
    let accepted = world.engine.accept_event(&administrator(), event).await;
    assert!(accepted.unwrap());
}

async fn until(world: &World, run: InstanceId, status: &str) -> RunView {
    world
        .until(status, async |engine| {
            let found = engine.run(run).await.unwrap()?;
            (found.status == status).then_some(found)
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_runs_are_tried_and_moved_together_and_each_that_stays_says_why() {
    let world = World::new().await;
    world.publish(&text("1.0.0", FIRST)).await;
    let (left, right) = (start(&world, 1).await, start(&world, 1).await);
    let stands = start(&world, 2).await;
    let ended = start(&world, 3).await;
    assert_eq!(ended.status, "completed");
    world.publish(&text("2.0.0", SECOND)).await;

    let tried = migrate(&world, &asked(true)).await;
    assert_eq!(
        tried.len(),
        3,
        "runs that have ended are none of them: {tried:?}"
    );
    let why = "it stands at `two`, which the other version does not have there";
    let expected = vec![(stands.id, vec!["two".to_owned()], why.to_owned())];
    assert_eq!(stay(&tried), expected);
    for run in [&left, &right, &stands] {
        let now = world.engine.run(run.id).await.unwrap().unwrap();
        assert_eq!(now.version, "1.0.0", "a trial moves nothing");
        assert_eq!(now.moves, run.moves);
    }

    let moved = migrate(&world, &asked(false)).await;
    assert_eq!(stay(&moved), expected);
    assert_eq!(moved[0].standing, ["one"]);
    for run in [&left, &right] {
        let now = world.engine.run(run.id).await.unwrap().unwrap();
        assert_eq!((now.version.as_str(), now.status), ("2.0.0", "waiting"));
        let journal = world.engine.run_journal(run.id, 0, 100).await.unwrap();
        let entry = journal.last().unwrap();
        assert_eq!(entry.actor.id, "administrator");
        assert_eq!(
            entry.input,
            json!({ "kind": "migrate", "from": "1.0.0", "to": "2.0.0", "reason": "ny aftale med vognmanden" })
        );
    }
    go(&world).await;
    for run in [&left, &right] {
        let ended = until(&world, run.id, "completed").await;
        assert_eq!(ended.output, Some(json!({ "version": "second" })));
    }

    let again = migrate(&world, &asked(false)).await;
    assert_eq!(stay(&again), expected, "whoever was moved is passed over");
    assert_eq!(again.len(), 1);
    let report = world.engine.verify(|_| ()).await.unwrap();
    assert_eq!(
        report.first_bad, None,
        "every run is the fold of its journal"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_runs_are_moved_part_by_part_and_from_one_version_where_it_is_named() {
    let world = World::new().await;
    world.publish(&text("1.0.0", FIRST)).await;
    for _ in 0..5 {
        start(&world, 1).await;
    }
    world.publish(&text("1.1.0", FIRST)).await;
    start(&world, 1).await;
    world.publish(&text("2.0.0", SECOND)).await;
    let mut part = RunMigration {
        from: Some("1.0.0".to_owned()),
        limit: 2,
        ..asked(false)
    };
    let mut seen = Vec::new();
    for _ in 0..10 {
        let moved = world
            .engine
            .migrate_runs(&administrator(), &part)
            .await
            .unwrap();
        assert!(moved.runs.len() <= 2);
        seen.extend(moved.runs);
        part.after = moved.next;
        if part.after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(
        seen.iter()
            .all(|one| one.from == "1.0.0" && one.reasons.is_empty()),
        "{seen:?}"
    );
    let left = migrate(&world, &asked(true)).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].from, "1.1.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_moves_runs_without_the_right_a_reason_and_a_published_version() {
    let world = World::new().await;
    world.publish(&text("1.0.0", FIRST)).await;
    let refused = async |who: &sagsgang_domain::Caller, asked: &RunMigration| {
        world.engine.migrate_runs(who, asked).await.unwrap_err()
    };
    assert!(matches!(
        refused(&caseworker(), &asked(true)).await,
        ExecuteError::Rejected(Rejection::NotAllowed { .. })
    ));
    assert!(matches!(
        refused(&administrator(), &asked(true)).await,
        ExecuteError::RunState(why) if why.contains("2.0.0")
    ));
    let silent = RunMigration {
        reason: " ".to_owned(),
        ..asked(false)
    };
    assert!(matches!(
        refused(&administrator(), &silent).await,
        ExecuteError::Rejected(Rejection::Empty { field: "reason" })
    ));
}

async fn jump(
    world: &World,
    run: &RunView,
    to: &str,
    input: Option<Value>,
) -> Result<RunView, ExecuteError> {
    let to = to.to_owned();
    let decision = RunDecision::Jump { to, input };
    let reason = "bestilt i telefonen";
    world
        .engine
        .decide_run(&administrator(), run.id, &decision, reason)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_run_is_sent_to_another_task_with_a_reason_in_its_journal() {
    let world = World::new().await;
    world.publish(&text("1.0.0", FIRST)).await;
    let run = start(&world, 1).await;
    assert_eq!(run.status, "waiting");
    let targets = world.engine.run(run.id).await.unwrap().unwrap().targets;
    assert_eq!(targets, ["way", "one", "two", "last"]);
    let refused = jump(&world, &run, "nowhere", None).await.unwrap_err();
    assert!(matches!(refused, ExecuteError::RunState(why) if why.contains("nowhere")));

    let waits = jump(&world, &run, "two", None).await.unwrap();
    assert_eq!(
        (waits.status, waits.waits[0].task.as_str()),
        ("waiting", "two")
    );
    let ended = jump(&world, &run, "last", None).await.unwrap();
    assert_eq!(ended.output, Some(json!({ "version": "first" })));
    let journal = world.engine.run_journal(run.id, 0, 100).await.unwrap();
    let jumps: Vec<_> = journal
        .iter()
        .filter(|entry| entry.input["kind"] == "jump")
        .map(|entry| {
            (
                entry.actor.id.as_str(),
                entry.input["to"].clone(),
                entry.input["reason"].clone(),
            )
        })
        .collect();
    let reason = json!("bestilt i telefonen");
    assert_eq!(
        jumps,
        [
            ("administrator", json!("two"), reason.clone()),
            ("administrator", json!("last"), reason)
        ]
    );
    assert!(matches!(
        jump(&world, &run, "one", None).await.unwrap_err(),
        ExecuteError::RunState(_)
    ));
    // What it waited for is gone: the event finds nobody.
    go(&world).await;
    let now = world.engine.run(run.id).await.unwrap().unwrap();
    assert_eq!((now.status, now.moves), ("completed", ended.moves));
    let report = world.engine.verify(|_| ()).await.unwrap();
    assert_eq!(report.first_bad, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_an_error_stopped_goes_on_at_another_task_and_its_incident_is_resolved() {
    let world = World::new().await;
    let body = "  - fail: { raise: { error: { type: 'urn:x', status: 500, title: Nej } } }\n  - between: { set: { n: 1 } }\n  - last: { set: { got: '${ .n }' } }\n";
    world.publish(&text("1.0.0", body)).await;
    let run = start(&world, 1).await;
    assert_eq!(run.status, "faulted");
    let ended = jump(&world, &run, "last", Some(json!({ "n": 7 })))
        .await
        .unwrap();
    assert_eq!(
        (ended.status, ended.output),
        ("completed", Some(json!({ "got": 7 })))
    );
    let open = world.engine.incidents(true, None, 10).await.unwrap();
    assert!(
        open.iter()
            .all(|incident| incident.instance != Some(run.id))
    );
}
