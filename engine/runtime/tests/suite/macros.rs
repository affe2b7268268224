//! The macros of the bundled pack.

use crate::world::{World, caseworker, missed};
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_bundled_macro_orders_and_writes_to_the_customer_who_wrote() {
    let world = World::new().await;
    let caller = caseworker();
    let named = |engine: &Engine| {
        let macros = engine.macros("waste.missed-collection", "en");
        let titles: Vec<_> = macros.into_iter().map(|one| one.title).collect();
        titles
    };
    assert_eq!(
        named(&world.engine),
        ["Extra collection is ordered", "Take the case and begin"]
    );
    let contact = Contact {
        id: ContactId(uuid::Uuid::from_u128(0x0190_u128 << 112)),
        kind: ContactKind::Person,
        name: "Anna Lind".to_owned(),
        cvr: None,
        cpr: None,
        emails: vec!["anna@borger.example".to_owned()],
        phones: Vec::new(),
        role: "owner".to_owned(),
        property: None,
        protected: false,
    };
    let new = NewCase {
        contacts: vec![contact.id],
        ..missed(json!({}))
    };
    world.engine.put(&caller, contact).await.unwrap();
    let case = world.engine.create_case(&caller, new, None, None).await;
    let case = case.unwrap().case;
    world.completed(case.id, "waste/missed-collection").await;
    let id = case.id.into();
    let name = "extra-collection-ordered";
    let done = world
        .engine
        .run_macro(&caller, &id, name, None)
        .await
        .unwrap();
    assert_eq!(done.case.status, "waiting_haulier");
    assert!(done.case.tags.contains("ekstratømning"));
    let sent = done
        .entries
        .iter()
        .find(|entry| entry.kind == "case.message-sent.v1")
        .unwrap();
    assert_eq!(sent.data["to"], "anna@borger.example");
    assert!(
        sent.data["body"]
            .as_str()
            .unwrap()
            .contains("ekstratømning")
    );
    let other = Caller {
        roles: vec![Role::Integration],
        ..caller
    };
    let refused = world.engine.run_macro(&other, &id, name, None).await;
    assert!(matches!(
        refused,
        Err(ExecuteError::Rejected(Rejection::NotAllowed { .. }))
    ));
}
