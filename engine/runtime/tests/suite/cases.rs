//! Creating and changing cases: workflows that start, keys that repeat, versions that are stale, plugins that refuse.

use crate::world::{World, caseworker, command, missed, note, of_case};
use futures_util::StreamExt;
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::json;
use std::time::Duration;

const WAIT: Option<Duration> = Some(Duration::from_secs(10));

#[tokio::test(flavor = "multi_thread")]
async fn a_new_case_is_prioritised_with_reasons_before_the_answer() {
    let world = World::new().await;
    let new = missed(json!({ "fraction": "residual", "repeats": 2 }));
    let created = world
        .engine
        .create_case(&caseworker(), new, None, WAIT)
        .await
        .unwrap();
    assert_eq!(created.case.priority, "high");
    assert_eq!(created.case.priority_score, Some(30));
    assert_eq!(
        created.case.priority_reasons.len(),
        2,
        "{:?}",
        created.case.priority_reasons
    );
    let history = world.engine.history(created.case.id, 0, 10).await.unwrap();
    let priority = history
        .iter()
        .find(|entry| entry.kind == "case.priority-changed.v1")
        .unwrap();
    let cause = priority.cause.clone().unwrap();
    assert_eq!(cause.workflow.as_deref(), Some("waste/missed-collection"));
    assert!(cause.plugin.unwrap().starts_with("auto-prioritise@"));
    let runs = world
        .engine
        .runs(&of_case(created.case.id, None), 10)
        .await
        .unwrap();
    assert_eq!((runs.len(), runs[0].status), (1, "completed"), "{runs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reporter_gets_a_receipt_that_is_kept_where_nothing_can_be_sent() {
    let world = World::new().await;
    let contact = Contact {
        id: ContactId(uuid(1)),
        kind: ContactKind::Person,
        name: "Anna Lindegård".to_owned(),
        cvr: None,
        cpr: None,
        emails: vec!["anna@borger.example".to_owned()],
        phones: Vec::new(),
        role: "reporter".to_owned(),
        property: None,
        protected: false,
    };
    world
        .engine
        .put(&caseworker(), contact.clone())
        .await
        .unwrap();
    let new = NewCase {
        contacts: vec![contact.id],
        ..missed(json!({}))
    };
    let created = world
        .engine
        .create_case(&caseworker(), new, None, WAIT)
        .await
        .unwrap();
    let messages = world
        .engine
        .case_view(&created.case.id.into())
        .await
        .unwrap()
        .unwrap()
        .messages;
    assert_eq!(messages.len(), 1);
    assert_eq!(
        (messages[0].to.as_str(), messages[0].state),
        ("anna@borger.example", MessageState::Kept)
    );
    assert!(messages[0].automatic && messages[0].text.contains(&created.case.number));
    assert_eq!(world.engine.outbox().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_one_case_and_another_body_is_refused() {
    let world = World::new().await;
    let request = |fingerprint| {
        Some(Request {
            scope: "jonas POST /cases".to_owned(),
            key: "k".to_owned(),
            fingerprint: [fingerprint; 32],
        })
    };
    let ask = |fingerprint| {
        world
            .engine
            .create_case(&CASEWORKER, missed(json!({})), request(fingerprint), None)
    };
    static CASEWORKER: std::sync::LazyLock<Caller> = std::sync::LazyLock::new(caseworker);
    let (one, two, three) = tokio::join!(ask(1), ask(1), ask(1));
    let (one, two, three) = (one.unwrap(), two.unwrap(), three.unwrap());
    assert_eq!(one.case.id, two.case.id);
    assert_eq!(one.case.id, three.case.id);
    assert!(matches!(ask(2).await, Err(ExecuteError::KeyReused)));
    assert_eq!(
        world
            .engine
            .count_cases(&CaseFilter::default(), 10)
            .await
            .unwrap(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_version_is_told_and_changes_nothing() {
    let world = World::new().await;
    let case = world
        .engine
        .create_case(&caseworker(), missed(json!({})), None, WAIT)
        .await
        .unwrap()
        .case;
    let id = CaseRef::Id(case.id);
    let changed = world
        .engine
        .execute(
            &caseworker(),
            &id,
            vec![note("Ringet op")],
            Some(case.version),
            None,
        )
        .await
        .unwrap();
    assert_eq!(changed.case.version, case.version + 1);
    let stale = world
        .engine
        .execute(
            &caseworker(),
            &id,
            vec![note("Også")],
            Some(case.version),
            None,
        )
        .await;
    assert!(matches!(stale, Err(ExecuteError::Stale { current }) if current == case.version + 1));
    assert_eq!(
        world.engine.case(&id).await.unwrap().unwrap().version,
        case.version + 1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_notes_at_the_same_moment_are_all_written() {
    let world = World::new().await;
    let case = world
        .engine
        .create_case(&caseworker(), missed(json!({})), None, WAIT)
        .await
        .unwrap()
        .case;
    let (id, caller) = (CaseRef::Id(case.id), caseworker());
    let notes: Vec<String> = (0..8).map(|n| format!("Note {n}")).collect();
    let writes = notes.iter().map(|text| {
        world
            .engine
            .execute(&caller, &id, vec![note(text)], None, None)
    });
    for outcome in futures_util::future::join_all(writes).await {
        outcome.unwrap();
    }
    let kinds = world.history_kinds(case.id).await;
    assert_eq!(
        kinds.iter().filter(|kind| *kind == "case.noted.v1").count(),
        8
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_refers_to_must_be_there() {
    let world = World::new().await;
    let case = world
        .engine
        .create_case(&caseworker(), missed(json!({})), None, WAIT)
        .await
        .unwrap()
        .case;
    let nobody = uuid(99);
    for (wrong, code) in [
        (
            json!({ "type": "link", "kind": "container", "id": nobody }),
            "not-found",
        ),
        (
            json!({ "type": "attach", "document": nobody, "name": "x", "digest": "ab" }),
            "not-found",
        ),
        (
            json!({ "type": "assign", "assignee": "ingen" }),
            "unknown-user",
        ),
        (
            json!({ "type": "send-message", "channel": "email", "to": "a@b.example", "template": "x" }),
            "unknown-template",
        ),
        (
            json!({ "type": "set-fields", "fields": { "fraction": "guld" } }),
            "invalid-fields",
        ),
        (
            json!({ "type": "set-status", "status": "cancelled" }),
            "guard-failed",
        ),
    ] {
        let refused = world
            .engine
            .execute(
                &caseworker(),
                &case.id.into(),
                vec![command(wrong.clone())],
                None,
                None,
            )
            .await;
        match refused {
            Err(ExecuteError::Rejected(rejection)) => assert_eq!(rejection.code(), code, "{wrong}"),
            other => panic!("{wrong}: {other:?}"),
        }
    }
    assert_eq!(
        world
            .engine
            .case(&case.id.into())
            .await
            .unwrap()
            .unwrap()
            .version,
        case.version
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_prints_a_label_and_attaches_it() {
    let world = World::new().await;
    let container = Container {
        id: ContainerId(uuid(5)),
        container_id: "BH-1049-22817".to_owned(),
        kind: "240 liters beholder".to_owned(),
        compartments: vec![Compartment {
            fractions: vec!["residual".to_owned()],
        }],
        property: None,
        address: Address {
            road: "Lærkehaven".to_owned(),
            number: "14".to_owned(),
            ..Address::default()
        },
        status: "active".to_owned(),
        last_collection: None,
        next_collection: None,
    };
    world
        .engine
        .put(&caseworker(), container.clone())
        .await
        .unwrap();
    let new = NewCase {
        containers: vec![container.id],
        ..missed(json!({}))
    };
    let case = world
        .engine
        .create_case(&caseworker(), new, None, WAIT)
        .await
        .unwrap()
        .case;
    let buttons = world.engine.buttons(ButtonPlace::Case, Some(&case), "da");
    let titles: Vec<&str> = buttons.iter().map(|button| button.title.as_str()).collect();
    assert_eq!(
        titles,
        ["Udskriv sag", "Udskriv beholderlabel", "Forbind med besked"]
    );
    let done = world
        .engine
        .run_action(
            &caseworker(),
            "da",
            &case.id.into(),
            "container-label",
            json!({}),
            None,
        )
        .await
        .unwrap();
    assert_eq!(done.documents.len(), 1);
    let bytes = world
        .engine
        .document_bytes(&done.documents[0])
        .await
        .unwrap();
    assert!(bytes.starts_with(b"%PDF"));
    assert!(done.case.documents.contains(&done.documents[0].id));
    let kinds = world.history_kinds(case.id).await;
    assert!(
        kinds.contains(&"case.attached.v1".to_owned())
            && kinds.contains(&"case.action-performed.v1".to_owned())
    );
    let printed = world
        .engine
        .run_action(
            &caseworker(),
            "da",
            &case.id.into(),
            "print-case",
            json!({}),
            None,
        )
        .await
        .unwrap();
    assert!(
        world
            .engine
            .document_bytes(&printed.documents[0])
            .await
            .unwrap()
            .starts_with(b"%PDF")
    );
    let both = [done.documents[0].id, printed.documents[0].id];
    let whole = world.engine.documents_as_one("Begge", &both).await;
    assert!(whole.unwrap().starts_with(b"%PDF"));
    let text = b"hej".to_vec();
    let other = world.engine.keep_file("a.txt", "text/plain", text, None);
    let with_other = [both[0], other.await.unwrap().id];
    let refused = world.engine.documents_as_one("Begge", &with_other).await;
    assert!(matches!(refused, Err(JoinError::NotReadable { name }) if name == "a.txt"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_may_not_do_leaves_nothing_behind() {
    let world = World::new().await;
    let case = world
        .engine
        .create_case(&caseworker(), missed(json!({})), None, WAIT)
        .await
        .unwrap()
        .case;
    let before = world
        .engine
        .case(&case.id.into())
        .await
        .unwrap()
        .unwrap()
        .version;
    let nothing = json!({ "message": uuid(77) });
    let refused = world
        .engine
        .run_action(
            &caseworker(),
            "da",
            &case.id.into(),
            "link-message",
            nothing,
            None,
        )
        .await;
    assert!(
        matches!(&refused, Err(ExecuteError::Rejected(rejection)) if rejection.code() == "not-found"),
        "{refused:?}"
    );
    let configurator = Caller {
        roles: vec![Role::Configurator],
        ..caseworker()
    };
    let refused = world
        .engine
        .run_action(
            &configurator,
            "da",
            &case.id.into(),
            "print-case",
            json!({}),
            None,
        )
        .await;
    assert!(matches!(
        refused,
        Err(ExecuteError::Rejected(Rejection::NotAllowed { .. }))
    ));
    assert_eq!(
        world
            .engine
            .case(&case.id.into())
            .await
            .unwrap()
            .unwrap()
            .version,
        before
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_dropped_in_or_changed_takes_effect_at_the_next_call() {
    let world = World::new().await;
    let folder = world.folder.path().join("plugins/greet");
    std::fs::create_dir_all(&folder).unwrap();
    let manifest = |version: &str| {
        format!(
            "id = \"greet\"\nversion = \"{version}\"\ninterface = \"1\"\n[title]\nda = \"Hils\"\n[[action]]\n\
             name = \"greet\"\neffect = \"pure\"\nbutton = {{ where = [\"case\"] }}\n[capabilities]\ncase-commands = [\"note\"]\n"
        )
    };
    let write = |version: &str, word: &str| {
        std::fs::write(folder.join("plugin.toml"), manifest(version)).unwrap();
        std::fs::write(
            folder.join("plugin.rhai"),
            format!("fn greet(input) {{ commands::note(\"{word}\"); #{{}} }}"),
        )
        .unwrap();
    };
    let case = world
        .engine
        .create_case(&caseworker(), missed(json!({})), None, WAIT)
        .await
        .unwrap()
        .case;
    for (version, word) in [("1.0.0", "Hej"), ("1.0.1", "Goddag")] {
        write(version, word);
        world
            .until("the plugin is there", async |engine| {
                engine
                    .plugins()
                    .into_iter()
                    .find(|plugin| plugin.id == "greet" && plugin.version == version)
            })
            .await;
        let done = world
            .engine
            .run_action(
                &caseworker(),
                "da",
                &case.id.into(),
                "greet",
                json!({}),
                None,
            )
            .await
            .unwrap();
        assert_eq!(done.entries[0].data["text"], word);
    }
    std::fs::write(folder.join("plugin.rhai"), "fn greet(input) { ").unwrap();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let done = world
        .engine
        .run_action(
            &caseworker(),
            "da",
            &case.id.into(),
            "greet",
            json!({}),
            None,
        )
        .await
        .unwrap();
    assert_eq!(
        done.entries[0].data["text"], "Goddag",
        "the broken version does not replace the good one"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_let_in_by_the_right_password_only() {
    let world = World::new().await;
    for _ in 0..5 {
        assert!(matches!(
            world.engine.log_in("jonas", "forkert", "127.0.0.1").await,
            Err(LogInError::Wrong)
        ));
    }
    assert!(matches!(
        world
            .engine
            .log_in("jonas", "korrekt hest", "127.0.0.1")
            .await,
        Err(LogInError::TooMany { .. })
    ));
    assert!(matches!(
        world.engine.log_in("ukendt", "x", "127.0.0.1").await,
        Err(LogInError::Wrong)
    ));
    let world = World::new().await;
    let token = world
        .engine
        .log_in("jonas", "korrekt hest", "127.0.0.1")
        .await
        .unwrap();
    let principal = world
        .engine
        .principal_of_session(&token)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (principal.display_name.as_str(), principal.may(Right::Note)),
        ("Jonas Holm", true)
    );
    world.engine.log_out(&token).await.unwrap();
    assert!(
        world
            .engine
            .principal_of_session(&token)
            .await
            .unwrap()
            .is_none()
    );
    let token = world.engine.make_token("jonas", None).await.unwrap();
    assert!(
        world
            .engine
            .principal_of_token(&token)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        world
            .engine
            .principal_of_token("sg_forkert")
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_verifies_and_an_edit_in_the_database_is_found() {
    let world = World::new().await;
    for _ in 0..3 {
        world
            .engine
            .create_case(
                &caseworker(),
                missed(json!({ "fraction": "food" })),
                None,
                WAIT,
            )
            .await
            .unwrap();
    }
    let report = world.engine.verify(|_| {}).await.unwrap();
    assert_eq!((report.cases, report.first_bad), (3, None));
}

pub fn uuid(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128((0x0190_0000_0000_7000_8000_u128 << 48) + n)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_as_a_file_has_every_case_and_ends_once_and_for_all() {
    let world = World::new().await;
    for _ in 0..3 {
        world
            .engine
            .create_case(&caseworker(), missed(json!({})), None, None)
            .await
            .unwrap();
    }
    let layout = SheetLayout {
        name: "Sager".to_owned(),
        titles: vec!["Sag".to_owned()],
        cut_off: "…".to_owned(),
        row: Box::new(|case: ExportedCase| vec![case.item.number.into()]),
    };
    let (filter, sort) = (CaseFilter::default(), CaseSort::Created);
    let file = world.engine.export_cases(
        filter,
        sort,
        ExportWith::default(),
        SheetFormat::Csv,
        layout,
    );
    let mut file = std::pin::pin!(file);
    let mut bytes = Vec::new();
    while let Some(piece) = file.next().await {
        bytes.extend(piece.unwrap());
    }
    // What compresses an answer asks once more.
    assert!(file.next().await.is_none());
    assert_eq!(String::from_utf8(bytes).unwrap().lines().count(), 4);
}
