//! One story through every read, on both databases.

use crate::databases::{Opened, postgres, sqlite};
use crate::registers::registers;
use crate::world::{at, change, id, new_case, of_case, received};
use sagsgang_domain::*;
use sagsgang_store::*;
use serde_json::json;
use std::time::Duration;

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
    store.ping().await.unwrap();
    let property = registers(store).await;
    cases(store, property).await;
    lists(store).await;
    messages_and_files(store).await;
    runs(store).await;
    people(store).await;
    small_things(store).await;
}

async fn cases(store: &Store, property: PropertyId) {
    let commit = of_case(new_case("Manglende tømning", 10, |new| {
        new.property = Some(property);
    }));
    let written = commit.cases[0].decision.case.clone();
    store.commit(commit).await.unwrap();
    let stored = store.case(written.id).await.unwrap().unwrap();
    assert_eq!(stored.case, written);
    assert_eq!(
        store
            .case_by_number(&written.number)
            .await
            .unwrap()
            .unwrap()
            .case,
        written
    );
    let asked = [written.id, CaseId(id())];
    let numbers = store.case_numbers(&asked).await.unwrap();
    assert_eq!(numbers, [(written.id, written.number.clone())].into());
    let link = Command::Link {
        kind: LinkKind::Case,
        id: id(),
        relation: Relation::Related,
        title: None,
        seen: None,
    };
    store
        .commit(of_case(change(&stored, link, 11)))
        .await
        .unwrap();
    let fields = json!({ "weight": 1.5e300, "count": 7, "text": "Æ" })
        .as_object()
        .unwrap()
        .clone();
    let stored = store.case(written.id).await.unwrap().unwrap();
    store
        .commit(of_case(change(&stored, Command::SetFields { fields }, 12)))
        .await
        .unwrap();
    let history = store.history(written.id, 0, 10).await.unwrap();
    assert_eq!(history.len(), 3);
    let newest = chain::verify(&history).expect("the chain survives the database");
    assert_eq!(
        store.case(written.id).await.unwrap().unwrap().head.hash,
        newest
    );
    assert_eq!(store.history(written.id, 2, 10).await.unwrap().len(), 1);
    linked(store, property, &written).await;
    assert!(
        store
            .case_ids_after(CaseId(uuid::Uuid::nil()), 5)
            .await
            .unwrap()
            .contains(&written.id)
    );
}

/// Cases of a property, the newest first; a case that moved to another property is no longer among them.
async fn linked(store: &Store, property: PropertyId, written: &Case) {
    let newer = of_case(new_case("Ødelagt låg", 20, |new| {
        new.property = Some(property);
    }));
    let moved = newer.cases[0].decision.case.clone();
    store.commit(newer).await.unwrap();
    let linked = store
        .cases_linked(LinkKind::Property, property.0, 5)
        .await
        .unwrap();
    let of = |case: &Case| LinkedCase {
        id: case.id,
        number: case.number.clone(),
        case_type: case.case_type.clone(),
        title: case.title.clone(),
        status: case.status.clone(),
        created_at: case.created_at,
    };
    assert_eq!(linked, [of(&moved), of(written)]);
    let stored = store.case(moved.id).await.unwrap().unwrap();
    let link = Command::Link {
        kind: LinkKind::Property,
        id: id(),
        relation: Relation::Related,
        title: None,
        seen: None,
    };
    store
        .commit(of_case(change(&stored, link, 21)))
        .await
        .unwrap();
    let left = store
        .cases_linked(LinkKind::Property, property.0, 5)
        .await
        .unwrap();
    assert_eq!(left, [of(written)]);
}

