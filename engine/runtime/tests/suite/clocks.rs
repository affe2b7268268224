//! Clocks of cases: due times, rungs that workflows hear, a calendar that changes.

use crate::world::*;
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that the test sets.
struct Hands(AtomicI64);

impl Hands {
    fn at(text: &str) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(moment(text).as_micros())))
    }

    fn set(&self, text: &str) {
        self.0.store(moment(text).as_micros(), Ordering::SeqCst);
    }
}

impl sagsgang_runtime::Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const CASE_TYPE: &str = "
caseType: test.promise
version: 1
statuses: { created: { initial: true }, asked: { suspends: [resolve] }, closed: { final: true } }
transitions: [ { name: ask, from: created, to: asked }, { name: answered, from: asked, to: created } ]
sla:
  resolve:
    start: created
    budget: { workhours: 8 }
    rungs: [ { at: 50%, name: warn }, { at: 100%, name: breach } ]
calendar: test
";

const ESCALATE: &str = "
document: { dsl: 1.0.3, namespace: test, name: escalate, version: 1.0.0 }
schedule:
  on: { one: { with: { type: case.sla-rung.v1 } } }
  read: data
input: { from: '${ .[0] }' }
do:
  - note: { call: case-note, with: { id: '${ .caseId }', text: '${ \"rung \" + .rung + \" of \" + .clock }' } }
";

fn calendar(version: u32, closures: &str) -> String {
    format!(
        "calendar: test\nversion: {version}\nzone: Europe/Copenhagen\n\
         hours: {{ monday: ['08:00-12:00'], tuesday: ['08:00-12:00'], wednesday: ['08:00-12:00'], thursday: ['08:00-12:00'] }}\n\
         holidays: [ {{ date: 12-25 }} ]\n{closures}"
    )
}

async fn world(hands: &Arc<Hands>) -> World {
    let clock: Arc<dyn sagsgang_runtime::Clock> = hands.clone();
    let world = World::with(|options| options.clock = clock).await;
    let texts = [calendar(1, ""), CASE_TYPE.to_owned(), ESCALATE.to_owned()];
    let files = texts.map(|text| ("test.yaml".to_owned(), text));
    world
        .engine
        .publish(&Caller::system(), files.to_vec())
        .await
        .unwrap();
    world
}

async fn promised(world: &World) -> Case {
    let new = NewCase {
        case_type: "test.promise".to_owned(),
        title: "Løfte".to_owned(),
        ..NewCase::default()
    };
    world
        .engine
        .create_case(&caseworker(), new, None, None)
        .await
        .unwrap()
        .case
}

async fn reloaded(engine: &Engine, case: CaseId) -> Case {
    engine.case(&case.into()).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rung_is_reached_once_and_a_workflow_hears_of_it() {
    // Monday 30 November 2026, 10:00 local time.
    let hands = Hands::at("2026-11-30T09:00:00Z");
    let world = world(&hands).await;
    let case = promised(&world).await;
    // Two hours today, four tomorrow, two on Wednesday.
    assert_eq!(case.due, Some(moment("2026-12-02T09:00:00Z")));
    hands.set("2026-12-01T08:59:00Z");
    tokio::task::yield_now().await;
    assert!(
        !world
            .history_kinds(case.id)
            .await
            .contains(&"case.sla-rung.v1".to_owned())
    );
    hands.set("2026-12-01T09:00:00Z");
    world.completed(case.id, "test/escalate").await;
    hands.set("2026-12-03T12:00:00Z");
    let told = world
        .until("both rungs were told", async |engine| {
            let history = engine.history(case.id, 0, 100).await.unwrap();
            let notes = history.iter().filter(|entry| entry.kind == "case.noted.v1");
            let notes: Vec<String> = notes
                .map(|entry| entry.data["text"].as_str().unwrap().to_owned())
                .collect();
            (notes.len() == 2).then_some(notes)
        })
        .await;
    assert_eq!(told, ["rung warn of resolve", "rung breach of resolve"]);
    let kinds = world.history_kinds(case.id).await;
    assert_eq!(
        kinds
            .iter()
            .filter(|kind| *kind == "case.sla-rung.v1")
            .count(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_clock_reaches_nothing() {
    let hands = Hands::at("2026-11-30T09:00:00Z");
    let world = world(&hands).await;
    let case = promised(&world).await;
    let ask = |status: &str| command(json!({ "type": "set-status", "status": status }));
    let engine = &world.engine;
    let done = engine
        .execute(
            &caseworker(),
            &case.id.into(),
            vec![ask("asked")],
            None,
            None,
        )
        .await;
    assert_eq!(done.unwrap().case.next_rung(), None);
    hands.set("2026-12-08T07:00:00Z");
    let done = engine
        .execute(
            &caseworker(),
            &case.id.into(),
            vec![ask("created")],
            None,
            None,
        )
        .await;
    // Eight hours are left: four on Tuesday, four on Wednesday.
    assert_eq!(done.unwrap().case.due, Some(moment("2026-12-09T11:00:00Z")));
    assert!(
        !world
            .history_kinds(case.id)
            .await
            .contains(&"case.sla-rung.v1".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_calendar_moves_the_due_time_and_the_history_says_why() {
    let hands = Hands::at("2026-11-30T09:00:00Z");
    let world = world(&hands).await;
    let case = promised(&world).await;
    world
        .publish(&calendar(2, "closures: [ { from: 2026-12-01 } ]\n"))
        .await;
    world
        .until("the due time moved", async |engine| {
            let case = reloaded(engine, case.id).await;
            (case.due == Some(moment("2026-12-03T09:00:00Z"))).then_some(())
        })
        .await;
    let history = world.engine.history(case.id, 0, 100).await.unwrap();
    let moved = history
        .iter()
        .find(|entry| entry.kind == "case.sla-clock.v1");
    assert_eq!(moved.unwrap().data["reason"], "calendar");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_type_whose_calendar_is_not_published_is_refused() {
    let world = World::new().await;
    let files = vec![("promise.yaml".to_owned(), CASE_TYPE.to_owned())];
    let refused = world.engine.publish(&Caller::system(), files).await;
    let Err(PublishError::Problems(problems)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(
        (problems[0].code, problems[0].line),
        ("unknown-calendar", 11)
    );
}
