//! The number of a person: it can be asked for by who may, and stands nowhere in clear.

use crate::world::*;
use sagsgang_definition::ImportKind;
use sagsgang_domain::register::{CPR_MASK, Cpr};
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::json;

const NUMBER: &str = "0101074711";

fn anna(cpr: Option<Cpr>) -> Contact {
    Contact {
        id: ContactId(crate::cases::uuid(1)),
        kind: ContactKind::Person,
        name: "Anna Lindegård".to_owned(),
        cvr: None,
        cpr,
        emails: Vec::new(),
        phones: Vec::new(),
        role: "owner".to_owned(),
        property: None,
        protected: false,
    }
}

fn given(text: &str) -> Contact {
    anna(Some(Cpr::given(text)))
}

async fn history(world: &World) -> Vec<RecordEntry> {
    let id = anna(None).id.0;
    let history = world
        .engine
        .record_history(RecordKind::Contact, id, None, 100);
    history.await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_number_is_shown_to_who_asks_and_stands_nowhere_in_clear() {
    let world = World::new().await;
    let (engine, jonas) = (&world.engine, caseworker());
    let id = anna(None).id;
    engine.put(&jonas, given("010107-4711")).await.unwrap();
    let kept = engine
        .record(RecordKind::Contact, id.0)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.record.to_value()["cpr"], CPR_MASK);
    // The same number again, and the mask, change nothing.
    engine.put(&jonas, given(NUMBER)).await.unwrap();
    engine.put(&jonas, given(CPR_MASK)).await.unwrap();
    assert!(engine.keeps_record(&given(NUMBER).into()).await.unwrap());
    assert_eq!(history(&world).await.len(), 1);

    let seen = engine.reveal_cpr(&jonas, id).await.unwrap();
    assert_eq!(seen.as_deref(), Some("010107-4711"));
    let told = history(&world).await;
    assert_eq!(told[1].kind, "record.revealed.v1");
    assert_eq!(
        (told[1].actor.id.as_str(), &told[1].data["value"]),
        ("jonas", &json!("cpr"))
    );
    let reader = Caller {
        roles: vec![Role::Configurator],
        ..caseworker()
    };
    let refused = engine.reveal_cpr(&reader, id).await;
    assert!(matches!(refused, Err(ExecuteError::Rejected(_))));
    assert_eq!(history(&world).await.len(), 2, "no look, no entry");

    let wrong = engine.put(&jonas, given("310207-4711")).await.unwrap_err();
    assert!(!wrong.to_string().contains("4711"), "{wrong}");
    engine.put(&jonas, given("020207-1234")).await.unwrap();
    let other = engine.reveal_cpr(&jonas, id).await.unwrap();
    assert_eq!(other.as_deref(), Some("020207-1234"));
    let found = engine.search(&jonas, "0202071234", &[], SearchOrder::Newest, None, 9);
    assert!(found.await.unwrap().items.is_empty());
    let case = engine
        .create_case(
            &jonas,
            NewCase {
                contacts: vec![id],
                ..missed(json!({}))
            },
            None,
            None,
        )
        .await
        .unwrap()
        .case;
    let seen = format!(
        "{:?} {:?} {:?}",
        history(&world).await,
        engine.case_view(&case.id.into()).await.unwrap(),
        engine.contacts(None, 9).await.unwrap(),
    );
    for digits in ["010107", "4711", "020207", "1234"] {
        assert!(!seen.contains(digits), "{digits}: {seen}");
    }
    engine.put(&jonas, anna(None)).await.unwrap();
    assert_eq!(engine.reveal_cpr(&jonas, id).await.unwrap(), None);

    engine.put(&jonas, given(NUMBER)).await.unwrap();
    engine.stop().await;
    no_file_has(world.folder.path(), NUMBER);
    no_file_has(world.folder.path(), "0202071234");
    no_file_has(world.folder.path(), "010107-4711");
}