async fn lists(store: &Store) {
    for n in 0..7 {
        let case = new_case(&format!("Klage {n}"), 100 + n, |new| {
            new.tags = vec!["støj".to_owned()];
            new.due = (n % 2 == 0).then(|| at(1_000 - n));
            new.priority = Some(if n < 3 { "high" } else { "low" }.to_owned());
        });
        store.commit(of_case(case)).await.unwrap();
    }
    let noisy = CaseFilter {
        tag: Some("støj".to_owned()),
        ..CaseFilter::default()
    };
    assert_eq!(store.count_cases(&noisy, 100).await.unwrap(), 7);
    for sort in [
        CaseSort::Created,
        CaseSort::Updated,
        CaseSort::Due,
        CaseSort::Priority,
    ] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = store
                .list_cases(&noisy, sort, after.as_deref(), 3)
                .await
                .unwrap();
            seen.extend(page.items.into_iter().map(|item| item.title));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let mut distinct = seen.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!((seen.len(), distinct.len()), (7, 7), "{sort:?}: {seen:?}");
    }
    let all = CaseFilter {
        statuses: vec!["created".to_owned(), "closed".to_owned()],
        priorities: vec!["high".to_owned()],
        case_types: vec!["waste.complaint".to_owned()],
        assignee: Some(None),
        open: true,
        due_before: Some(at(2_000)),
        text: Some("KLAGE".to_owned()),
        ..noisy
    };
    let page = store
        .list_cases(&all, CaseSort::Due, None, 10)
        .await
        .unwrap();
    assert_eq!(page.items.len(), 2, "{:?}", page.items);
    let nobody = CaseFilter {
        assignee: Some(Some("x".to_owned())),
        team: Some("y".to_owned()),
        ..CaseFilter::default()
    };
    assert_eq!(store.count_cases(&nobody, 10).await.unwrap(), 0);
}

