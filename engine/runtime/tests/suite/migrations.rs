//! Cases move from one version of their case type to another: all of them, once, and back.

use crate::world::*;
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::{Value, json};
use uuid::Uuid;

const FIRST: &str = "
caseType: test.moving
version: 1
fields: { type: object, additionalProperties: false, properties: { amount: { type: integer }, phone: { type: string, x-pii: true } } }
statuses: { created: { initial: true }, waiting: {}, closed: { final: true } }
transitions: [ { name: wait, from: created, to: waiting }, { name: close, from: '*', to: closed } ]
";

const SECOND: &str = "
caseType: test.moving
version: 2
fields: { type: object, additionalProperties: false, required: [kind], properties: { pieces: { type: integer, maximum: 9 }, kind: { type: string, default: paper }, phone: { type: integer, x-pii: true } } }
statuses: { created: { initial: true }, waiting_customer: {}, closed: { final: true } }
transitions: [ { name: wait, from: created, to: waiting_customer }, { name: close, from: '*', to: closed } ]
";

fn configurator() -> Caller {
    Caller {
        actor: Actor::new(ActorKind::Person, "kirsten"),
        roles: vec![Role::Configurator],
    }
}

fn caseworker() -> Caller {
    Caller {
        actor: Actor::new(ActorKind::Person, "jonas"),
        roles: vec![Role::Caseworker],
    }
}

fn moving(carry_out: bool) -> NewMigration {
    NewMigration {
        case_type: "test.moving".to_owned(),
        from: 1,
        to: 2,
        rules: serde_json::from_value(json!({
            "statuses": { "waiting": "waiting_customer" }, "fields": { "amount": "pieces" },
        }))
        .unwrap(),
        carry_out,
    }
}

async fn make(world: &World, fields: Value) -> Case {
    let new = NewCase {
        case_type: "test.moving".to_owned(),
        title: "Papir".to_owned(),
        fields: fields.as_object().cloned().unwrap(),
        ..NewCase::default()
    };
    let jonas = caseworker();
    let made = world.engine.create_case(&jonas, new, None, None);
    made.await.unwrap().case
}

async fn ended(world: &World, id: MigrationId, phase: MigrationPhase) -> (u64, u64) {
    let row = world
        .until("the phase ended", async |engine| {
            let known = engine.migration(id).await.unwrap().unwrap();
            let row = known.phase(phase).cloned()?;
            row.ended_at.map(|_| row)
        })
        .await;
    (row.moved, row.refused)
}

async fn read(world: &World, case: &Case) -> Case {
    let view = world.engine.case(&case.id.into()).await.unwrap();
    view.unwrap()
}

async fn change(world: &World, case: &Case, command: Command) {
    let (jonas, case) = (caseworker(), case.id.into());
    let done = world
        .engine
        .execute(&jonas, &case, vec![command], None, None);
    done.await.unwrap();
}

#[tokio::test]
async fn cases_are_tried_then_moved_and_put_back() {
    let world = World::new().await;
    world.publish(FIRST).await;
    let (few, many) = (
        make(&world, json!({ "amount": 2 })).await,
        make(&world, json!({ "amount": 20 })).await,
    );
    let named = make(&world, json!({ "phone": "12345678" })).await;
    let wait = Command::SetStatus {
        status: "waiting".to_owned(),
        reason: None,
    };
    change(&world, &few, wait).await;
    world.publish(SECOND).await;
    let engine = &world.engine;
    let kirsten = configurator();
    let tried = engine.begin_migration(&kirsten, moving(false), None);
    let id = tried.await.unwrap().id;
    assert_eq!(ended(&world, id, MigrationPhase::Trial).await, (1, 2));
    assert_eq!(
        read(&world, &few).await.case_type_version,
        1,
        "a trial moves nothing"
    );
    let nil = CaseId(Uuid::nil());
    let refused = engine
        .refusals(id, MigrationPhase::Trial, nil, 10)
        .await
        .unwrap();
    let numbers: Vec<_> = refused.iter().map(|one| one.number.clone()).collect();
    assert_eq!(numbers, [many.number.clone(), named.number.clone()]);
    let reasons: Vec<_> = refused.iter().map(|one| &one.reasons).collect();
    let said = json!(reasons).to_string();
    assert!(
        said.contains("fields-invalid") && !said.contains("12345678"),
        "{said}"
    );
    let rest = engine
        .refusals(id, MigrationPhase::Trial, many.id, 10)
        .await
        .unwrap();
    assert_eq!(rest.len(), 1);

    engine
        .carry_out_migration(&configurator(), id)
        .await
        .unwrap();
    assert_eq!(ended(&world, id, MigrationPhase::Move).await, (1, 2));
    let again = engine
        .carry_out_migration(&configurator(), id)
        .await
        .unwrap();
    assert!(again.open().is_none(), "asked twice is done once");
    let moved = read(&world, &few).await;
    assert_eq!(
        (moved.case_type_version, moved.status.as_str()),
        (2, "waiting_customer")
    );
    assert_eq!(
        Value::Object(moved.fields.clone()),
        json!({ "pieces": 2, "kind": "paper" })
    );
    let history = engine.history(few.id, 0, 100).await.unwrap();
    assert!(chain::verify(&history).is_ok());
    let told = history.last().unwrap();
    assert_eq!(
        (told.kind.as_str(), told.actor.id.as_str()),
        ("case.migrated.v1", "kirsten")
    );
    assert_eq!(
        told.data["fields"]["amount"],
        json!({ "from": 2, "to": null })
    );
    let filter = CaseFilter {
        fields: vec![("pieces".to_owned(), "2".to_owned())],
        ..CaseFilter::default()
    };
    assert_eq!(
        engine.count_cases(&filter, 10).await.unwrap(),
        1,
        "the list finds it by its new field"
    );

    engine.revert_migration(&configurator(), id).await.unwrap();
    assert_eq!(ended(&world, id, MigrationPhase::Back).await, (1, 0));
    let back = read(&world, &few).await;
    assert_eq!(
        (back.case_type_version, back.status.as_str()),
        (1, "waiting")
    );
    assert_eq!(
        (Value::Object(back.fields), back.migration),
        (json!({ "amount": 2 }), None)
    );
    assert_eq!(engine.verify(|_| {}).await.unwrap().first_bad, None);
}

