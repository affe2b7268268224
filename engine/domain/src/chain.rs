//! The hash chain over a case's history.
//!
//! `h(n) = SHA-256(h(n-1) ‖ canonical bytes)`. In the canonical bytes each personal value is replaced by a commitment,
//! `SHA-256(salt ‖ canonical value)`. Erasing a person deletes the value *and its salt* and leaves the commitment, so
//! that the chain still verifies and nothing about the person can be tried out against it.

use crate::actor::{Actor, Cause};
use crate::decide::Chance;
use crate::event::Event;
use crate::id::CaseId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The key under which the commitment stands where a value was erased.
pub const ERASED: &str = "$erased";

/// One entry of the history, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The case.
    pub case: CaseId,
    /// Place in the case's history, from 1.
    pub seq: u64,
    /// The version that the case had after this entry.
    pub version: u64,
    /// Published type of the event.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// Why, where nobody asked for it directly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// Data of the event.
    pub data: Map<String, Value>,
    /// Salt per personal key of the data, hexadecimal.
    pub salts: BTreeMap<String, String>,
    /// SHA-256 over the previous hash and this entry.
    #[serde(with = "hex::serde")]
    pub hash: [u8; 32],
}

/// An entry before it is chained.
pub struct Draft {
    /// The case.
    pub case: CaseId,
    /// Place in the history.
    pub seq: u64,
    /// Version after it.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// Why.
    pub cause: Option<Cause>,
    /// What.
    pub event: Event,
}

/// Chains an entry to the one before it.
pub fn seal(draft: Draft, previous: &[u8; 32], chance: &mut dyn Chance) -> Entry {
    let (kind, data) = draft.event.into_parts();
    let salts = Event::personal_keys(&kind)
        .iter()
        .filter(|key| data.contains_key(**key))
        .map(|key| ((*key).to_owned(), hex::encode(chance.salt())))
        .collect();
    let mut entry = Entry {
        case: draft.case,
        seq: draft.seq,
        version: draft.version,
        kind,
        at: draft.at,
        actor: draft.actor,
        cause: draft.cause,
        data,
        salts,
        hash: [0; 32],
    };
    entry.hash = hash(&entry, previous);
    entry
}

/// The hash that an entry must have after the one before it.
pub fn hash(entry: &Entry, previous: &[u8; 32]) -> [u8; 32] {
    let mut text = String::with_capacity(512);
    text.push_str(&format!("{}|{}|{}|", entry.case, entry.seq, entry.version));
    text.push_str(&entry.kind);
    text.push_str(&format!("|{}|", entry.at.as_micros()));
    write_canonical(&mut text, &to_value(&entry.actor));
    text.push('|');
    write_canonical(&mut text, &to_value(&entry.cause));
    text.push('|');
    text.push('{');
    let mut keys: Vec<&String> = entry.data.keys().collect();
    keys.sort_unstable();
    for key in keys {
        text.push_str(key);
        text.push('=');
        match entry.salts.get(key) {
            Some(salt) => text.push_str(&commitment(salt, &entry.data[key])),
            None => match erased(&entry.data[key]) {
                Some(commitment) => text.push_str(commitment),
                None => write_canonical(&mut text, &entry.data[key]),
            },
        }
        text.push(';');
    }
    text.push('}');
    let mut digest = Sha256::new();
    digest.update(previous);
    digest.update(text.as_bytes());
    digest.finalize().into()
}

/// Removes personal values and their salts from an entry, leaving their commitments. The hash stays valid.
pub fn erase(entry: &mut Entry, keys: &[&str]) {
    for key in keys {
        if let (Some(salt), Some(value)) = (entry.salts.remove(*key), entry.data.get_mut(*key)) {
            let commitment = commitment(&salt, value);
            *value = serde_json::json!({ ERASED: commitment });
        }
    }
}

/// What is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// An entry is missing or out of place.
    #[error("entry {found} stands where entry {expected} should")]
    Gap {
        /// Place expected.
        expected: u64,
        /// Place found.
        found: u64,
    },
    /// An entry was altered.
    #[error("entry {seq} was altered")]
    Altered {
        /// Its place.
        seq: u64,
    },
}

/// Verifies the whole history of one case and returns the hash of its newest entry.
///
/// # Errors
/// The first entry that is missing or altered.
pub fn verify<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Result<[u8; 32], BrokenChain> {
    let mut previous = [0; 32];
    for (entry, expected) in entries.into_iter().zip(1..) {
        if entry.seq != expected {
            return Err(BrokenChain::Gap {
                expected,
                found: entry.seq,
            });
        }
        if hash(entry, &previous) != entry.hash {
            return Err(BrokenChain::Altered { seq: entry.seq });
        }
        previous = entry.hash;
    }
    Ok(previous)
}

