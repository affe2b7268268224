//! The invented municipality is whole, and its histories are real ones.

use super::*;
use crate::start;
use sagsgang_runtime::EngineOptions;
use std::collections::BTreeSet;

#[tokio::test]
async fn the_demo_verifies_and_has_cases_in_every_state() {
    let data = tempfile::tempdir().unwrap();
    let engine = Engine::open(EngineOptions::in_folder(data.path().to_owned()))
        .await
        .unwrap();
    start::publish_pack(&engine).await.unwrap();
    assert!(is_empty(&engine).await.unwrap());
    invent(
        &engine,
        Plan {
            seed: 1,
            cases: 300,
        },
    )
    .await
    .unwrap();
    assert!(!is_empty(&engine).await.unwrap());

    let report = engine.verify(|_| {}).await.unwrap();
    assert_eq!((report.cases, report.first_bad), (300, None));
    assert!(report.entries > 1_200, "{} entries", report.entries);

    let page = engine
        .list_cases(&CaseFilter::default(), CaseSort::Created, None, 300)
        .await
        .unwrap();
    let states: BTreeSet<&str> = page.items.iter().map(|case| case.status.as_str()).collect();
    let all = [
        "cancelled",
        "closed",
        "created",
        "open",
        "waiting_customer",
        "waiting_haulier",
    ];
    assert_eq!(states, BTreeSet::from(all));
    let kinds: BTreeSet<&str> = page
        .items
        .iter()
        .map(|case| case.case_type.as_str())
        .collect();
    assert_eq!(kinds.len(), stories::STORIES.len());
    let now = engine.now();
    assert!(
        page.items
            .iter()
            .all(|case| case.created_at < now && case.address.is_some())
    );

    assert_eq!(engine.count_inbox().await.unwrap(), 12);
    assert_eq!(engine.containers(None, 20_000).await.unwrap().len(), 12_000);
    let contacts = engine.contacts(None, 20_000).await.unwrap();
    assert_eq!(contacts.len(), 7_000);
    assert!(
        contacts
            .iter()
            .flat_map(|contact| &contact.phones)
            .all(|phone| phone.starts_with("+450000"))
    );
    assert!(contacts.iter().any(|contact| contact.protected));

    let users = let_in(&engine, Some("prøve-adgang-1-2-3")).await.unwrap();
    let names: Vec<&str> = users.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "sagsbehandler",
            "teamleder",
            "konfigurator",
            "administrator"
        ]
    );
    engine
        .log_in("sagsbehandler", "prøve-adgang-1-2-3", "test")
        .await
        .unwrap();
    engine.stop().await;
}
