//! Words in the lists of the registers: what is found does not depend on how it was looked for, and each list is read to its
//! end once.

use crate::databases::{Opened, postgres, sqlite};
use crate::world::{id, of_records};
use sagsgang_domain::*;
use sagsgang_store::*;
use uuid::Uuid;

/// More than are passed for a page of two before the index of words is asked.
const COUNT: usize = 240;

/// Properties that stand in two areas, one area behind the other; each with a container, an agreement and a contact.
async fn fill(store: &Store) {
    let mut records: Vec<Record> = Vec::new();
    for place in 0..COUNT {
        let home = PropertyId(id());
        let property = Property {
            id: home,
            municipality_code: "0999".to_owned(),
            property_number: format!("{place:06}"),
            bfe: None,
            address: Address {
                road: "Egevej".to_owned(),
                // No order of a list is that in which they were made.
                number: (place * 7 % COUNT).to_string(),
                ..Address::default()
            },
            kind: "Hus".to_owned(),
            area: if place < 200 { "Nord" } else { "Syd" }.to_owned(),
            conditions: (place % 100 == 39).then(|| "Nøgle hos naboen".to_owned()),
        };
        records.push(property.into());
        let container = Container {
            id: ContainerId(id()),
            container_id: format!("BH-{place}"),
            kind: if place == 5 { "660 l" } else { "240 l" }.to_owned(),
            compartments: Vec::new(),
            property: Some(home),
            address: Address::default(),
            status: if place < 4 { "withdrawn" } else { "active" }.to_owned(),
            last_collection: None,
            next_collection: None,
        };
        records.push(container.into());
        let agreement = Agreement {
            id: AgreementId(id()),
            from: format!("2026-01-{:02}", place % 28 + 1),
            to: None,
            price: format!("{}.00", place % 9),
            service: "Helårstømning".to_owned(),
            property: Some(home),
            container: None,
        };
        records.push(agreement.into());
        let contact = Contact {
            id: ContactId(id()),
            kind: ContactKind::Person,
            name: format!("Bo Egevej {place}"),
            cvr: None,
            cpr: None,
            emails: Vec::new(),
            phones: Vec::new(),
            role: "owner".to_owned(),
            property: Some(home),
            protected: place.is_multiple_of(3),
        };
        records.push(contact.into());
    }
    store.commit(of_records(records)).await.unwrap();
}

/// Which of the 240 a question finds in a register.
fn expected(kind: RecordKind, text: &str, place: usize) -> bool {
    let of_home = matches!(kind, RecordKind::Container | RecordKind::Agreement);
    let property = kind == RecordKind::Property || of_home;
    match text {
        "egevej" => property || !place.is_multiple_of(3),
        "nøgl" => property && place % 100 == 39,
        "syd" => property && place >= 200,
        "660" => kind == RecordKind::Container && place == 5,
        "\"egeve\"" | "syd nord" => false,
        _ => panic!("{text}"),
    }
}

fn asked(text: &str, field: Option<(RegisterField, &str)>) -> RegisterFilter {
    RegisterFilter {
        text: Some(text.to_owned()),
        fields: field
            .into_iter()
            .map(|(field, value)| (field, value.to_owned()))
            .collect(),
        today: "2026-11-30".to_owned(),
        ..RegisterFilter::default()
    }
}

async fn by_pages(
    store: &Store,
    kind: RecordKind,
    filter: &RegisterFilter,
    order: RegisterOrder,
    size: u32,
) -> Vec<Uuid> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = store.list_records(kind, filter, order, after.as_deref(), size);
        let page = page.await.unwrap();
        ids.extend(page.items.iter().map(|item| item.record.id()));
        after = page.next;
        if after.is_none() {
            return ids;
        }
    }
}