async fn messages_and_files(store: &Store) {
    let message = received("story@borger.example");
    let digest = store.blobs().put(b"billede".to_vec()).await.unwrap();
    let document = Document {
        id: DocumentId(id()),
        case: None,
        message: Some(message.id),
        name: "låg.jpg".to_owned(),
        media_type: "image/jpeg".to_owned(),
        size: 7,
        digest,
        created_at: at(1),
    };
    let out = Message {
        id: MessageId(id()),
        direction: Direction::Out,
        state: MessageState::Queued,
        message_id: None,
        next_attempt_at: Some(at(5)),
        ..message.clone()
    };
    let commit = Commit {
        messages: vec![message.clone(), out.clone()],
        documents: vec![document.clone()],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    assert_eq!(
        store.inbox(true, None, 10).await.unwrap().items,
        std::slice::from_ref(&message)
    );
    assert_eq!(store.count_inbox().await.unwrap(), 1);
    assert_eq!(
        store
            .message_by_message_id("story@borger.example")
            .await
            .unwrap()
            .as_ref(),
        Some(&message)
    );
    assert_eq!(
        store
            .outbox(&[MessageState::Queued, MessageState::Sent], None, 10)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    assert!(store.messages_due(at(4), 10).await.unwrap().is_empty());
    assert_eq!(store.messages_due(at(6), 10).await.unwrap().len(), 1);
    assert_eq!(store.claim_due(out.id, at(4), at(9)).await.unwrap(), None);
    let claims = (0..2).map(|_| store.claim_due(out.id, at(6), at(9)));
    let claims = futures_util::future::join_all(claims).await;
    let taken = claims.into_iter().filter_map(Result::unwrap).count();
    assert_eq!(taken, 1, "of two nodes one sends it");
    assert!(store.messages_due(at(8), 10).await.unwrap().is_empty());
    assert!(store.messages_due(at(9), 10).await.unwrap().is_empty());
    let sent = Message {
        state: MessageState::Sent,
        next_attempt_at: None,
        ..out
    };
    store
        .commit(Commit {
            messages: vec![sent.clone()],
            ..Commit::default()
        })
        .await
        .unwrap();
    assert!(store.messages_due(at(6), 10).await.unwrap().is_empty());
    assert_eq!(store.message(sent.id).await.unwrap(), Some(sent));
    assert_eq!(
        store.document(document.id).await.unwrap(),
        Some(document.clone())
    );
    assert_eq!(
        store.documents_of_message(message.id).await.unwrap(),
        [document]
    );
    let case = CaseId(id());
    assert!(store.documents_of_case(case).await.unwrap().is_empty());
    assert!(store.messages_of_case(case).await.unwrap().is_empty());
}

async fn runs(store: &Store) {
    let (run, case) = (InstanceId(id()), CaseId(id()));
    let row = InstanceRow {
        id: run,
        workflow: "waste/missed-collection".to_owned(),
        version: "1.0.0".to_owned(),
        case: Some(case),
        parent: Some(Parent {
            run: InstanceId(id()),
            key: Some("key".to_owned()),
        }),
        status: InstanceStatus::Waiting,
        seq: 1,
        depth: 1,
        crashes: 0,
        detail: None,
        state: Some(JsonText::of(&json!({ "status": "waiting" }))),
        state_hash: [9; 32],
        created_at: at(1),
        pinned_at: Some(at(0)),
        updated_at: at(1),
    };
    let input = PendingInput {
        id: id(),
        instance: run,
        input: JsonText::of(&json!({ "kind": "resume" })),
        at: at(1),
    };
    let subscription = Subscription {
        instance: run,
        key: "s".to_owned(),
        event_type: "case.status-changed.v1".to_owned(),
        case: Some(case),
        filters: json!([{ "type": "case.status-changed.v1" }]),
        since: at(1),
    };
    let journal = JournalRow {
        instance: run,
        seq: 1,
        at: at(1),
        actor: Actor::system(),
        input: JsonText::trusted("{}"),
        effects: JsonText::trusted("[]"),
        state_hash: [9; 32],
    };
    let incident = Incident {
        id: id(),
        instance: Some(run),
        case: Some(case),
        plugin: None,
        code: "workflow-faulted".to_owned(),
        title: "stopped".to_owned(),
        detail: "{}".to_owned(),
        open: true,
        at: at(1),
        resolved: None,
        reason: None,
    };
    let timer = TimerRow {
        instance: run,
        key: "t".to_owned(),
        due: at(60),
    };
    let commit = Commit {
        instances: vec![InstanceWrite {
            expected: None,
            row: row.clone(),
        }],
        inputs: vec![input.clone(), input.clone()],
        subscriptions: vec![subscription.clone()],
        timers: vec![timer.clone()],
        journal: vec![journal],
        incidents: vec![incident.clone()],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
    assert_eq!(store.instance(run).await.unwrap(), Some(row.clone()));
    let parent = row.parent.as_ref().unwrap();
    assert_eq!(
        store.awaited_instances(parent.run, "key").await.unwrap(),
        std::slice::from_ref(&row)
    );
    assert!(
        store
            .awaited_instances(parent.run, "other")
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        store.instances_of_case(case).await.unwrap(),
        std::slice::from_ref(&row)
    );
    assert_eq!(
        store
            .instances(Some(InstanceStatus::Waiting), None, 5)
            .await
            .unwrap(),
        std::slice::from_ref(&row)
    );
    assert!(store.instances(None, None, 5).await.unwrap().contains(&row));
    let older = store.instances(None, Some(run), 5).await.unwrap();
    assert!(!older.contains(&row), "a page goes on after its last row");
    assert_eq!(
        store.ready_instances(Duration::ZERO, 5).await.unwrap(),
        [run]
    );
    let still = Commit {
        instances: vec![InstanceWrite {
            expected: Some(row.seq),
            row: InstanceRow {
                status: InstanceStatus::Suspended,
                ..row.clone()
            },
        }],
        ..Commit::default()
    };
    store.commit(still).await.unwrap();
    let ready = store.ready_instances(Duration::ZERO, 5).await.unwrap();
    assert!(ready.is_empty(), "what stands still is not taken up");
    assert!(
        !store.workflows_unfinished().await.unwrap().is_empty(),
        "what stands still goes on some day"
    );
    // What a run goes by says itself, not when it began.
    let goes = |from, until| store.has_pinned(&row.workflow, &row.version, at(from), at(until));
    assert!(goes(-9, 1).await.unwrap() && goes(0, 1).await.unwrap());
    assert!(!goes(-9, 0).await.unwrap());
    assert_eq!(
        store.pending_inputs(run).await.unwrap().len(),
        1,
        "the same input is given once"
    );
    assert_eq!(store.journal(run, 0, 5).await.unwrap().len(), 1);
    assert_eq!(store.next_timer().await.unwrap(), Some(at(60)));
    assert_eq!(store.due_timers(at(61), 5).await.unwrap().len(), 1);
    assert_eq!(
        store
            .subscriptions("case.status-changed.v1", Some(case))
            .await
            .unwrap(),
        std::slice::from_ref(&subscription)
    );
    let heard = async |case| store.subscriptions("case.status-changed.v1", case).await;
    assert!(heard(Some(CaseId(id()))).await.unwrap().is_empty());
    assert_eq!(
        heard(None).await.unwrap(),
        [subscription],
        "what comes from outside is for runs of any case"
    );
    let page = async |open, before| store.incidents(open, before, 5).await.unwrap();
    assert_eq!(page(true, None).await, std::slice::from_ref(&incident));
    assert_eq!(store.count_open_incidents().await.unwrap(), 1);
    assert!(
        page(true, Some((incident.at, incident.id)))
            .await
            .is_empty()
    );
    let mut resolved = store.open_incidents_of(run).await.unwrap().remove(0);
    resolved.resolve("Jonas Holm", "Rettet", at(3));
    let dealt_with = Commit {
        incidents: vec![resolved.clone()],
        ..Commit::default()
    };
    store.commit(dealt_with).await.unwrap();
    assert!(page(true, None).await.is_empty());
    assert_eq!(page(false, None).await, [resolved]);
    let over = Commit {
        consumed: vec![input.id],
        timers_gone: vec![(run, "t".to_owned())],
        subscriptions_gone: vec![(run, "s".to_owned())],
        ..Commit::default()
    };
    store.commit(over).await.unwrap();
    assert!(store.pending_inputs(run).await.unwrap().is_empty());
    assert_eq!(store.next_timer().await.unwrap(), None);
    assert!(
        store
            .subscriptions("case.status-changed.v1", Some(case))
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.next_action_due().await.unwrap(), None);
}

async fn people(store: &Store) {
    let account = Account {
        name: "jonas".to_owned(),
        display_name: "Jonas Holm".to_owned(),
        password_hash: None,
        roles: vec![Role::Caseworker],
        team: Some("Tømning".to_owned()),
        locale: "da".to_owned(),
        disabled: false,
        created_at: at(1),
    };
    store.put_account(&account).await.unwrap();
    let changed = Account {
        disabled: true,
        ..account
    };
    store.put_account(&changed).await.unwrap();
    assert_eq!(store.account("jonas").await.unwrap(), Some(changed.clone()));
    assert_eq!(
        store.accounts().await.unwrap(),
        std::slice::from_ref(&changed)
    );
    store
        .begin_session(&[1; 32], "jonas", at(10))
        .await
        .unwrap();
    store.touch_session(&[1; 32], at(20)).await.unwrap();
    assert_eq!(
        store.session(&[1; 32]).await.unwrap().unwrap().seen_at,
        at(20)
    );
    let usual = store.session(&[1; 32]).await.unwrap().unwrap();
    assert_eq!(usual.preferences, Preferences::default());
    for rows in [25, 100] {
        let wanted = Preferences {
            theme: Theme::Dark,
            rows,
            signature: "Jonas\nAffald".to_owned(),
            ..Preferences::default()
        };
        store.keep_preferences("jonas", &wanted).await.unwrap();
        let session = store.session(&[1; 32]).await.unwrap().unwrap();
        assert_eq!(session.preferences, wanted);
    }
    assert!(
        store
            .keep_preferences("nobody", &usual.preferences)
            .await
            .is_err()
    );
    store.remove_old_sessions(at(21), at(0)).await.unwrap();
    assert!(store.session(&[1; 32]).await.unwrap().is_none());
    store
        .begin_session(&[2; 32], "jonas", at(10))
        .await
        .unwrap();
    store.end_session(&[2; 32]).await.unwrap();
    assert!(store.session(&[2; 32]).await.unwrap().is_none());
    store
        .put_token(&[3; 32], "jonas", at(1), Some(at(100)))
        .await
        .unwrap();
    assert_eq!(
        store.token_account(&[3; 32], at(99)).await.unwrap(),
        Some(changed)
    );
    assert!(
        store
            .token_account(&[3; 32], at(101))
            .await
            .unwrap()
            .is_none()
    );
}

async fn small_things(store: &Store) {
    assert_eq!(store.reserve("case 2026", 1).await.unwrap(), 1);
    assert_eq!(store.reserve("case 2026", 10).await.unwrap(), 2);
    assert_eq!(store.reserve("case 2026", 1).await.unwrap(), 12);
    let text = |digest: &str, version: &str| DefinitionRow {
        kind: "workflow".to_owned(),
        name: "waste/x".to_owned(),
        version: version.to_owned(),
        digest: digest.to_owned(),
        body: "text".to_owned(),
        active: true,
        published_at: at(1),
        published_by: "konfigurator".to_owned(),
    };
    store.publish(&[text("a", "1")]).await.unwrap().unwrap();
    store
        .publish(&[text("a", "1"), text("b", "2")])
        .await
        .unwrap()
        .unwrap();
    assert!(
        store
            .publish(&[text("c", "1"), text("d", "3")])
            .await
            .unwrap()
            .is_err()
    );
    let active: Vec<_> = store
        .definitions()
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.version, row.active))
        .collect();
    assert_eq!(active, [("1".to_owned(), false), ("2".to_owned(), true)]);
    store.forget_requests(at(1_000_000)).await.unwrap();
}
