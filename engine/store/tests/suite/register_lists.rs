//! Lists of the registers: the same filters and orders find the same records on both databases.

use crate::databases::{Opened, postgres, sqlite};
use crate::world::{id, of_records, record_change};
use sagsgang_domain::*;
use sagsgang_store::*;

/// Three properties in two areas, six containers, three agreements and four contacts, one of them protected.
async fn fill(store: &Store) -> PropertyId {
    let mut records: Vec<Record> = Vec::new();
    let mut first = None;
    for (place, (road, area)) in [
        ("Lærkehaven", "Nord"),
        ("Birkevej", "Nord"),
        ("Ådalen", "Syd"),
    ]
    .into_iter()
    .enumerate()
    {
        let property = Property {
            id: PropertyId(id()),
            municipality_code: "0999".to_owned(),
            property_number: format!("04821{place}"),
            bfe: None,
            address: Address {
                road: road.to_owned(),
                number: "1".to_owned(),
                ..Address::default()
            },
            kind: ["Hus", "Hus", "Etage"][place].to_owned(),
            area: area.to_owned(),
            conditions: None,
        };
        let home = property.id;
        first.get_or_insert(home);
        records.push(property.into());
        for turn in 0..2 {
            let number = place * 2 + turn;
            let next = (turn == 0).then(|| format!("2026-12-0{}", 9 - place));
            records.push(container(number, home, next).into());
        }
        let agreement = Agreement {
            id: AgreementId(id()),
            from: format!("202{}-01-01", 5 + place),
            to: (place == 0).then(|| "2025-12-31".to_owned()),
            price: ["9.50", "1000.00", "0.50"][place].to_owned(),
            service: ["Årstømning", "Havelåge", "Årstømning"][place].to_owned(),
            property: Some(home),
            container: None,
        };
        records.push(agreement.into());
    }
    for (name, protected) in [
        ("Carl", false),
        ("Zenia", true),
        ("Bodil", false),
        ("Bodil", false),
    ] {
        let contact = Contact {
            id: ContactId(id()),
            kind: ContactKind::Person,
            name: name.to_owned(),
            cvr: None,
            cpr: None,
            emails: Vec::new(),
            phones: Vec::new(),
            role: if protected { "tenant" } else { "owner" }.to_owned(),
            property: first,
            protected,
        };
        records.push(contact.into());
    }
    store.commit(of_records(records)).await.unwrap();
    first.unwrap()
}

fn container(number: usize, home: PropertyId, next_collection: Option<String>) -> Container {
    let room = |name: &str| Compartment {
        fractions: vec![name.to_owned()],
    };
    Container {
        id: ContainerId(id()),
        container_id: format!("BH-{number}"),
        kind: ["140 l", "240 l"][number % 2].to_owned(),
        compartments: vec![
            room(["food", "paper", "glass"][number / 2]),
            room("residual"),
        ],
        property: Some(home),
        address: Address::default(),
        status: if number == 5 { "withdrawn" } else { "active" }.to_owned(),
        last_collection: None,
        next_collection,
    }
}

/// What a record is called in these tests.
fn name(item: &RegisterItem) -> String {
    match &item.record {
        Record::Property(one) => one.address.road.clone(),
        Record::Container(one) => one.container_id.clone(),
        Record::Agreement(one) => one.from[..4].to_owned(),
        Record::Contact(one) => one.name.clone(),
    }
}

/// The names of a whole list, read page by page; it is counted and its pages never repeat or skip a record.
async fn names(
    store: &Store,
    kind: RecordKind,
    filter: &RegisterFilter,
    sort: RegisterSort,
    descending: bool,
) -> Vec<String> {
    let order = RegisterOrder { sort, descending };
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = store.list_records(kind, filter, order, after.as_deref(), 2);
        let page = page.await.unwrap();
        names.extend(page.items.iter().map(name));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let whole = store.list_records(kind, filter, order, None, 50).await;
    let whole: Vec<_> = whole.unwrap().items.iter().map(name).collect();
    assert_eq!(names, whole, "pages of {kind:?} by {sort:?}");
    let count = store.count_records(kind, filter, 50).await.unwrap();
    assert_eq!(count, names.len() as u64, "{kind:?} {filter:?}");
    names
}

fn with(fields: &[(RegisterField, &str)]) -> RegisterFilter {
    let own = |(field, value): &(RegisterField, &str)| (*field, (*value).to_owned());
    RegisterFilter {
        fields: fields.iter().map(own).collect(),
        today: "2026-11-30".to_owned(),
        ..RegisterFilter::default()
    }
}

fn words(text: &str) -> RegisterFilter {
    RegisterFilter {
        text: Some(text.to_owned()),
        ..with(&[])
    }
}

