//! Finding by words: the same questions find the same things on both databases.

use crate::databases::{Opened, postgres, sqlite};
use crate::world::{at, change, id, new_case, of_records, received};
use sagsgang_domain::*;
use sagsgang_store::*;

#[tokio::test]
async fn on_sqlite() {
    tell(sqlite().await).await;
}

#[tokio::test]
async fn on_postgres() {
    tell(postgres().await).await;
}

async fn tell(opened: Opened) {
    let store = &opened.store;
    let first = new_case("Manglende tømning på Lærkehaven", 10, |new| {
        new.description = Some("Beholderen blev ikke tømt i torsdags.".to_owned());
        new.tags.push("selvbetjening".to_owned());
    });
    let second = new_case("Tømningen udeblev", 20, |new| {
        new.fields.insert("fraction".to_owned(), "papir".into());
    });
    let (one, two) = (first.decision.case.clone(), second.decision.case.clone());
    let contact = |name: &str, protected| Contact {
        id: ContactId(id()),
        kind: ContactKind::Person,
        name: name.to_owned(),
        cvr: None,
        cpr: None,
        emails: vec!["anna@borger.example".to_owned()],
        phones: Vec::new(),
        role: "owner".to_owned(),
        property: None,
        protected,
    };
    let container = Container {
        id: ContainerId(id()),
        container_id: "BH-1049-22817".to_owned(),
        kind: "240 liters beholder".to_owned(),
        compartments: Vec::new(),
        property: None,
        address: Address::default(),
        status: "active".to_owned(),
        last_collection: None,
        next_collection: None,
    };
    let commit = Commit {
        cases: vec![first, second],
        ..of_records([
            contact("Anna Lindegård", false).into(),
            contact("Hemmelig Lindegård", true).into(),
            container.into(),
        ])
    };
    store.commit(commit).await.unwrap();

    let found = async |text: &str| -> Vec<String> {
        let hits = store.search(text, &SearchKind::ALL, SearchOrder::Newest, 0, 50);
        let hits = hits.await.unwrap();
        let name = |hit: &SearchHit| match &hit.case {
            Some((_, number, _)) => format!("{} {number}", hit.kind.name()),
            None => format!("{} {}", hit.kind.name(), hit.title),
        };
        hits.iter().map(name).collect()
    };
    let (case_one, case_two) = (
        format!("case {}", one.number),
        format!("case {}", two.number),
    );
    assert_eq!(found("tømning").await, [case_two.clone(), case_one.clone()]);
    assert_eq!(
        found("TØMNING lærke").await,
        std::slice::from_ref(&case_one)
    );
    assert_eq!(
        found("\"ikke tømt\"").await,
        std::slice::from_ref(&case_one)
    );
    assert_eq!(found("\"tømt ikke\"").await, [""; 0]);
    assert_eq!(
        found(&one.number).await,
        std::slice::from_ref(&case_one),
        "by number"
    );
    assert_eq!(
        found("papir").await,
        std::slice::from_ref(&case_two),
        "by a field"
    );
    assert_eq!(
        found("selvbetj").await,
        std::slice::from_ref(&case_one),
        "by a tag"
    );
    assert_eq!(found("22817").await, ["container BH-1049-22817"]);
    for printed in ["bh-1049-22", "bh-1049-2281", "1049-22817", "BH-1049"] {
        assert_eq!(
            found(printed).await,
            ["container BH-1049-22817"],
            "{printed}"
        );
    }
    assert_eq!(
        found("lindegård").await,
        ["contact Anna Lindegård"],
        "the protected one is not"
    );
    assert_eq!(
        found("anna@borger.example").await,
        ["contact Anna Lindegård"]
    );
    for nothing in ["", "\"", "æøå", "' or 1=1 --", "tomning"] {
        assert_eq!(found(nothing).await, [""; 0], "{nothing}");
    }

    // A note is found with the text around it; a case that was reworded only by its new words.
    let stored = store.case(one.id).await.unwrap().unwrap();
    let note = Command::Note {
        text: "Skraldebilen kunne ikke komme frem, fordi vejen var spærret af en kran.".to_owned(),
        attachments: Vec::new(),
    };
    let commit = |write| Commit {
        cases: vec![write],
        ..Commit::default()
    };
    store
        .commit(commit(change(&stored, note, 30)))
        .await
        .unwrap();
    let hits = store
        .search("kran", &[SearchKind::Note], SearchOrder::Relevance, 0, 5)
        .await
        .unwrap();
    assert_eq!(hits[0].case.as_ref().unwrap().1, one.number);
    assert!(
        hits[0]
            .snippet
            .contains(&format!("{}kran{}", MARKS.0, MARKS.1)),
        "{}",
        hits[0].snippet
    );
    assert!(hits[0].score > 0.0);
    assert_eq!(hits[0].at, Some(at(30)));
    let stored = store.case(one.id).await.unwrap().unwrap();
    let reworded = Command::Describe {
        title: Some("Spand væltet".to_owned()),
        description: None,
    };
    store
        .commit(commit(change(&stored, reworded, 40)))
        .await
        .unwrap();
    assert_eq!(found("manglende").await, [""; 0]);
    assert_eq!(found("væltet").await, [case_one]);

    // The list of cases understands the same words.
    let filter = |text: &str| CaseFilter {
        text: Some(text.to_owned()),
        ..CaseFilter::default()
    };
    let listed = async |text: &str| -> Vec<String> {
        let page = store
            .list_cases(&filter(text), CaseSort::Created, None, 10)
            .await
            .unwrap();
        page.items.into_iter().map(|item| item.number).collect()
    };
    assert_eq!(listed("tømning").await, [two.number]);
    assert_eq!(listed("torsdag").await, [one.number]);
    assert_eq!(listed("--").await, [""; 0]);
    signs(store).await;
    messages(store).await;
}