#[tokio::test]
async fn what_was_changed_since_stays_and_says_why() {
    let world = World::new().await;
    world.publish(FIRST).await;
    let (edited, left) = (
        make(&world, json!({ "amount": 2 })).await,
        make(&world, json!({ "amount": 3 })).await,
    );
    world.publish(SECOND).await;
    let engine = &world.engine;
    let kirsten = configurator();
    let moved = engine.begin_migration(&kirsten, moving(true), None);
    let id = moved.await.unwrap().id;
    assert_eq!(ended(&world, id, MigrationPhase::Move).await, (2, 0));
    let fields = json!({ "pieces": 4 });
    let fields = Command::SetFields {
        fields: fields.as_object().cloned().unwrap(),
    };
    change(&world, &edited, fields).await;
    let noted = Command::Note {
        text: "Ringet".to_owned(),
        attachments: Vec::new(),
    };
    change(&world, &left, noted).await;
    engine.revert_migration(&configurator(), id).await.unwrap();
    assert_eq!(ended(&world, id, MigrationPhase::Back).await, (1, 1));
    let nil = CaseId(Uuid::nil());
    let refused = engine
        .refusals(id, MigrationPhase::Back, nil, 10)
        .await
        .unwrap();
    let what = "fields.pieces".to_owned();
    assert_eq!(refused[0].reasons, [MigrationReason::ChangedSince { what }]);
    assert_eq!(read(&world, &edited).await.case_type_version, 2);
    assert_eq!(read(&world, &left).await.case_type_version, 1);
}

#[tokio::test]
async fn a_migration_that_is_cut_off_goes_on_and_counts_each_case_once() {
    let world = World::new().await;
    world.publish(FIRST).await;
    for amount in 0..40 {
        make(&world, json!({ "amount": amount % 8 })).await;
    }
    world.publish(SECOND).await;
    world.engine.stop().await;
    let mut options = options(world.folder.path());
    options.readers = 2;
    // Not started: only the calls below go through the cases.
    let first = Engine::open(options).await.unwrap();
    let kirsten = configurator();
    let begun = first.begin_migration(&kirsten, moving(true), None);
    let id = begun.await.unwrap().id;
    let second = Engine::open(crate::world::options(world.folder.path()))
        .await
        .unwrap();
    let both = tokio::join!(
        first.finish_migration(id, |_| {}),
        second.finish_migration(id, |_| {})
    );
    let done = both.0.unwrap();
    both.1.unwrap();
    let row = done.phase(MigrationPhase::Move).unwrap();
    assert_eq!(
        (row.moved, row.refused),
        (40, 0),
        "two at once move each case once"
    );
    first.stop().await;
    second.stop().await;
}

#[tokio::test]
async fn a_migration_asks_for_what_there_is_and_for_the_right() {
    let world = World::new().await;
    world.publish(FIRST).await;
    world.publish(SECOND).await;
    let engine = &world.engine;
    let code = async |caller: Caller, change: fn(&mut NewMigration)| {
        let mut new = moving(true);
        change(&mut new);
        match engine.begin_migration(&caller, new, None).await {
            Err(ExecuteError::Rejected(rejection)) => rejection.code(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(code(caseworker(), |_| {}).await, "not-allowed");
    assert_eq!(
        code(configurator(), |new| new.to = 7).await,
        "unknown-case-type"
    );
    assert_eq!(code(configurator(), |new| new.to = 1).await, "same-version");
    let nowhere = code(configurator(), |new| {
        new.rules
            .statuses
            .insert("waiting".to_owned(), "nowhere".to_owned());
    });
    assert_eq!(nowhere.await, "unknown-status");
    let kirsten = configurator();
    let tried = engine.begin_migration(&kirsten, moving(false), None);
    let id = tried.await.unwrap().id;
    let early = engine.revert_migration(&configurator(), id).await;
    assert!(matches!(
        early,
        Err(ExecuteError::Rejected(Rejection::NotCarriedOut {}))
    ));
    let request = Request {
        scope: "kirsten".to_owned(),
        key: "1".to_owned(),
        fingerprint: [1; 32],
    };
    let ask = || engine.begin_migration(&kirsten, moving(false), Some(request.clone()));
    assert_eq!(
        ask().await.unwrap().id,
        ask().await.unwrap().id,
        "a repeated request begins nothing"
    );
}
