//! What the registers said of a case's records stays in its history.

use crate::world::*;
use sagsgang_domain::*;
use serde_json::{Value, json};

pub fn container(kind: &str) -> Container {
    Container {
        id: ContainerId(crate::cases::uuid(7)),
        container_id: "BH-7".to_owned(),
        kind: kind.to_owned(),
        compartments: vec![Compartment {
            fractions: vec!["food".to_owned()],
        }],
        property: None,
        address: Address::default(),
        status: "active".to_owned(),
        last_collection: None,
        next_collection: None,
    }
}

/// What the entries of a kind keep of the records.
async fn kept(world: &World, case: CaseId, kind: &str) -> Vec<Value> {
    let history = world.engine.history(case, 0, 100).await.unwrap();
    assert!(chain::verify(&history).is_ok());
    let entries = history.iter().filter(|entry| entry.kind == kind);
    entries
        .map(|entry| entry.data.get("seen").cloned().unwrap_or_default())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_keeps_what_the_register_said_when_a_record_came_to_it() {
    let world = World::new().await;
    let (engine, jonas) = (&world.engine, caseworker());
    let id = container("").id;
    engine.put(&jonas, container("240 l")).await.unwrap();
    let about = NewCase {
        containers: vec![id],
        ..missed(json!({}))
    };
    let made = engine.create_case(&jonas, about, None, None).await.unwrap();
    let other = engine.create_case(&jonas, missed(json!({})), None, None);
    let other = other.await.unwrap().case.id;
    engine.put(&jonas, container("400 l")).await.unwrap();
    let link = json!({ "type": "link", "kind": "container", "id": id,
        "title": "a title of one's own" });
    let command: Command = serde_json::from_value(link.clone()).unwrap();
    engine
        .execute(&jonas, &other.into(), vec![command], None, None)
        .await
        .unwrap();
    engine.put(&jonas, container("660 l")).await.unwrap();

    let values = |kind: &str| json!({ "containerId": "BH-7", "type": kind, "fractions": "food", "status": "active" });
    let first = kept(&world, made.case.id, "case.created.v1").await;
    let seen = json!([{ "id": id, "version": 1, "values": values("240 l") }]);
    assert_eq!(first, [seen]);
    let later = kept(&world, other, "case.linked.v1").await;
    let seen = json!({ "id": id, "version": 2, "values": values("400 l") });
    assert_eq!(later, [seen]);
    // It is the engine's to say, not the asker's.
    let mut told = link;
    told["seen"] = json!({ "id": id, "version": 9, "values": {} });
    assert!(serde_json::from_value::<Command>(told).is_err());
}