fn no_file_has(folder: &std::path::Path, text: &str) {
    // On PostgreSQL the rows lie elsewhere; what lies here is the same.
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_no_number_is_kept_and_nothing_else_either() {
    let world = World::with(|options| options.secret_keys.clear()).await;
    let (engine, jonas) = (&world.engine, caseworker());
    let refused = engine.put(&jonas, given(NUMBER)).await.unwrap_err();
    assert!(refused.to_string().contains("lacks its key"), "{refused}");
    assert_eq!(engine.contact(anna(None).id).await.unwrap(), None);
    engine.put(&jonas, anna(None)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_brought_by_an_import_and_the_same_again_is_no_change() {
    let world = World::new().await;
    let take = async |cpr: &str, dry_run: bool| {
        let plan = ImportPlan {
            kind: ImportKind::Contacts,
            source: "borgere".to_owned(),
            brought_by: "borgere.csv".to_owned(),
            fields: ["key", "name", "role", "cpr"].map(str::to_owned).to_vec(),
            dry_run,
        };
        let row = ImportRow {
            line: 2,
            values: ["1", "Anna", "owner", cpr].map(str::to_owned).to_vec(),
        };
        let mut import = Import::new(&world.engine, plan);
        import.take(&[row]).await.unwrap().remove(0)
    };
    assert_eq!(take("010107-4711", true).await, RowOutcome::Created);
    assert_eq!(take("010107-4711", false).await, RowOutcome::Created);
    assert_eq!(take(NUMBER, false).await, RowOutcome::Unchanged);
    let RowOutcome::Rejected(why) = take("990107-4711", false).await else {
        panic!("there is no such day")
    };
    assert!(
        why.to_string().starts_with("cpr is not") && !why.to_string().contains("4711"),
        "{why}"
    );
    assert_eq!(take("020207-1234", false).await, RowOutcome::Changed);
    let contacts = world.engine.contacts(None, 9).await.unwrap();
    let seen = world.engine.reveal_cpr(&caseworker(), contacts[0].id).await;
    assert_eq!(seen.unwrap().as_deref(), Some("020207-1234"));
    assert_eq!(take("", false).await, RowOutcome::Changed);
    let seen = world.engine.reveal_cpr(&caseworker(), contacts[0].id).await;
    assert_eq!(seen.unwrap(), None);
}

/// A restore without its keys: the operator is told at once, and not by a caseworker who sees no number.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_lost_key_had_sealed_is_counted_until_the_key_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let open = async |keys: &[[u8; 32]]| {
        let mut options = options(folder.path());
        options.secret_keys = keys.to_vec();
        Engine::open(options).await.unwrap()
    };
    let engine = open(&[[1; 32]]).await;
    engine.put(&caseworker(), given(NUMBER)).await.unwrap();
    let webhook = NewWebhook {
        url: "https://hear.example/h".to_owned(),
        types: Vec::new(),
        secret: None,
        enabled: true,
    };
    engine
        .create_webhook(&administrator(), webhook)
        .await
        .unwrap();
    assert!(engine.lost_secrets().await.unwrap().is_empty());
    engine.stop().await;
    drop(engine);

    let engine = open(&[[2; 32]]).await;
    let lost = engine.lost_secrets().await.unwrap();
    assert_eq!((lost.cprs, lost.webhooks.len()), (1, 1), "{lost}");
    assert!(
        lost.to_string().contains("CPR number of 1 contact"),
        "{lost}"
    );
    engine.stop().await;
    drop(engine);

    let engine = open(&[[2; 32], [1; 32]]).await;
    assert!(engine.lost_secrets().await.unwrap().is_empty());
    engine.stop().await;
}

/// What a register said of a company stands in the history of its cases until it is protected.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_of_a_company_is_kept_back_once_it_is_protected() {
    let world = World::new().await;
    let (engine, jonas) = (&world.engine, caseworker());
    let company = Contact {
        kind: ContactKind::Company,
        name: "Skralderi ApS".to_owned(),
        cvr: Some("10103940".to_owned()),
        ..anna(None)
    };
    engine.put(&jonas, company.clone()).await.unwrap();
    let with = NewCase {
        contacts: vec![company.id],
        ..missed(json!({}))
    };
    let made = engine.create_case(&jonas, with, None, None).await.unwrap();
    let other = engine.create_case(&jonas, missed(json!({})), None, None);
    let other = other.await.unwrap().case.id;
    let link = json!({ "type": "link", "kind": "contact", "id": company.id });
    let request = || Request {
        scope: "jonas".to_owned(),
        key: "1".to_owned(),
        fingerprint: [0; 32],
    };
    let linked = async || {
        let commands = vec![command(link.clone())];
        let of = CaseRef::Id(other);
        let done = engine.execute(&jonas, &of, commands, None, Some(request()));
        format!("{:?}", done.await.unwrap().entries)
    };
    let told = async |case: CaseId| format!("{:?}", engine.history(case, 0, 100).await.unwrap());
    assert!(linked().await.contains("Skralderi"));
    for case in [made.case.id, other] {
        let told = told(case).await;
        assert!(
            told.contains("Skralderi") && told.contains("10103940"),
            "{told}"
        );
    }
    let protected = Contact {
        protected: true,
        ..company
    };
    engine.put(&jonas, protected).await.unwrap();
    for told in [told(made.case.id).await, told(other).await, linked().await] {
        assert!(
            !told.contains("Skralderi") && !told.contains("10103940"),
            "{told}"
        );
    }
}

/// A name that was written before the protection came tells the same as one that is written after it.
#[tokio::test(flavor = "multi_thread")]
async fn who_becomes_protected_is_not_named_by_what_was_written_before() {
    let world = World::new().await;
    let (engine, jonas) = (&world.engine, caseworker());
    let kept = anna(None);
    engine.put(&jonas, kept.clone()).await.unwrap();
    let made = engine
        .create_case(&jonas, missed(json!({})), None, None)
        .await
        .unwrap();
    let (case, of) = (made.case.id, CaseRef::Id(made.case.id));
    let link = |kind: &str| {
        let link = json!({ "type": kind, "kind": "contact", "id": kept.id });
        serde_json::from_value::<Command>(link).unwrap()
    };
    for command in [link("link"), link("unlink")] {
        let done = engine.execute(&jonas, &of, vec![command], None, None);
        done.await.unwrap();
    }
    let title = async || {
        let history = engine.history(case, 0, 100).await.unwrap();
        let linked = history.iter().find(|one| one.kind == "case.linked.v1");
        linked.unwrap().data["title"].clone()
    };
    assert_eq!(title().await, "Anna Lindegård");
    let protected = Contact {
        protected: true,
        ..kept
    };
    engine.put(&jonas, protected).await.unwrap();
    assert_eq!(title().await, sagsgang_domain::register::MASK);
    let into = engine.create_case(&jonas, missed(json!({})), None, None);
    let into = into.await.unwrap().case.id;
    let merge = Command::Merge { into, number: None };
    let merged = engine.execute(&jonas, &of, vec![merge], None, None);
    merged.await.unwrap();
    let view = engine.case_view(&into.into()).await.unwrap().unwrap();
    let told = format!("{:?}", view.sources);
    assert!(
        told.contains("case.linked.v1") && !told.contains("Anna"),
        "{told}"
    );
    // What was written is still there, and its chain holds.
    let report = engine.verify(|_| {}).await.unwrap();
    assert_eq!(report.first_bad, None);
}
