//! The part of the story that happens in the registers.

use crate::world::id;
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
        emails: vec!["anna@borger.example".to_owned()],
        phones: Vec::new(),
        role: "owner".to_owned(),
        property: Some(property.id),
        protected: false,
    };
    let moved = Container {
        status: "withdrawn".to_owned(),
        ..container.clone()
    };
    let commit = Commit {
        properties: vec![property.clone()],
        containers: vec![container.clone()],
        agreements: vec![agreement.clone()],
        contacts: vec![contact.clone()],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    store
        .commit(Commit {
            containers: vec![moved.clone()],
            ..Commit::default()
        })
        .await
        .unwrap();
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
    let line = || Some(property.address.line());
    let placed = store.containers_with_addresses(nothing, 9).await.unwrap();
    assert_eq!(placed, [(moved, line())]);
    let placed = store.agreements_with_addresses(nothing, 9).await.unwrap();
    assert_eq!(placed, [(agreement, line())]);
    property.id
}