async fn tell(opened: Opened) {
    let store = &opened.store;
    fill(store).await;
    for kind in RecordKind::ALL {
        let every = RegisterFilter::default();
        let made = by_pages(store, kind, &every, RegisterOrder::default(), 500).await;
        assert_eq!(made.len(), COUNT);
        for sort in RegisterSort::of(kind) {
            for descending in [false, true] {
                let order = RegisterOrder {
                    sort: *sort,
                    descending,
                };
                let all = by_pages(store, kind, &every, order, 500).await;
                for text in ["egevej", "nøgl", "syd", "660", "\"egeve\"", "syd nord"] {
                    let filter = asked(text, None);
                    let found = |one: &Uuid| {
                        let place = made.iter().position(|known| known == one);
                        expected(kind, text, place.unwrap())
                    };
                    let listed: Vec<Uuid> = all.iter().copied().filter(found).collect();
                    let title = format!("{kind:?} {text} by {sort:?}, {descending}");
                    // Of what all have, there would be very many pages of two.
                    let sizes = if listed.len() > 100 { 50..=50 } else { 2..=3 };
                    for size in sizes {
                        let pages = by_pages(store, kind, &filter, order, size).await;
                        assert_eq!(pages, listed, "{title}, {size} a page");
                    }
                    let ids = store.found_records(kind, &filter, order).await.unwrap();
                    assert_eq!(ids, listed, "{title}, at once");
                    let count = store.count_records(kind, &filter, 1_000).await.unwrap();
                    assert_eq!(count, listed.len() as u64, "{title}, counted");
                    let few = store.count_records(kind, &filter, 3).await.unwrap();
                    assert_eq!(few, listed.len().min(3) as u64, "{title}, counted to 3");
                }
            }
        }
    }
    with_a_value_too(store).await;
    as_rows(store).await;
}

/// A value that few have finds the records, and the words choose among them.
async fn with_a_value_too(store: &Store) {
    let kind = RecordKind::Container;
    let order = RegisterOrder {
        sort: RegisterSort::ContainerId,
        descending: true,
    };
    for (text, value, count) in [
        ("egevej", "withdrawn", 4),
        ("BH-2", "withdrawn", 1),
        ("syd", "withdrawn", 0),
        ("syd", "active", 40),
    ] {
        let filter = asked(text, Some((RegisterField::Status, value)));
        let pages = by_pages(store, kind, &filter, order, 3).await;
        assert_eq!(pages.len(), count, "{text} {value}");
        let ids = store.found_records(kind, &filter, order).await.unwrap();
        assert_eq!(ids, pages);
        let counted = store.count_records(kind, &filter, 100).await.unwrap();
        assert_eq!(counted, count as u64, "{text} {value}");
    }
}

async fn as_rows(store: &Store) {
    let kind = RecordKind::Container;
    let (filter, order) = (asked("nøgl", None), RegisterOrder::default());
    let mut ids = store.found_records(kind, &filter, order).await.unwrap();
    ids.reverse();
    let unknown = id();
    let asked_for = [ids.clone(), vec![unknown]].concat();
    let rows = store.listed_records(kind, &asked_for).await.unwrap();
    let read: Vec<_> = rows.iter().map(|row| row.record.id()).collect();
    assert_eq!(read, ids, "in the order of the ids");
    let every = RegisterFilter::default();
    let all = store.list_records(kind, &every, order, None, 500).await;
    let mut all = all.unwrap().items;
    all.retain(|row| ids.contains(&row.record.id()));
    all.reverse();
    assert_eq!(rows, all, "and with all that a row shows");
    for kind in RecordKind::ALL {
        let filter = asked("egevej", None);
        let found = store.found_records(kind, &filter, order).await.unwrap();
        let rows = store.listed_records(kind, &found[..2]).await;
        assert_eq!(rows.unwrap().len(), 2, "{kind:?}");
    }
}

#[tokio::test]
async fn words_are_found_alike_by_every_way_in_sqlite() {
    tell(sqlite().await).await;
}

#[tokio::test]
async fn words_are_found_alike_by_every_way_in_postgres() {
    tell(postgres().await).await;
}
