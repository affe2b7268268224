//! The answer to a call that nobody waits for any more: it changes nothing, and the journal says what it was.

use crate::deaths::service;
use crate::world::{World, administrator};
use sagsgang_runtime::{HttpGrant, JournalEntry};
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn what_the_loser_of_a_race_was_answered_stands_in_the_journal_and_nowhere_else() {
    let (origin, _) = service(Duration::from_secs(3)).await;
    let allowed = vec![HttpGrant::parse(&origin).unwrap()];
    let world = World::with(|options| {
        options.allow_loopback = true;
        options.http_allow = allowed;
    })
    .await;
    world
        .publish(&format!(
            "document: {{ dsl: '1.0.3', namespace: test, name: race, version: '1.0.0' }}\n\
             do:\n\
             \x20 - first:\n\
             \x20     fork:\n\
             \x20       compete: true\n\
             \x20       branches:\n\
             \x20         - slow: {{ call: http, with: {{ method: get, endpoint: '{origin}/x' }} }}\n\
             \x20         - quick: {{ do: [ {{ nap: {{ wait: PT1S }} }}, {{ won: {{ set: {{ won: true }} }} }} ] }}\n"
        ))
        .await;
    let who = administrator();
    let run = world
        .engine
        .start_run(&who, "test/race", json!({}), None, None);
    let run = run.await.unwrap().id;
    let late = |entry: &JournalEntry| entry.input["kind"] == "late";
    let entry = world
        .until("the late answer is noted", async |engine| {
            let journal = engine.run_journal(run, 0, 100).await.unwrap();
            journal.into_iter().find(late)
        })
        .await;
    assert_eq!(
        (&entry.input["task"], &entry.input["function"]),
        (&json!("slow"), &json!("http"))
    );
    assert_eq!(entry.input["failed"], false);
    assert_eq!(entry.effects, json!([]));
    let ended = world.engine.run(run).await.unwrap().unwrap();
    assert_eq!(ended.status, "completed");
    assert_eq!(ended.output, Some(json!({ "won": true })));
    let journal = world.engine.run_journal(run, 0, 100).await.unwrap();
    assert_eq!(journal.iter().filter(|entry| late(entry)).count(), 1);
    assert_eq!(world.engine.verify(|_| {}).await.unwrap().first_bad, None);
    // Holding the run against a version of its workflow goes past it.
    let text = world.engine.workflow_text("test/race", None).unwrap();
    let same = sagsgang_definition::Workflow::parse("", &text)
        .model
        .unwrap();
    let held = world.engine.what_if(&same, 1).await.unwrap();
    assert!(held[0].outcome.is_ok(), "{:?}", held[0].outcome);
}
