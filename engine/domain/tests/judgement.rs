//! What `decide` allows and refuses, and that the history it writes folds back into the case.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and its helpers do too"
)]

use proptest::prelude::*;
use sagsgang_domain::decide::{HistoryHead, decide_all};
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
        self.0 += 1;
        self.0.to_be_bytes()
    }
}

/// Fields: `fraction` must be text; the guard of `reject` wants a reason.
#[derive(Debug)]
struct TestRules;
impl Rules for TestRules {
    fn field_problems(&self, fields: &Map<String, Value>) -> Vec<FieldProblem> {
        match fields.get("fraction") {
            None | Some(Value::String(_)) => Vec::new(),
            Some(other) => vec![FieldProblem {
                pointer: "/fraction".to_owned(),
                keyword: "type".to_owned(),
                message: format!("{other} is not text"),
            }],
        }
    }
    fn misfits(&self, _: &Map<String, Value>) -> Vec<Misfit> {
        Vec::new()
    }
    fn guard_holds(&self, transition: &str, case: &Value) -> bool {
        match transition {
            "settle" => !case["fields"]["reason"].is_null(),
            _ => !case["reason"].is_null(),
        }
    }
}

fn missed_collection() -> CaseType {
    let mut case_type: CaseType = serde_json::from_value(json!({
        "caseType": "waste.missed-collection",
        "version": 1,
        "statuses": [
            { "name": "created", "initial": true },
            { "name": "open" },
            { "name": "waiting_customer" },
            { "name": "closed", "final": true }
        ],
        "transitions": [
            { "name": "open", "from": { "Statuses": ["created", "waiting_customer"] }, "to": "open" },
            { "name": "wait", "from": { "Statuses": ["open"] }, "to": "waiting_customer" },
            { "name": "collected", "from": { "Statuses": ["open"] }, "to": "closed",
              "roles": ["caseworker", "workflow"], "requires": ["collectedAt"] },
            { "name": "reject", "from": "Any", "to": "closed", "roles": ["caseworker"], "guard": ".reason != null" }
        ]
    }))
    .unwrap();
    case_type.rules = Some(Arc::new(TestRules));
    case_type
}

