//! Moving cases between versions of their case type: what is planned, what is refused, and what goes back.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and its helpers do too"
)]

use sagsgang_domain::decide::HistoryHead;
use sagsgang_domain::migration::{plan, plan_back};
use sagsgang_domain::*;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

struct Counter(u128);
impl Chance for Counter {
    fn id(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u128(self.0)
    }
    fn salt(&mut self) -> [u8; 16] {
        [7; 16]
    }
}

/// The second version of the rules wants `pieces` to be a number and to be there.
#[derive(Debug)]
struct TestRules(u32);
impl Rules for TestRules {
    fn field_problems(&self, fields: &Map<String, Value>) -> Vec<FieldProblem> {
        let pieces = fields.get("pieces");
        match (self.0, pieces) {
            (1, _) | (_, Some(Value::Number(_))) => Vec::new(),
            _ => vec![FieldProblem {
                pointer: "/pieces".to_owned(),
                keyword: "type".to_owned(),
                message: format!("{pieces:?} is no number"),
            }],
        }
    }
    fn misfits(&self, fields: &Map<String, Value>) -> Vec<Misfit> {
        let misfit = |problem: FieldProblem| Misfit {
            pointer: problem.pointer,
            keyword: "type".to_owned(),
        };
        self.field_problems(fields)
            .into_iter()
            .map(misfit)
            .collect()
    }
    fn guard_holds(&self, _: &str, _: &Value) -> bool {
        true
    }
}

fn version(number: u32, value: Value) -> CaseType {
    let mut case_type: CaseType = serde_json::from_value(value).unwrap();
    case_type.version = number;
    case_type.rules = Some(Arc::new(TestRules(number)));
    case_type.calendar = Some(Arc::new(Calendar {
        name: "always".to_owned(),
        version: 1,
        title: case_type::Titles::new(),
        zone: jiff::tz::TimeZone::UTC,
        hours: std::array::from_fn(|_| Vec::new()),
        holidays: Vec::new(),
        closures: Vec::new(),
    }));
    case_type
}

fn first() -> CaseType {
    version(
        1,
        json!({
            "caseType": "waste.missed", "version": 1,
            "fields": { "properties": { "amount": {}, "note": {}, "phone": { "x-pii": true } } },
            "statuses": [
                { "name": "created", "initial": true }, { "name": "waiting" }, { "name": "closed", "final": true }
            ],
            "transitions": [
                { "name": "wait", "from": "Any", "to": "waiting" },
                { "name": "close", "from": "Any", "to": "closed" }
            ],
            "clocks": [
                { "name": "resolve", "start": "created", "budget": { "hours": 10 },
                  "rungs": [{ "name": "breach", "at": { "percent": 100 } }] },
                { "name": "answer", "start": "created", "budget": { "hours": 2 } }
            ]
        }),
    )
}

fn second() -> CaseType {
    version(
        2,
        json!({
            "caseType": "waste.missed", "version": 2,
            "fields": { "required": ["pieces"], "properties": { "pieces": {}, "phone": { "x-pii": true } } },
            "priorities": { "scale": ["normal", "urgent"], "default": "normal" },
            "statuses": [
                { "name": "created", "initial": true }, { "name": "waiting_customer" }, { "name": "corner" },
                { "name": "closed", "final": true }
            ],
            "transitions": [
                { "name": "wait", "from": { "Statuses": ["created"] }, "to": "waiting_customer" },
                { "name": "close", "from": { "Statuses": ["created", "waiting_customer"] }, "to": "closed" }
            ],
            "clocks": [
                { "name": "resolve", "start": "created", "budget": { "hours": 20 },
                  "rungs": [{ "name": "breach", "at": { "percent": 100 } }] },
                { "name": "visit", "start": "created", "budget": { "hours": 1 } }
            ]
        }),
    )
}

fn at(hour: i64) -> Timestamp {
    Timestamp::from_micros(1_764_000_000_000_000 + hour * 3_600_000_000)
}