/// A message is found with the case that it belongs to now, also where it came to it after it had arrived.
async fn messages(store: &Store) {
    let case = new_case("Sag med brev", 50, |_| {});
    let made = case.decision.case.clone();
    let message = Message {
        text: "Krukken er knust".to_owned(),
        ..received("sign@borger.example")
    };
    let id = message.id;
    let commit = Commit {
        messages: vec![message],
        cases: vec![case],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    let owner = async || {
        let kinds = [SearchKind::Message];
        let hits = store.search("krukken", &kinds, SearchOrder::Newest, 0, 5);
        let hits = hits.await.unwrap();
        assert_eq!(hits.len(), 1);
        hits[0].case.clone().map(|(case, number, _)| (case, number))
    };
    assert_eq!(owner().await, None);
    let claim = Commit {
        claims: vec![MessageClaim {
            message: id,
            case: made.id,
        }],
        ..Commit::default()
    };
    store.commit(claim).await.unwrap();
    assert_eq!(owner().await, Some((made.id, made.number)));
    let release = Commit {
        released: vec![id],
        ..Commit::default()
    };
    store.commit(release).await.unwrap();
    assert_eq!(owner().await, None);
}

/// What stands beside a sign is found by every way alike: by search, in the rows of a list, by its count and in its file.
async fn signs(store: &Store) {
    let contact = Contact {
        id: ContactId(id()),
        kind: ContactKind::Person,
        name: "Bo".to_owned(),
        cvr: None,
        cpr: None,
        emails: Vec::new(),
        phones: vec!["+4520304050".to_owned()],
        role: "owner".to_owned(),
        property: None,
        protected: false,
    };
    let container = Container {
        id: ContainerId(id()),
        container_id: "SK/7".to_owned(),
        kind: "1,5 m² (50%), kode #9988*, ½ læs".to_owned(),
        compartments: Vec::new(),
        property: None,
        address: Address::default(),
        status: "active".to_owned(),
        last_collection: None,
        next_collection: None,
    };
    let records = of_records([contact.into(), container.into()]);
    store.commit(records).await.unwrap();
    let order = RegisterOrder::default();
    for (kind, text, is_there) in [
        (RecordKind::Contact, "+4520304050", true),
        (RecordKind::Contact, "+452030", true),
        (RecordKind::Contact, "20304050", false),
        (RecordKind::Container, "m²", true),
        (RecordKind::Container, "\"1,5 m²\"", true),
        (RecordKind::Container, "\"5 m\"", true),
        (RecordKind::Container, "#9988", true),
        (RecordKind::Container, "50%", true),
        (RecordKind::Container, "½læs", true),
        (RecordKind::Container, "SK/7", true),
        (RecordKind::Container, "sk7", false),
    ] {
        let filter = RegisterFilter {
            text: Some(text.to_owned()),
            today: "2026-11-30".to_owned(),
            ..RegisterFilter::default()
        };
        let wanted = usize::from(is_there);
        let rows = store.list_records(kind, &filter, order, None, 10).await;
        assert_eq!(rows.unwrap().items.len(), wanted, "{text}, listed");
        let count = store.count_records(kind, &filter, 10).await.unwrap();
        assert_eq!(count, wanted as u64, "{text}, counted");
        let file = store.found_records(kind, &filter, order).await.unwrap();
        assert_eq!(file.len(), wanted, "{text}, as a file");
        let search = [SearchKind::from_name(kind.name()).unwrap()];
        let hits = store
            .search(text, &search, SearchOrder::Newest, 0, 10)
            .await;
        assert_eq!(hits.unwrap().len(), wanted, "{text}, searched");
    }
}

#[tokio::test]
async fn beginnings_of_few_and_of_many_words_find_alike_on_sqlite() {
    beginnings(sqlite().await).await;
}

#[tokio::test]
async fn beginnings_of_few_and_of_many_words_find_alike_on_postgres() {
    beginnings(postgres().await).await;
}

/// A beginning may stand for more words than the index is asked for one by one.
async fn beginnings(opened: Opened) {
    let store = &opened.store;
    let cases = (0..240).map(|number| {
        new_case(&format!("Sag {number}"), 10 + number, |new| {
            let words = format!("Affald{number:03} Øksekøb{}", number % 3);
            new.description = Some(words);
        })
    });
    let cases: Vec<_> = cases.collect();
    let numbers: Vec<String> = cases
        .iter()
        .map(|write| write.decision.case.number.clone())
        .collect();
    let commit = Commit {
        cases,
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    let found = async |text: &str| -> Vec<String> {
        let hits = store.search(text, &[SearchKind::Case], SearchOrder::Newest, 0, 300);
        let hits = hits.await.unwrap();
        hits.into_iter()
            .filter_map(|hit| hit.case.map(|(_, number, _)| number))
            .collect()
    };
    let those = |which: &dyn Fn(usize) -> bool| -> Vec<String> {
        let all = (0..numbers.len()).rev().filter(|place| which(*place));
        all.map(|place| numbers[place].clone()).collect()
    };
    for (text, which) in [
        ("affald", &(|_| true) as &dyn Fn(usize) -> bool),
        ("AFFALD1", &|place| (100..200).contains(&place)),
        ("affald02", &|place| (20..30).contains(&place)),
        ("affald023", &|place| place == 23),
        ("affald øksek", &|_| true),
        ("ØKSEKØB1 affald0", &|place| place < 100 && place % 3 == 1),
        ("øksekøb2 affald12", &|place| {
            (120..130).contains(&place) && place % 3 == 2
        }),
        ("\"affald02\"", &|_| false),
        ("affald9", &|_| false),
    ] {
        assert_eq!(found(text).await, those(which), "{text}");
    }
}
