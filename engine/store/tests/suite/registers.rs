//! The part of the story that happens in the registers.

use crate::world::{id, of_records, record_change};
use sagsgang_domain::*;
use sagsgang_store::*;

/// Adds a record of each kind, changes one, and reads them in every way. The property is the answer.
pub async fn registers(store: &Store) -> PropertyId {
    let property = Property {
        id: PropertyId(id()),
        municipality_code: "0999".to_owned(),
        property_number: "048213".to_owned(),
        bfe: None,
        address: Address {
            road: "Lærkehaven".to_owned(),
            number: "14".to_owned(),
            postcode: "4999".to_owned(),
            place: "Eksempelby".to_owned(),
            ..Address::default()
        },
        kind: "Fælles: Rækkehus".to_owned(),
        area: "Nord".to_owned(),
        conditions: None,
    };
    let container = Container {
        id: ContainerId(id()),
        container_id: "BH-1049-22817".to_owned(),
        kind: "240 liters beholder".to_owned(),
        compartments: vec![Compartment {
            fractions: vec!["food".to_owned(), "residual".to_owned()],
        }],
        property: Some(property.id),
        address: Address::default(),
        status: "active".to_owned(),
        last_collection: None,
        next_collection: None,
    };
    let agreement = Agreement {
        id: AgreementId(id()),
        from: "2026-01-01".to_owned(),
        to: None,
        price: "0.00".to_owned(),
        service: "Helårstømning".to_owned(),
        property: Some(property.id),
        container: Some(container.id),
    };
    let contact = Contact {
        id: ContactId(id()),
        kind: ContactKind::Person,
        name: "Anna Lindegård".to_owned(),
        cvr: None,
        cpr: None,
        emails: vec!["anna@borger.example".to_owned()],
        phones: Vec::new(),
        role: "owner".to_owned(),
        property: Some(property.id),
        protected: false,
    };
    let contact_id = contact.id;
    let moved = Container {
        status: "withdrawn".to_owned(),
        ..container.clone()
    };
    let new: [Record; 4] = [
        property.clone().into(),
        container.clone().into(),
        agreement.clone().into(),
        contact.clone().into(),
    ];
    store.commit(of_records(new)).await.unwrap();
    let first = store
        .record(RecordKind::Container, container.id.0)
        .await
        .unwrap()
        .unwrap();
    let moving = || Commit {
        records: vec![record_change(Some(&first), moved.clone().into())],
        ..Commit::default()
    };
    store.commit(moving()).await.unwrap();
    histories(store, &first, moving()).await;
    assert_eq!(
        store.property(property.id).await.unwrap(),
        Some(property.clone())
    );
    assert_eq!(
        store.container(container.id).await.unwrap(),
        Some(moved.clone())
    );
    assert_eq!(
        store
            .container_by_printed_id("BH-1049-22817")
            .await
            .unwrap(),
        Some(moved.clone())
    );
    assert_eq!(
        store.agreement(agreement.id).await.unwrap(),
        Some(agreement.clone())
    );
    assert_eq!(
        store.contact(contact.id).await.unwrap(),
        Some(contact.clone())
    );
    assert_eq!(store.properties_at("Lærke", 5).await.unwrap().len(), 1);
    assert!(store.properties_at("Skov", 5).await.unwrap().is_empty());
    for text in ["Lærke", "lærkehaven 14,", "eksempelby 4999 14", "\0lærke"] {
        let found = store.addresses(text, 5).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&property.address), "{text}");
    }
    // Neither its type nor its area is a word of its address, and a mark is none at all.
    for text in [
        "rækkehus",
        "nord",
        "haven",
        "lærkehaven nord",
        "048213",
        "\" ) (",
    ] {
        let found = store.addresses(text, 5).await.unwrap();
        assert!(found.is_empty(), "{text}: {found:?}");
    }
    assert_eq!(
        store.containers_of(property.id).await.unwrap(),
        std::slice::from_ref(&moved)
    );
    assert_eq!(
        store.agreements_of(property.id).await.unwrap(),
        std::slice::from_ref(&agreement)
    );
    assert_eq!(store.contacts_of(property.id).await.unwrap(), [contact]);
    let nothing = uuid::Uuid::nil();
    assert_eq!(store.properties(nothing, 9).await.unwrap().len(), 1);
    assert_eq!(store.containers(nothing, 9).await.unwrap().len(), 1);
    assert_eq!(store.agreements(nothing, 9).await.unwrap().len(), 1);
    assert_eq!(store.contacts(nothing, 9).await.unwrap().len(), 1);
    numbers(store, contact_id).await;
    property.id
}

/// A sealed number is kept apart, replaced and taken away.
async fn numbers(store: &Store, contact: ContactId) {
    let write = |sealed: Option<Vec<u8>>| Commit {
        cprs: vec![SealedCpr { contact, sealed }],
        ..Commit::default()
    };
    let asked = [contact, ContactId(id())];
    assert!(store.sealed_cprs(&asked).await.unwrap().is_empty());
    for sealed in [vec![1, 2, 0], vec![255]] {
        store.commit(write(Some(sealed.clone()))).await.unwrap();
        let kept = store.sealed_cprs(&asked).await.unwrap();
        assert_eq!((kept.len(), &kept[&contact]), (1, &sealed));
    }
    store.commit(write(None)).await.unwrap();
    assert!(store.sealed_cprs(&asked).await.unwrap().is_empty());
}

/// A change against an older version is not written, keys are found, and the history tells what was and what is.
async fn histories(store: &Store, first: &StoredRecord, stale: Commit) {
    let refused = store.commit(stale).await;
    assert!(matches!(refused, Err(CommitError::Conflict)), "{refused:?}");
    let mut twin = first.record.clone();
    if let Record::Container(container) = &mut twin {
        container.id = ContainerId(id());
    }
    let refused = store.commit(of_records([twin])).await;
    assert!(matches!(refused, Err(CommitError::Conflict)), "{refused:?}");

    let id = first.record.id();
    let key = id.to_string();
    let kind = RecordKind::Container;
    let found = store.records_by_keys(kind, "test", &[&key, "other"]).await;
    assert_eq!(found.unwrap().len(), 1);
    let found = store.containers_printed(&["BH-1049-22817", "BH-0"]).await;
    let found = found.unwrap();
    assert_eq!((found.len(), found[0].version), (1, 2));
    let found = store
        .properties_numbered(&[("0999", "048213"), ("0998", "048213")])
        .await;
    assert_eq!(found.unwrap().len(), 1);

    let nothing = uuid::Uuid::nil();
    let history = store.record_history(id, nothing, 9).await.unwrap();
    let kinds: Vec<&str> = history.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(kinds, ["record.created.v1", "record.changed.v1"]);
    let change = &history[1].data["changes"]["status"];
    assert_eq!(
        *change,
        serde_json::json!({ "from": "active", "to": "withdrawn" })
    );
    let rest = store.record_history(id, history[0].id, 9).await.unwrap();
    assert_eq!(rest, history[1..]);
}