fn by(
    hour: i64,
    run: impl FnOnce(&mut Setting<'_>) -> Result<Decision, Rejection>,
) -> Result<Decision, Rejection> {
    let caller = Caller {
        actor: Actor::new(ActorKind::Person, "k"),
        roles: vec![Role::Administrator],
    };
    run(&mut Setting {
        caller: &caller,
        cause: None,
        now: at(hour),
        chance: &mut Counter(hour.unsigned_abs().into()),
    })
}

fn waiting(fields: Value) -> (Case, HistoryHead) {
    let new = NewCase {
        case_type: "waste.missed".to_owned(),
        title: "Papir".to_owned(),
        fields: fields.as_object().cloned().unwrap(),
        ..NewCase::default()
    };
    let made = by(0, |setting| decide_new(&new, &first(), "2026-1", setting)).unwrap();
    after(
        1,
        &made,
        &first(),
        Command::SetStatus {
            status: "waiting".to_owned(),
            reason: None,
        },
    )
}

fn after(
    hour: i64,
    before: &Decision,
    case_type: &CaseType,
    command: Command,
) -> (Case, HistoryHead) {
    let head = HistoryHead {
        seq: before.head_seq,
        hash: before.head_hash,
    };
    let done = by(hour, |setting| {
        decide(&before.case, head, case_type, &command, setting)
    })
    .unwrap();
    (
        done.case,
        HistoryHead {
            seq: done.head_seq,
            hash: done.head_hash,
        },
    )
}

fn rules(value: Value) -> MigrationRules {
    serde_json::from_value(value).unwrap()
}

fn id() -> MigrationId {
    MigrationId(Uuid::from_u128(77))
}

#[test]
fn every_reason_is_told_at_once_and_no_personal_value_with_it() {
    let (case, _) = waiting(json!({ "amount": 2, "note": "ved døren" }));
    let reasons = plan(&case, &first(), &second(), &MigrationRules::default(), id()).unwrap_err();
    let codes: Vec<Value> = reasons
        .iter()
        .map(|one| json!(one)["code"].clone())
        .collect();
    assert_eq!(
        codes,
        ["status-gone", "field-gone", "field-gone"],
        "{reasons:?}"
    );
    let mapped = rules(
        json!({ "statuses": { "waiting": "corner" }, "fields": { "amount": null, "note": null } }),
    );
    let reasons = plan(&case, &first(), &second(), &mapped, id()).unwrap_err();
    let codes: Vec<Value> = reasons
        .iter()
        .map(|one| json!(one)["code"].clone())
        .collect();
    assert_eq!(codes, ["dead-end", "fields-invalid"], "{reasons:?}");
    let closing = rules(
        json!({ "statuses": { "waiting": "closed" }, "fields": { "amount": "pieces", "note": null } }),
    );
    let reasons = plan(&case, &first(), &second(), &closing, id()).unwrap_err();
    assert!(
        matches!(reasons[..], [MigrationReason::EndChanges { .. }]),
        "{reasons:?}"
    );
}

#[test]
fn rules_speak_of_what_there_is() {
    let wrong = [
        json!({ "statuses": { "waiting": "nowhere" } }),
        json!({ "statuses": { "nowhere": "closed" } }),
        json!({ "priorities": { "low": "none" } }),
        json!({ "fields": { "amount": "nothing" } }),
        json!({ "values": { "nothing": 1 } }),
        json!({ "values": { "pieces": "many" } }),
        json!({ "fields": { "amuont": "pieces" } }),
    ];
    for value in wrong {
        assert!(
            rules(value.clone()).check(&first(), &second()).is_err(),
            "{value}"
        );
    }
    let right = json!({ "statuses": { "waiting": "waiting_customer" }, "priorities": { "low": "normal" },
        "fields": { "amount": "pieces", "note": null }, "values": { "pieces": 1 } });
    assert_eq!(rules(right).check(&first(), &second()), Ok(()));
    // What nobody lists can be there in a version that is open, and in none that is closed.
    let drop = || rules(json!({ "fields": { "legacy": null } }));
    assert_eq!(drop().check(&first(), &second()), Ok(()));
    let mut closed = first();
    closed.fields["additionalProperties"] = json!(false);
    let refused = drop().check(&closed, &second()).unwrap_err();
    assert!(
        refused.to_string().contains("version 1 has no such field"),
        "{refused}"
    );
    let renamed = rules(json!({ "fields": { "legacy": "pieces" } }));
    let mut open = first();
    open.fields["additionalProperties"] = json!(true);
    assert_eq!(renamed.check(&open, &second()), Ok(()));
}

#[test]
fn a_value_that_nobody_lists_goes_back_where_it_was() {
    let (case, _) = waiting(json!({ "legacy": "ja" }));
    let mapped = rules(
        json!({ "statuses": { "waiting": "waiting_customer" }, "fields": { "legacy": null }, "values": { "pieces": 1 } }),
    );
    let there = plan(&case, &first(), &second(), &mapped, id()).unwrap();
    let mut moved = case;
    moved.case_type_version = 2;
    moved.migration = Some(id());
    moved.status = "waiting_customer".to_owned();
    moved.fields = json!({ "pieces": 1 }).as_object().cloned().unwrap();
    let back = plan_back(&moved, &there, &second(), &first()).unwrap();
    assert_eq!(back.fields["legacy"], json!({ "from": null, "to": "ja" }));
}

fn moved() -> (Case, Migrated, HistoryHead) {
    let (case, head) = waiting(json!({ "amount": 2, "note": "ved døren" }));
    let mapped = rules(
        json!({ "statuses": { "waiting": "waiting_customer" }, "fields": { "amount": "pieces", "note": null } }),
    );
    let planned = plan(&case, &first(), &second(), &mapped, id()).unwrap();
    let command = Command::Migrate {
        plan: Box::new(planned),
    };
    let done = by(5, |setting| {
        decide(&case, head, &second(), &command, setting)
    })
    .unwrap();
    let [Event::Migrated(event)] = &done.events[..] else {
        panic!("{:?}", done.events)
    };
    let head = HistoryHead {
        seq: done.head_seq,
        hash: done.head_hash,
    };
    (done.case, event.clone(), head)
}

#[test]
fn a_case_is_moved_with_its_values_and_its_clocks() {
    let (case, event, _) = moved();
    assert_eq!((case.case_type_version, case.migration), (2, Some(id())));
    assert_eq!(case.status, "waiting_customer");
    assert_eq!(Value::Object(case.fields.clone()), json!({ "pieces": 2 }));
    assert_eq!(
        event.fields["note"],
        json!({ "from": "ved døren", "to": null })
    );
    // A clock that goes on has counted on; one that is not there any more ends; a new one begins at the move.
    let due = |name: &str| case.clocks.get(name).and_then(|clock| clock.due);
    assert_eq!(due("resolve"), Some(at(20)));
    assert_eq!(due("visit"), Some(at(6)));
    assert!(!case.clocks.contains_key("answer"));
    assert_eq!(case.due, Some(at(20)));
}

#[test]
fn what_nobody_changed_since_goes_back_whole() {
    let (before, _) = waiting(json!({ "amount": 2, "note": "ved døren" }));
    let (case, event, head) = moved();
    let planned = plan_back(&case, &event, &second(), &first()).unwrap();
    let command = Command::Migrate {
        plan: Box::new(planned),
    };
    let done = by(9, |setting| {
        decide(&case, head, &first(), &command, setting)
    })
    .unwrap();
    assert_eq!(done.case.fields, before.fields);
    assert_eq!(
        (&done.case.status, done.case.migration),
        (&before.status, None)
    );
    assert_eq!(done.case.clocks, before.clocks);
    assert_eq!(done.case.due, before.due);
}

#[test]
fn what_somebody_changed_since_stays_where_it_is() {
    let (case, event, _) = moved();
    let back = |case: &Case| plan_back(case, &event, &second(), &first());
    let mut edited = case.clone();
    edited.fields.insert("pieces".to_owned(), json!(3));
    let reasons = back(&edited).unwrap_err();
    assert_eq!(
        reasons,
        [MigrationReason::ChangedSince {
            what: "fields.pieces".to_owned()
        }]
    );
    // Also where the old version has a place for what somebody chose.
    for status in ["created", "corner"] {
        let mut elsewhere = case.clone();
        elsewhere.status = status.to_owned();
        let what = "status".to_owned();
        assert_eq!(
            back(&elsewhere).unwrap_err(),
            [MigrationReason::ChangedSince { what }]
        );
    }
    let mut event = event.clone();
    event.priority = Some(sagsgang_domain::migration::Replaced {
        from: "high".to_owned(),
        to: "urgent".to_owned(),
    });
    let what = "priority".to_owned();
    assert_eq!(
        plan_back(&case, &event, &second(), &first()).unwrap_err(),
        [MigrationReason::ChangedSince { what }],
        "its priority is the usual one now"
    );
    // What the migration left alone goes back as it is.
    event.priority = None;
    event.status = None;
    let mut closed = case.clone();
    closed.status = "created".to_owned();
    assert_eq!(
        plan_back(&closed, &event, &second(), &first())
            .unwrap()
            .status,
        None
    );
    let mut elsewhere = case;
    elsewhere.migration = None;
    assert_eq!(
        back(&elsewhere).unwrap_err(),
        [MigrationReason::MovedOn { version: 2 }]
    );
}

#[test]
fn nobody_moves_a_case_past_the_engine() {
    let (case, head) = waiting(json!({}));
    let forged = Migrated {
        migration: id(),
        previous: None,
        from: 1,
        to: 2,
        reverts: false,
        status: None,
        status_before_merge: None,
        priority: None,
        fields: Map::new(),
        clocks: Default::default(),
    };
    let command = Command::Migrate {
        plan: Box::new(forged),
    };
    let judged = by(2, |setting| {
        decide(&case, head, &first(), &command, setting)
    });
    assert_eq!(judged.unwrap_err().code(), "not-allowed");
}

#[test]
fn versions_are_compared_part_by_part() {
    let changes = first().changes_to(&second());
    assert_eq!(changes.statuses.gone, ["waiting"]);
    assert_eq!(changes.statuses.new, ["waiting_customer", "corner"]);
    assert_eq!(changes.priorities.gone, ["low", "high", "critical"]);
    assert_eq!(
        (changes.fields.gone, changes.required),
        (
            vec!["amount".to_owned(), "note".to_owned()],
            vec!["pieces".to_owned()]
        )
    );
    assert_eq!(changes.transitions.changed, ["wait", "close"]);
    assert_eq!(
        (
            changes.clocks.gone,
            changes.clocks.new,
            changes.clocks.changed
        ),
        (
            vec!["answer".to_owned()],
            vec!["visit".to_owned()],
            vec!["resolve".to_owned()]
        )
    );
}
