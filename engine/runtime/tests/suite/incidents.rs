//! Closing an incident that no decision about a run closes.

use crate::world::{World, administrator, caseworker, missed, of_case, options};
use sagsgang_domain::{CaseId, InstanceId, Rejection};
use sagsgang_runtime::{ExecuteError, Incident};
use sagsgang_store::{Commit, Store, StoreOptions};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// Incidents as other parts of the engine write them.
async fn write(world: &World, incidents: Vec<Incident>) {
    let store = Store::open(&StoreOptions {
        database: options(world.folder.path()).database,
        blobs: world.folder.path().join("blobs"),
        readers: 1,
        write_cache: 8,
    })
    .await
    .unwrap();
    let commit = Commit {
        incidents,
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    store.close().await;
}

fn incident(number: u128, instance: Option<InstanceId>, case: Option<CaseId>) -> Incident {
    Incident {
        id: Uuid::from_u128(number),
        instance,
        case,
        plugin: None,
        code: "start-overfull".to_owned(),
        title: "test/any stopped".to_owned(),
        detail: "Noget".to_owned(),
        open: true,
        at: "2026-11-24T12:00:00Z".parse().unwrap(),
        resolved: None,
        reason: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_of_no_run_and_one_of_an_ended_run_are_closed_with_a_reason() {
    let world = World::new().await;
    let engine = &world.engine;
    let new = missed(json!({ "fraction": "hazardous" }));
    let wait = Some(Duration::from_secs(10));
    let jonas = caseworker();
    let made = engine.create_case(&jonas, new, None, wait);
    let case = made.await.unwrap().case.id;
    let runs = engine.runs(&of_case(case, Some("completed")), 5).await;
    let run = runs.unwrap().remove(0);
    let (of_none, of_ended) = (
        incident(1, None, None),
        incident(2, Some(run.id), Some(case)),
    );
    write(&world, vec![of_none.clone(), of_ended.clone()]).await;
    assert!(engine.can_close(&of_none).await.unwrap());
    assert!(engine.can_close(&of_ended).await.unwrap());

    let who = administrator();
    let refused = engine
        .close_incident(&caseworker(), of_none.id, "fordi")
        .await;
    let refused = refused.unwrap_err();
    let not_allowed = ExecuteError::Rejected(Rejection::NotAllowed {
        right: sagsgang_domain::Right::OperateRuns,
    });
    assert_eq!(refused.to_string(), not_allowed.to_string());
    let refused = engine.close_incident(&who, of_none.id, "  ").await;
    assert!(matches!(
        refused,
        Err(ExecuteError::Rejected(Rejection::Empty { field: "reason" }))
    ));
    for one in [&of_none, &of_ended] {
        let closed = engine.close_incident(&who, one.id, "Rettet i kilden").await;
        let closed = closed.unwrap();
        assert!(!closed.open);
        assert_eq!(closed.reason.as_deref(), Some("Rettet i kilden"));
        let again = engine.close_incident(&who, one.id, "igen").await;
        assert!(matches!(again, Err(ExecuteError::RunState(_))));
    }
    assert!(engine.incidents(true, None, 5).await.unwrap().is_empty());
    let closed = engine.incidents(false, None, 5).await.unwrap();
    let reasons = closed.iter().filter_map(|one| one.reason.as_deref());
    assert_eq!(reasons.collect::<Vec<_>>(), ["Rettet i kilden"; 2]);
    let history = engine.history(case, 0, 100).await.unwrap();
    let last = history.last().unwrap();
    assert_eq!(last.kind, "case.workflow.v1");
    assert_eq!(
        (
            &last.data["state"],
            &last.data["detail"],
            &last.data["instance"]
        ),
        (&json!("closed"), &json!("Rettet i kilden"), &json!(run.id))
    );
    assert_eq!(last.actor.id, who.actor.id);
    let gone = engine
        .close_incident(&who, Uuid::from_u128(9), "fordi")
        .await;
    assert!(matches!(gone, Err(ExecuteError::NotFound(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_of_a_run_that_can_go_on_is_left_to_a_decision_about_the_run() {
    let world = World::new().await;
    let engine = &world.engine;
    let text = "document: { dsl: '1.0.3', namespace: test, name: fails, version: '1.0.0' }\n\
                do:\n  - fail: { raise: { error: { type: 'urn:test', status: 500 } } }\n";
    world.publish(text).await;
    let who = administrator();
    let wait = Some(Duration::from_secs(10));
    let run = engine.start_run(&who, "test/fails", json!({}), None, wait);
    assert_eq!(run.await.unwrap().status, "faulted");
    let open = engine.incidents(true, None, 5).await.unwrap().remove(0);
    assert!(!engine.can_close(&open).await.unwrap());
    let refused = engine.close_incident(&who, open.id, "fordi").await;
    let Err(ExecuteError::RunState(why)) = refused else {
        panic!("{refused:?}");
    };
    assert!(why.to_string().contains("can still go on"), "{why}");
    assert_eq!(engine.count_open_incidents().await.unwrap(), 1);
}