/// The same with a clock that strikes while the commands come in, a second apart.
fn with_clocks() -> CaseType {
    let mut case_type = missed_collection();
    case_type.statuses[2].suspends = vec!["resolve".to_owned()];
    case_type.clocks = serde_json::from_value(json!([{
        "name": "resolve", "start": "created", "budget": { "hours": 1 },
        "byPriority": { "critical": { "hours": 0 } },
        "rungs": [{ "name": "begun", "at": { "percent": 0 } }, { "name": "breach", "at": { "percent": 100 } }]
    }]))
    .unwrap();
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

fn system() -> Caller {
    Caller {
        actor: Actor::new(ActorKind::System, "sagsgang"),
        roles: vec![Role::System],
    }
}

fn person(role: Role) -> Caller {
    Caller {
        actor: Actor::new(ActorKind::Person, "jonas"),
        roles: vec![role],
    }
}

fn workflow() -> Caller {
    Caller {
        actor: Actor::new(ActorKind::Workflow, "waste/missed-collection"),
        roles: vec![Role::Workflow],
    }
}

struct World {
    case_type: CaseType,
    chance: Counter,
    case: Case,
    head: HistoryHead,
    history: Vec<Entry>,
    now: i64,
}

impl World {
    fn new() -> Self {
        Self::of(missed_collection())
    }

    fn of(case_type: CaseType) -> Self {
        let mut chance = Counter(0);
        let caller = person(Role::Caseworker);
        let new = NewCase {
            case_type: case_type.name.clone(),
            title: "Manglende tømning".to_owned(),
            ..NewCase::default()
        };
        let now = Timestamp::from_micros(1_000_000);
        let mut setting = Setting {
            caller: &caller,
            cause: None,
            now,
            chance: &mut chance,
        };
        let decision = decide_new(&new, &case_type, "2026-000001", &mut setting).unwrap();
        let head = HistoryHead {
            seq: decision.head_seq,
            hash: decision.head_hash,
        };
        Self {
            case_type,
            chance,
            case: decision.case,
            head,
            history: decision.entries,
            now: 1,
        }
    }

    fn try_all(&mut self, caller: &Caller, commands: &[Command]) -> Result<usize, Rejection> {
        self.now += 1;
        let now = Timestamp::from_micros(self.now * 1_000_000);
        let mut setting = Setting {
            caller,
            cause: None,
            now,
            chance: &mut self.chance,
        };
        let decision = decide_all(
            &self.case,
            self.head,
            &self.case_type,
            commands,
            &mut setting,
        )?;
        assert_eq!(decision.expected, self.case.version);
        self.case = decision.case;
        self.head = HistoryHead {
            seq: decision.head_seq,
            hash: decision.head_hash,
        };
        self.history.extend(decision.entries);
        Ok(decision.events.len())
    }

    fn ask(&mut self, caller: &Caller, command: Value) -> Result<usize, Rejection> {
        self.try_all(caller, &[serde_json::from_value(command).unwrap()])
    }

    fn refolded(&self) -> Case {
        let mut case = None;
        for entry in &self.history {
            let event = Event::from_parts(&entry.kind, &entry.data).unwrap();
            case = fold::apply(case, &event, entry.version, entry.at);
        }
        case.unwrap()
    }
}

#[test]
fn a_new_case_says_which_of_its_names_is_too_long() {
    let (case_type, caller, long) = (
        missed_collection(),
        person(Role::Caseworker),
        "x".repeat(501),
    );
    let refused = |change: &dyn Fn(&mut NewCase)| {
        let mut new = NewCase {
            case_type: case_type.name.clone(),
            title: "Manglende tømning".to_owned(),
            ..NewCase::default()
        };
        change(&mut new);
        let mut setting = Setting {
            caller: &caller,
            cause: None,
            now: Timestamp::from_micros(1),
            chance: &mut Counter(0),
        };
        match decide_new(&new, &case_type, "1", &mut setting) {
            Err(Rejection::TooLong { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(&|new| new.team = Some(long.clone())), "team");
    assert_eq!(
        refused(&|new| new.assignee = Some(long.clone())),
        "assignee"
    );
    assert_eq!(refused(&|new| new.tags = vec![long.clone()]), "tag");
}

#[test]
fn a_change_is_not_refused_for_what_did_not_fit_before() {
    let mut world = World::new();
    let caseworker = person(Role::Caseworker);
    // As it came in before the rules were what they are.
    world.case.fields.insert("fraction".to_owned(), json!(5));
    let set = |fields: Value| json!({ "type": "set-fields", "fields": fields });
    assert_eq!(
        world.ask(&caseworker, set(json!({ "reason": "set" }))),
        Ok(1)
    );
    let wrong = world.ask(&caseworker, set(json!({ "fraction": 6 })));
    assert_eq!(wrong.unwrap_err().code(), "invalid-fields");
    assert_eq!(
        world.ask(&caseworker, set(json!({ "fraction": "residual" }))),
        Ok(1)
    );
}

#[test]
fn a_case_moves_only_along_its_transitions() {
    let mut world = World::new();
    let caseworker = person(Role::Caseworker);
    let refused = world.ask(
        &caseworker,
        json!({"type": "set-status", "status": "waiting_customer"}),
    );
    assert!(
        matches!(&refused, Err(Rejection::IllegalTransition { allowed, .. }) if allowed == &["open", "closed"]),
        "{refused:?}"
    );
    assert_eq!(
        world.ask(&caseworker, json!({"type": "set-status", "status": "open"})),
        Ok(1)
    );
    let missing = world.ask(
        &caseworker,
        json!({"type": "transition", "transition": "collected"}),
    );
    assert!(
        matches!(missing, Err(Rejection::TransitionNeedsFields { fields, .. }) if fields == ["collectedAt"])
    );
    let unknown = world.ask(
        &caseworker,
        json!({"type": "set-status", "status": "paused"}),
    );
    assert_eq!(unknown.unwrap_err().code(), "unknown-status");
}

#[test]
fn a_guard_and_a_role_are_asked_on_every_path() {
    let mut world = World::new();
    let refused = world.ask(
        &person(Role::Caseworker),
        json!({"type": "set-status", "status": "closed"}),
    );
    assert_eq!(refused.unwrap_err().code(), "guard-failed");
    let refused = world.ask(
        &workflow(),
        json!({"type": "transition", "transition": "reject", "reason": "x"}),
    );
    assert_eq!(refused.unwrap_err().code(), "transition-not-for-role");
    let done = json!({"type": "set-status", "status": "closed", "reason": "Fejlmelding"});
    assert_eq!(world.ask(&person(Role::Lead), done), Ok(1));
}

#[test]
fn a_refusal_says_whether_a_reason_is_all_that_lacks() {
    let mut case_type = missed_collection();
    let settle = json!({ "name": "settle", "from": "Any", "to": "waiting_customer", "guard": ".fields.reason != null" });
    case_type
        .transitions
        .push(serde_json::from_value(settle).unwrap());
    let mut world = World::of(case_type);
    let mut waits = |transition: &str, reason: Option<&str>| {
        let command = json!({"type": "transition", "transition": transition, "reason": reason});
        match world.ask(&person(Role::Caseworker), command) {
            Err(Rejection::GuardFailed { wants_reason, .. }) => Some(wants_reason),
            _ => None,
        }
    };
    assert_eq!(waits("reject", None), Some(true));
    assert_eq!(waits("settle", None), Some(false), "a field lacks");
    assert_eq!(waits("settle", Some("x")), Some(false));
    assert_eq!(waits("reject", Some("x")), None);
}

#[test]
fn a_configurator_does_not_handle_cases() {
    let mut world = World::new();
    let refused = world.ask(
        &person(Role::Configurator),
        json!({"type": "note", "text": "x"}),
    );
    assert_eq!(refused, Err(Rejection::NotAllowed { right: Right::Note }));
}

#[test]
fn a_persons_priority_sticks_until_it_is_released() {
    let mut world = World::new();
    let automatic = json!({"type": "set-priority", "priority": "high", "score": 60,
        "reasons": [{"text": "farligt affald", "points": 40}]});
    assert_eq!(world.ask(&workflow(), automatic.clone()), Ok(1));
    assert_eq!(world.case.priority_reasons[0].points, 40);
    let caseworker = person(Role::Caseworker);
    assert_eq!(
        world.ask(
            &caseworker,
            json!({"type": "set-priority", "priority": "low"})
        ),
        Ok(1)
    );
    assert_eq!(world.ask(&workflow(), automatic.clone()), Ok(0));
    assert_eq!(world.case.priority, "low");
    assert_eq!(
        world.ask(&caseworker, json!({"type": "release-priority"})),
        Ok(1)
    );
    assert_eq!(world.ask(&workflow(), automatic), Ok(1));
    assert_eq!(world.case.priority, "high");
}

#[test]
fn what_changes_nothing_makes_no_version() {
    let mut world = World::new();
    let before = world.case.version;
    let caseworker = person(Role::Caseworker);
    assert_eq!(
        world.ask(
            &caseworker,
            json!({"type": "set-status", "status": "created"})
        ),
        Ok(0)
    );
    assert_eq!(
        world.ask(&caseworker, json!({"type": "assign", "assignee": ""})),
        Ok(0)
    );
    assert_eq!(world.case.version, before);
}

#[test]
fn several_commands_are_one_change_or_none() {
    let mut world = World::new();
    let before = world.case.clone();
    let note = Command::Note {
        text: "Set".to_owned(),
        attachments: Vec::new(),
    };
    let bad = Command::SetFields {
        fields: json!({"fraction": 7}).as_object().unwrap().clone(),
    };
    assert!(
        world
            .try_all(&person(Role::Caseworker), &[note.clone(), bad])
            .is_err()
    );
    assert_eq!(world.case, before);
    let tag = Command::Tag {
        tag: "hastesag".to_owned(),
    };
    assert_eq!(
        world.try_all(&person(Role::Caseworker), &[note, tag]),
        Ok(2)
    );
    assert_eq!(world.case.version, before.version + 1);
}

#[test]
fn addresses_that_cannot_be_written_to_are_refused() {
    let mut world = World::new();
    let caller = person(Role::Caseworker);
    for (channel, to) in [
        ("email", "anna"),
        ("email", "anna@b.example\r\nBcc: x@y.example"),
        ("email", "a@b@c.example"),
        ("sms", "1234"),
        ("sms", "+45abc"),
    ] {
        let command = json!({"type": "send-message", "channel": channel, "to": to, "body": "Hej"});
        assert_eq!(
            world.ask(&caller, command).unwrap_err().code(),
            "invalid-address",
            "{to}"
        );
    }
    let command =
        json!({"type": "send-message", "channel": "sms", "to": "00 00 00 14", "body": "Hej"});
    assert_eq!(world.ask(&caller, command), Ok(1));
    assert_eq!(world.history.last().unwrap().data["to"], "+4500000014");
}

#[test]
fn links_are_made_once_and_removed_once() {
    let mut world = World::new();
    let caller = person(Role::Caseworker);
    let id = Uuid::from_u128(99);
    let link = json!({"type": "link", "kind": "container", "id": id, "title": "BH-1"});
    let unlink = json!({"type": "unlink", "kind": "container", "id": id});
    assert_eq!(
        world.ask(&caller, unlink.clone()).unwrap_err().code(),
        "not-linked"
    );
    assert_eq!(world.ask(&caller, link.clone()), Ok(1));
    assert_eq!(
        world.ask(&caller, link).unwrap_err().code(),
        "already-linked"
    );
    assert_eq!(world.ask(&caller, unlink), Ok(1));
    assert!(world.case.containers.is_empty());
}

#[test]
fn unknown_keys_of_a_command_are_refused() {
    let typo = json!({"type": "set-priority", "priorty": "high"});
    assert!(serde_json::from_value::<Command>(typo).is_err());
}

fn any_command() -> impl Strategy<Value = Command> {
    let status = prop::sample::select(vec!["created", "open", "waiting_customer", "closed"]);
    let priority = prop::sample::select(vec!["low", "normal", "high", "critical", "huge"]);
    let kind = prop::sample::select(vec![
        LinkKind::Container,
        LinkKind::Property,
        LinkKind::Contact,
        LinkKind::Message,
        LinkKind::Agreement,
        LinkKind::Case,
    ]);
    let id = (100_u128..104).prop_map(Uuid::from_u128);
    prop_oneof![
        (status, any::<bool>()).prop_map(|(status, why)| Command::SetStatus {
            status: status.to_owned(),
            reason: why.then(|| "Fordi".to_owned()),
        }),
        (priority, any::<Option<i32>>()).prop_map(|(priority, score)| Command::SetPriority {
            priority: priority.to_owned(),
            score,
            reasons: Vec::new(),
        }),
        Just(Command::ReleasePriority {}),
        prop::option::of("[a-c]").prop_map(|assignee| Command::Assign {
            assignee,
            team: None
        }),
        (
            "[a-c]",
            prop_oneof![
                Just(Value::Null),
                any::<f64>().prop_map(Value::from),
                "[x-z]".prop_map(Value::from)
            ]
        )
            .prop_map(|(name, value)| Command::SetFields {
                fields: Map::from_iter([(name, value)])
            }),
        "\\PC{0,20}".prop_map(|text| Command::Note {
            text,
            attachments: Vec::new()
        }),
        "[a-c]".prop_map(|tag| Command::Tag { tag }),
        "[a-c]".prop_map(|tag| Command::Untag { tag }),
        (kind.clone(), id.clone()).prop_map(|(kind, id)| Command::Link {
            kind,
            id,
            relation: Relation::Related,
            title: None,
            seen: None,
        }),
        (kind, id).prop_map(|(kind, id)| Command::Unlink { kind, id }),
        prop::option::of("[A-Z]{1,5}").prop_map(|title| Command::Describe {
            title,
            description: Some("Æblevej".to_owned())
        }),
        any::<Option<i32>>().prop_map(|at| Command::SetDue {
            due: at.map(|at| Timestamp::from_micros(i64::from(at) * 1_000_000))
        }),
        Just(Command::SendMessage {
            channel: Channel::Email,
            to: "anna@borger.example".to_owned(),
            subject: Some("Sag".to_owned()),
            body: "Hej Anna".to_owned(),
            template: None,
            attachments: Vec::new(),
            hold_seconds: 0,
        }),
    ]
}

#[test]
fn files_go_along_only_where_the_case_has_them_and_never_by_sms() {
    let mut world = World::new();
    let caseworker = person(Role::Caseworker);
    let file = "01932d5c-7a00-7000-8000-000000000001";
    let mail = |attachments: &[&str]| {
        json!({"type": "send-message", "channel": "email", "to": "anna@borger.example", "body": "Hej",
               "attachments": attachments})
    };
    let note = json!({"type": "note", "text": "Se billedet", "attachments": [file]});
    for unknown in [mail(&[file]), note.clone()] {
        let refused = world.ask(&caseworker, unknown);
        assert!(matches!(
            refused,
            Err(Rejection::NotFound {
                kind: "document",
                ..
            })
        ));
    }
    let attach: Command = serde_json::from_value(json!({
        "type": "attach", "document": file, "name": "a.png", "mediaType": "image/png", "size": 1, "digest": "d"
    }))
    .unwrap();
    // In the same change as the file itself.
    let with: Command = serde_json::from_value(note).unwrap();
    assert_eq!(world.try_all(&caseworker, &[attach, with]), Ok(2));
    assert_eq!(world.ask(&caseworker, mail(&[file])), Ok(1));
    let mut sms = mail(&[file]);
    sms["channel"] = json!("sms");
    sms["to"] = json!("20123456");
    assert_eq!(world.ask(&caseworker, sms), Err(Rejection::FilesBySms {}));
}

#[test]
fn a_message_is_held_for_ten_minutes_at_the_most() {
    let mut world = World::new();
    let caseworker = person(Role::Caseworker);
    let mail = |seconds: u32| {
        json!({"type": "send-message", "channel": "email", "to": "anna@borger.example", "body": "Hej",
               "holdSeconds": seconds})
    };
    assert_eq!(world.ask(&caseworker, mail(600)), Ok(1));
    let refused = world.ask(&caseworker, mail(601));
    assert!(matches!(refused, Err(Rejection::TooLong { .. })));
    let unknown =
        json!({"type": "retract-message", "message": "01932d5c-7a00-7000-8000-000000000009"});
    let refused = world.ask(&caseworker, unknown);
    assert_eq!(refused, Err(Rejection::NotLinked { kind: "message" }));
}

proptest! {
    #[test]
    fn folding_the_history_gives_the_head_and_the_chain_verifies(
        commands in prop::collection::vec((any_command(), 0..3), 0..40)
    ) {
        let mut world = World::of(with_clocks());
        for (command, who) in commands {
            let caller = [person(Role::Caseworker), workflow(), system()][usize::try_from(who).unwrap()].clone();
            let command = if who == 2 { Command::FireRungs {} } else { command };
            let before = world.case.clone();
            if world.try_all(&caller, &[command]).is_err() {
                prop_assert_eq!(&world.case, &before);
            }
        }
        prop_assert_eq!(world.refolded(), world.case.clone());
        for clock in world.case.clocks.values() {
            prop_assert_eq!(clock.running_since.is_some(), clock.state == ClockState::Running);
        }
        prop_assert_eq!(chain::verify(&world.history).unwrap(), world.head.hash);
        let stored: Vec<Entry> =
            serde_json::from_str(&serde_json::to_string(&world.history).unwrap()).unwrap();
        prop_assert!(chain::verify(&stored).is_ok());
    }
}
