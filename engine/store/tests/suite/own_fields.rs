//! Lists that are narrowed by the case types' own fields and by who follows, on both databases.

use crate::databases::{Opened, postgres, sqlite};
use crate::world::{at, change, new_case, of_case};
use sagsgang_domain::{CaseId, Command, Role};
use sagsgang_store::{Account, CaseFilter, CaseSort, Store};
use serde_json::{Map, Value, json};

fn fields(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

async fn with(store: &Store, pairs: &[(&str, &str)]) -> Vec<CaseId> {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let filter = CaseFilter {
        fields: pairs.iter().map(pair).collect(),
        ..CaseFilter::default()
    };
    let page = store.list_cases(&filter, CaseSort::Created, None, 10).await;
    page.unwrap()
        .items
        .into_iter()
        .map(|item| item.id)
        .collect()
}

async fn tell(opened: Opened) {
    let store = &opened.store;
    let mut made = Vec::new();
    for (place, own) in [
        json!({ "fraction": "food", "pieces": 2, "heavy": true, "places": ["a"] }),
        json!({ "fraction": "food", "pieces": 2.5, "long": "x".repeat(200) }),
        json!({}),
    ]
    .into_iter()
    .enumerate()
    {
        let seconds = 10 + i64::try_from(place).unwrap();
        let case = new_case("Sag", seconds, |new| new.fields = fields(own));
        made.push(case.decision.case.id);
        store.commit(of_case(case)).await.unwrap();
    }
    let (one, two) = (made[0], made[1]);
    assert_eq!(with(store, &[("fraction", "food")]).await, [two, one]);
    assert_eq!(with(store, &[("pieces", "2")]).await, [one]);
    assert_eq!(with(store, &[("pieces", "2.5")]).await, [two]);
    let both = [("fraction", "food"), ("heavy", "true")];
    assert_eq!(with(store, &both).await, [one]);
    assert!(with(store, &[("places", "a")]).await.is_empty());
    assert!(with(store, &[("fraction", "paper")]).await.is_empty());

    let stored = store.case(one).await.unwrap().unwrap();
    let set = Command::SetFields {
        fields: fields(json!({ "fraction": "paper", "pieces": null })),
    };
    store
        .commit(of_case(change(&stored, set, 20)))
        .await
        .unwrap();
    assert_eq!(with(store, &[("fraction", "food")]).await, [two]);
    assert_eq!(with(store, &[("fraction", "paper")]).await, [one]);
    assert!(with(store, &[("pieces", "2")]).await.is_empty());
    let own = store.case_fields(&made).await.unwrap();
    assert_eq!(own[&one]["fraction"], "paper");
    assert!(own[&made[2]].is_empty());

    let account = Account {
        name: "sara".to_owned(),
        display_name: "Sara".to_owned(),
        password_hash: None,
        roles: vec![Role::Caseworker],
        team: None,
        locale: "da".to_owned(),
        disabled: false,
        created_at: at(1),
    };
    store.put_account(&account).await.unwrap();
    store.follow_case("sara", two, at(10)).await.unwrap();
    let followed = CaseFilter {
        followed_by: Some("sara".to_owned()),
        ..CaseFilter::default()
    };
    let page = store.list_cases(&followed, CaseSort::Updated, None, 10);
    let page = page.await.unwrap();
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.items[0].id, two);
    assert_eq!(store.count_cases(&followed, 10).await.unwrap(), 1);
}

#[tokio::test]
async fn lists_are_narrowed_by_own_fields_in_sqlite() {
    tell(sqlite().await).await;
}

#[tokio::test]
async fn lists_are_narrowed_by_own_fields_in_postgres() {
    tell(postgres().await).await;
}