fn commitment(salt: &str, value: &Value) -> String {
    let mut text = String::with_capacity(128);
    write_canonical(&mut text, value);
    let mut digest = Sha256::new();
    digest.update(salt.as_bytes());
    digest.update(text.as_bytes());
    hex::encode(digest.finalize())
}

fn erased(value: &Value) -> Option<&str> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.get(ERASED)?.as_str()
}

fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// Writes JSON with sorted keys, no white space, and numbers in one form, so that a database that normalises JSON does
/// not change the hash.
fn write_canonical(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => write_number(text, number),
        Value::String(string) => write_string(text, string),
        Value::Array(items) => {
            text.push('[');
            for item in items {
                write_canonical(text, item);
                text.push(',');
            }
            text.push(']');
        }
        Value::Object(object) => {
            let mut keys: Vec<&String> = object.keys().collect();
            keys.sort_unstable();
            text.push('{');
            for key in keys {
                write_string(text, key);
                text.push(':');
                write_canonical(text, &object[key]);
                text.push(',');
            }
            text.push('}');
        }
    }
}

fn write_number(text: &mut String, number: &Number) {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(whole), _, _) => text.push_str(&whole.to_string()),
        (_, Some(whole), _) => text.push_str(&whole.to_string()),
        (_, _, Some(float)) if float.fract() == 0.0 && float.abs() < 9e18 => {
            text.push_str(&format!("{float:.0}"));
        }
        (_, _, Some(float)) => text.push_str(&format!("{float:e}")),
        _ => text.push_str(&number.to_string()),
    }
}

fn write_string(text: &mut String, string: &str) {
    text.push('"');
    for character in string.chars() {
        if matches!(character, '"' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ActorKind;
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

    fn history() -> Vec<Entry> {
        let mut chance = Counter(0);
        let mut previous = [0; 32];
        ["Hej", "Ring til Anna på 00 00 00 14", "Færdig"]
            .iter()
            .zip(1..)
            .map(|(text, seq)| {
                let draft = Draft {
                    case: CaseId(Uuid::from_u128(7)),
                    seq,
                    version: seq,
                    at: Timestamp::from_micros(1_000 * seq as i64),
                    actor: Actor::new(ActorKind::Person, "jonas"),
                    cause: None,
                    event: Event::Noted {
                        text: (*text).to_owned(),
                        attachments: Vec::new(),
                    },
                };
                let entry = seal(draft, &previous, &mut chance);
                previous = entry.hash;
                entry
            })
            .collect()
    }

    #[test]
    fn an_untouched_history_verifies() {
        let entries = history();
        assert_eq!(verify(&entries).unwrap(), entries[2].hash);
    }

    #[test]
    fn an_altered_a_missing_and_a_moved_entry_are_named() {
        let mut altered = history();
        altered[1]
            .data
            .insert("text".to_owned(), Value::from("Ring ikke"));
        assert_eq!(verify(&altered), Err(BrokenChain::Altered { seq: 2 }));
        let mut actor = history();
        actor[2].actor.id = "sara".to_owned();
        assert_eq!(verify(&actor), Err(BrokenChain::Altered { seq: 3 }));
        let mut missing = history();
        missing.remove(1);
        assert_eq!(
            verify(&missing),
            Err(BrokenChain::Gap {
                expected: 2,
                found: 3
            })
        );
    }

    #[test]
    fn an_erased_person_leaves_no_text_no_salt_and_a_chain_that_verifies() {
        let mut entries = history();
        erase(&mut entries[1], &["text"]);
        let kept = serde_json::to_string(&entries[1]).unwrap();
        assert!(!kept.contains("Anna") && entries[1].salts.is_empty());
        assert!(verify(&entries).is_ok());
    }

    #[test]
    fn numbers_hash_alike_in_whatever_form_a_database_returns_them() {
        let canonical = |text: &str| {
            let mut out = String::new();
            write_canonical(&mut out, &serde_json::from_str(text).unwrap());
            out
        };
        assert_eq!(canonical("1.0"), canonical("1"));
        assert_eq!(canonical("1e2"), canonical("100"));
        assert_eq!(
            canonical("{\"b\":1,\"a\":2}"),
            canonical("{\"a\":2, \"b\":1}")
        );
        assert_ne!(canonical("1.5"), canonical("1.25"));
    }
}
