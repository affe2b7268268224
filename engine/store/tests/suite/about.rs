//! Lists that are narrowed by the records that cases are about and by time, on both databases.

use crate::databases::{Opened, postgres, sqlite};
use crate::world::{at, id, new_case, of_case, of_records};
use sagsgang_domain::*;
use sagsgang_store::{CaseFilter, CasePlace, CaseSort, ContainerRef, PropertyRef, Store};

fn property(number: u32, area: &str) -> Property {
    Property {
        id: PropertyId(id()),
        municipality_code: "0999".to_owned(),
        property_number: format!("{number:06}"),
        bfe: None,
        address: Address {
            road: "Lærkehaven".to_owned(),
            number: number.to_string(),
            ..Address::default()
        },
        kind: "Villa".to_owned(),
        area: area.to_owned(),
        conditions: None,
    }
}

fn container(printed: &str) -> Container {
    Container {
        id: ContainerId(id()),
        container_id: printed.to_owned(),
        kind: "240 l".to_owned(),
        compartments: Vec::new(),
        property: None,
        address: Address::default(),
        status: "active".to_owned(),
        last_collection: None,
        next_collection: None,
    }
}

async fn with(store: &Store, filter: CaseFilter) -> Vec<CaseId> {
    let page = store.list_cases(&filter, CaseSort::Created, None, 10).await;
    let items = page.unwrap().items;
    let count = store.count_cases(&filter, 100).await.unwrap();
    assert_eq!(count, items.len() as u64);
    items.into_iter().map(|item| item.id).collect()
}

async fn tell(opened: Opened) {
    let store = &opened.store;
    // One area has more properties than are looked for one by one.
    let many = (1..=201).map(|number| property(number, "Nord"));
    let (north, south) = (property(500, "Nord"), property(501, "Syd"));
    let nowhere = property(502, "");
    let (one_bin, other_bin) = (container("BH-1"), container("BH-2"));
    let mut records: Vec<Record> = many.map(Record::from).collect();
    records.extend([north.clone(), south.clone(), nowhere.clone()].map(Record::from));
    records.extend([one_bin.clone(), other_bin.clone()].map(Record::from));
    store.commit(of_records(records)).await.unwrap();
    let contact = ContactId(id());
    let mut made = Vec::new();
    for (seconds, property, containers) in [
        (10, &north, vec![other_bin.id, one_bin.id]),
        (20, &south, vec![one_bin.id]),
        (30, &nowhere, Vec::new()),
    ] {
        let case = new_case("Sag", seconds, |new| {
            new.property = Some(property.id);
            new.containers = containers;
            new.due = Some(at(seconds + 100));
            if seconds == 20 {
                new.contacts = vec![contact];
                new.tags = vec!["storm".to_owned(), "glat".to_owned()];
            }
        });
        made.push(case.decision.case.id);
        store.commit(of_case(case)).await.unwrap();
    }
    let (one, two, three) = (made[0], made[1], made[2]);
    let all = CaseFilter::default;
    let property = |text: &str| CaseFilter {
        property: PropertyRef::read(text),
        ..all()
    };
    assert_eq!(with(store, property("0999-000500")).await, [one]);
    let by_id = property(&south.id.to_string());
    assert_eq!(with(store, by_id).await, [two]);
    assert!(with(store, property("0999-999999")).await.is_empty());
    let container = |text: &str| CaseFilter {
        container: Some(ContainerRef::read(text)),
        ..all()
    };
    assert_eq!(with(store, container("BH-1")).await, [two, one]);
    let by_id = container(&other_bin.id.to_string());
    assert_eq!(with(store, by_id).await, [one]);
    let known = CaseFilter {
        contact: Some(contact),
        ..all()
    };
    assert_eq!(with(store, known).await, [two]);
    let area = |name: &str| CaseFilter {
        area: Some(name.to_owned()),
        ..all()
    };
    assert_eq!(with(store, area("Nord")).await, [one], "a wide one");
    assert_eq!(with(store, area("Syd")).await, [two], "a narrow one");
    assert!(with(store, area("Vest")).await.is_empty());
    let created = CaseFilter {
        created_from: Some(at(20)),
        created_before: Some(at(30)),
        ..all()
    };
    assert_eq!(with(store, created).await, [two]);
    let updated = CaseFilter {
        updated_from: Some(at(20)),
        ..all()
    };
    assert_eq!(with(store, updated).await, [three, two]);
    let due = CaseFilter {
        due_from: Some(at(110)),
        due_before: Some(at(130)),
        ..all()
    };
    assert_eq!(with(store, due).await, [two, one]);

    for sort in [
        CaseSort::Created,
        CaseSort::Updated,
        CaseSort::Due,
        CaseSort::Priority,
    ] {
        let page = store.list_cases(&all(), sort, None, 10).await.unwrap();
        let numbers: Vec<String> = page.items.iter().map(|item| item.number.clone()).collect();
        for (at, item) in page.items.iter().enumerate() {
            let place = store.case_place(&all(), sort, item.id, 100).await;
            let expected = CasePlace {
                before: at as u64,
                total: 3,
                previous: at.checked_sub(1).map(|at| numbers[at].clone()),
                next: numbers.get(at + 1).cloned(),
            };
            assert_eq!(place.unwrap(), Some(expected), "{sort:?}");
        }
        // Page by page to the end, and back again.
        let mut afters = vec![String::new()];
        while let Some(after) = afters.last() {
            let after = Some(after.as_str()).filter(|after| !after.is_empty());
            let page = store.list_cases(&all(), sort, after, 1).await.unwrap();
            match page.next {
                Some(next) => afters.push(next),
                None => break,
            }
        }
        assert_eq!(afters.len(), 3);
        for pair in afters.windows(2) {
            let before = store.page_before(&all(), sort, &pair[1], 1).await;
            assert_eq!(before.unwrap().as_ref(), Some(&pair[0]), "{sort:?}");
        }
        let wide = store.page_before(&all(), sort, &afters[2], 2).await;
        assert_eq!(wide.unwrap().as_deref(), Some(""), "the first page");
        let nowhere = store.page_before(&all(), sort, "nowhere", 1).await;
        assert_eq!(nowhere.unwrap(), None);
    }
    let elsewhere = store
        .case_place(&area("Syd"), CaseSort::Due, one, 100)
        .await;
    assert_eq!(elsewhere.unwrap(), None);
    let undated = new_case("Uden frist", 5, |_| {});
    store.commit(of_case(undated)).await.unwrap();
    let late = CaseFilter {
        due_from: Some(at(110)),
        ..all()
    };
    assert_eq!(with(store, late).await, [three, two, one]);

    let page = store
        .list_cases(&area("Syd"), CaseSort::Due, None, 10)
        .await;
    let item = &page.unwrap().items[0];
    assert_eq!(item.area.as_deref(), Some("Syd"));
    assert_eq!(item.property_number.as_deref(), Some("0999-000501"));
    assert_eq!(store.areas().await.unwrap(), ["Nord", "Syd"]);
    let beside = store.cases_beside(&made).await.unwrap();
    assert_eq!(beside[&one].containers, ["BH-2", "BH-1"]);
    assert_eq!(beside[&two].tags, ["glat", "storm"]);
    assert_eq!(beside[&three], Default::default());
}

#[tokio::test]
async fn lists_are_narrowed_by_records_and_time_in_sqlite() {
    tell(sqlite().await).await;
}

#[tokio::test]
async fn lists_are_narrowed_by_records_and_time_in_postgres() {
    tell(postgres().await).await;
}