async fn containers(store: &Store, home: PropertyId) {
    use RegisterField as F;
    let kind = RecordKind::Container;
    let read = async |filter: RegisterFilter| {
        names(store, kind, &filter, RegisterSort::ContainerId, false).await
    };
    let all = ["BH-0", "BH-1", "BH-2", "BH-3", "BH-4", "BH-5"];
    assert_eq!(read(with(&[])).await, all);
    assert_eq!(
        read(with(&[(F::Fraction, "paper")])).await,
        ["BH-2", "BH-3"]
    );
    assert_eq!(read(with(&[(F::Fraction, "residual")])).await, all);
    assert_eq!(read(with(&[(F::Area, "Syd")])).await, ["BH-4", "BH-5"]);
    let several = [
        (F::Area, "Syd"),
        (F::Status, "active"),
        (F::Fraction, "glass"),
    ];
    assert_eq!(read(with(&several)).await, ["BH-4"]);
    let even = read(with(&[(F::Kind, "140 l")])).await;
    assert_eq!(even, ["BH-0", "BH-2", "BH-4"]);
    let at = RegisterFilter {
        property: Some(PropertyRef::Id(home)),
        ..with(&[])
    };
    assert_eq!(read(at).await, ["BH-0", "BH-1"]);
    let at = RegisterFilter {
        property: PropertyRef::read("0999-048212"),
        ..with(&[(F::Status, "withdrawn")])
    };
    assert_eq!(read(at).await, ["BH-5"]);
    // By its own words and by those of its property.
    assert_eq!(read(words("bh-3")).await, ["BH-3"]);
    assert_eq!(read(words("birke")).await, ["BH-2", "BH-3"]);
    assert!(read(words("...")).await.is_empty());

    let next = names(store, kind, &with(&[]), RegisterSort::NextCollection, false).await;
    assert_eq!(next[..3], ["BH-4", "BH-2", "BH-0"], "without a day: last");
    let back = names(store, kind, &with(&[]), RegisterSort::Status, true).await;
    assert_eq!(back[0], "BH-5");
    let values = store.register_values(kind, F::Fraction).await.unwrap();
    assert_eq!(values, ["food", "glass", "paper", "residual"]);
    let values = store.register_values(kind, F::Status).await.unwrap();
    assert_eq!(values, ["active", "withdrawn"]);

    // What is sorted differently is a different place.
    let order = RegisterOrder {
        sort: RegisterSort::Kind,
        descending: false,
    };
    let strange = "'; drop table container --~x";
    let all = with(&[]);
    let page = store.list_records(kind, &all, order, Some(strange), 2);
    assert_eq!(page.await.unwrap().items.len(), 2);
    let placed = store.list_records(kind, &all, order, None, 1).await;
    let placed = placed.unwrap().items.remove(0);
    assert_eq!(placed.address.as_deref(), Some("Lærkehaven 1"));
    assert_eq!(placed.area.as_deref(), Some("Nord"));
}

/// A container that holds something else is found by that and not by what it held.
async fn refilled(store: &Store) {
    let kind = RecordKind::Container;
    let food = with(&[(RegisterField::Fraction, "food")]);
    let found = store.list_records(kind, &food, RegisterOrder::default(), None, 9);
    let found = found.await.unwrap().items;
    let id = found[0].record.id();
    let before = store.record(kind, id).await.unwrap().unwrap();
    let Record::Container(mut container) = before.record.clone() else {
        panic!("{before:?}");
    };
    container.compartments[0].fractions = vec!["metal".to_owned(), "metal".to_owned()];
    let change = record_change(Some(&before), container.into());
    let commit = Commit {
        records: vec![change],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    assert_eq!(store.count_records(kind, &food, 9).await.unwrap(), 1);
    let metal = with(&[(RegisterField::Fraction, "metal")]);
    assert_eq!(store.count_records(kind, &metal, 9).await.unwrap(), 1);
}

async fn others(store: &Store) {
    use RegisterField as F;
    let (property, agreement) = (RecordKind::Property, RecordKind::Agreement);
    let by_number = names(store, property, &with(&[]), RegisterSort::Number, true).await;
    assert_eq!(by_number, ["Ådalen", "Birkevej", "Lærkehaven"]);
    let houses = with(&[(F::Kind, "Hus"), (F::Area, "Nord")]);
    let houses = names(store, property, &houses, RegisterSort::Address, false).await;
    assert_eq!(houses, ["Birkevej", "Lærkehaven"]);
    let areas = store.register_values(property, F::Area).await.unwrap();
    assert_eq!(areas, ["Nord", "Syd"]);

    let by_price = names(store, agreement, &with(&[]), RegisterSort::Price, false).await;
    assert_eq!(by_price, ["2027", "2025", "2026"], "a price is a number");
    let by_end = names(store, agreement, &with(&[]), RegisterSort::To, false).await;
    assert_eq!(by_end[0], "2025");
    for (period, expected) in [("ended", "2025"), ("current", "2026"), ("coming", "2027")] {
        let filter = with(&[(F::Period, period)]);
        let found = names(store, agreement, &filter, RegisterSort::Service, false).await;
        assert_eq!(found, [expected]);
    }
    let near = names(store, agreement, &words("lærke"), RegisterSort::From, false).await;
    assert_eq!(near, ["2025"]);

    let contact = RecordKind::Contact;
    let by_name = names(store, contact, &with(&[]), RegisterSort::Name, false).await;
    let expected = ["Zenia", "Bodil", "Bodil", "Carl"];
    assert_eq!(
        by_name, expected,
        "the place of a protected name tells nothing"
    );
    let protected = with(&[(F::Protected, "true")]);
    let protected = names(store, contact, &protected, RegisterSort::Role, false).await;
    assert_eq!(protected, ["Zenia"]);
    assert_eq!(
        store
            .count_records(contact, &words("zenia"), 9)
            .await
            .unwrap(),
        0
    );
    let roles = store.register_values(contact, F::Role).await.unwrap();
    assert_eq!(roles, ["owner", "tenant"]);
    let near = words("lærkehaven");
    let near = store.count_records(contact, &near, 9).await.unwrap();
    assert_eq!(near, 0, "an address tells nobody who lives there");
}

async fn tell(opened: Opened) {
    let home = fill(&opened.store).await;
    containers(&opened.store, home).await;
    others(&opened.store).await;
    refilled(&opened.store).await;
}

#[tokio::test]
async fn registers_are_narrowed_and_sorted_in_sqlite() {
    tell(sqlite().await).await;
}

#[tokio::test]
async fn registers_are_narrowed_and_sorted_in_postgres() {
    tell(postgres().await).await;
}
