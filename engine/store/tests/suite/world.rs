//! Decisions, messages and runs to write.

use sagsgang_domain::decide::{HistoryHead, decide_all};
use sagsgang_domain::*;
use sagsgang_store::{CaseWrite, Commit, StoredCase};
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

static NEXT: AtomicU64 = AtomicU64::new(1);

pub fn id() -> Uuid {
    Uuid::from_u128(
        (0x0190_0000_0000_7000_8000_u128 << 48) + u128::from(NEXT.fetch_add(1, Ordering::Relaxed)),
    )
}

struct Fresh;
impl Chance for Fresh {
    fn id(&mut self) -> Uuid {
        id()
    }
    fn salt(&mut self) -> [u8; 16] {
        id().into_bytes()
    }
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

pub fn case_type() -> CaseType {
    serde_json::from_value(json!({
        "caseType": "waste.complaint", "version": 1,
        "statuses": [{ "name": "created", "initial": true }, { "name": "closed", "final": true }],
        "transitions": [{ "name": "close", "from": "Any", "to": "closed" }]
    }))
    .unwrap()
}

fn caller() -> Caller {
    Caller {
        actor: Actor::new(ActorKind::Person, "jonas"),
        roles: vec![Role::Caseworker],
    }
}

pub fn new_case(title: &str, seconds: i64, change: impl FnOnce(&mut NewCase)) -> CaseWrite {
    let mut new = NewCase {
        case_type: "waste.complaint".to_owned(),
        title: title.to_owned(),
        ..NewCase::default()
    };
    change(&mut new);
    let number = format!("2026-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let caller = caller();
    let mut setting = Setting {
        caller: &caller,
        cause: None,
        now: at(seconds),
        chance: &mut Fresh,
    };
    let decision = decide_new(&new, &case_type(), &number, &mut setting).unwrap();
    write(decision, 0)
}

pub fn change(stored: &StoredCase, command: Command, seconds: i64) -> CaseWrite {
    let caller = caller();
    let mut setting = Setting {
        caller: &caller,
        cause: None,
        now: at(seconds),
        chance: &mut Fresh,
    };
    let head = HistoryHead {
        seq: stored.head.seq,
        hash: stored.head.hash,
    };
    let decision = decide_all(&stored.case, head, &case_type(), &[command], &mut setting).unwrap();
    write(decision, stored.listens)
}

fn write(decision: Decision, listens: u64) -> CaseWrite {
    let case_type = case_type();
    CaseWrite {
        listens,
        priority_rank: case_type.priority_rank(&decision.case.priority).unwrap(),
        is_final: case_type.is_final(&decision.case.status),
        decision,
    }
}

pub fn of_case(write: CaseWrite) -> Commit {
    Commit {
        cases: vec![write],
        ..Commit::default()
    }
}

pub fn received(message_id: &str) -> Message {
    Message {
        id: MessageId(id()),
        case: None,
        direction: Direction::In,
        channel: Channel::Email,
        from: "anna@borger.example".to_owned(),
        from_name: Some("Anna Lindegård".to_owned()),
        to: "affald@eksempel.example".to_owned(),
        subject: "Æblevej".to_owned(),
        text: "Hej".to_owned(),
        html: None,
        state: MessageState::Received,
        message_id: Some(message_id.to_owned()),
        in_reply_to: None,
        raw: None,
        attachments: Vec::new(),
        automatic: false,
        attempts: 0,
        detail: None,
        hindrance: None,
        at: at(1),
        next_attempt_at: None,
        held_until: None,
    }
}

/// Records as new ones, each with the first entry of its history.
pub fn of_records(records: impl IntoIterator<Item = Record>) -> Commit {
    Commit {
        records: records
            .into_iter()
            .map(|record| record_change(None, record))
            .collect(),
        ..Commit::default()
    }
}

/// A record as it shall be, judged against the one that is there.
pub fn record_change(before: Option<&StoredRecord>, record: Record) -> RecordChange {
    let wanted = WantedRecord {
        external: Some(External {
            source: "test".to_owned(),
            key: record.id().to_string(),
        }),
        record,
        brought_by: None,
    };
    let caller = caller();
    let mut setting = Setting {
        caller: &caller,
        cause: None,
        now: at(1),
        chance: &mut Fresh,
    };
    sagsgang_domain::register::decide_record(before, wanted, &mut setting)
        .unwrap()
        .unwrap()
}
