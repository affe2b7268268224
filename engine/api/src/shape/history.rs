//! Entries of a case's history.

use sagsgang_domain::{Actor, Cause, Entry, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// An entry of the history.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryItem {
    /// Place in the history, from 1.
    pub seq: u64,
    /// Published type of the event, such as `case.noted.v1`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Version of the case after it.
    pub version: u64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who.
    #[schema(value_type = ActorShape)]
    pub actor: Actor,
    /// What, by the type of the event.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub data: Map<String, Value>,
    /// Why, where nobody asked for it directly.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CauseShape>)]
    pub cause: Option<Cause>,
    /// SHA-256 over the hash before it and this entry, hexadecimal.
    pub hash: String,
}

impl From<Entry> for HistoryItem {
    fn from(entry: Entry) -> Self {
        Self {
            seq: entry.seq,
            kind: entry.kind,
            version: entry.version,
            at: entry.at,
            actor: entry.actor,
            data: entry.data,
            cause: entry.cause,
            hash: hexadecimal(&entry.hash),
        }
    }
}

/// New entries as an answer lists them.
pub fn items(entries: Vec<Entry>) -> Vec<HistoryItem> {
    entries.into_iter().map(HistoryItem::from).collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Who acted.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Actor)]
pub struct ActorShape {
    /// `person`, `workflow`, `plugin`, `mail`, `integration` or `system`.
    pub kind: String,
    /// Stable name.
    pub id: String,
    /// Name for people.
    pub name: String,
}

/// Why something happened that nobody asked for directly.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Cause)]
pub struct CauseShape {
    /// `namespace/name` of the workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// Its run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<Uuid>,
    /// Its task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// `id@version` of the plugin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_domain::{ActorKind, InstanceId};

    #[test]
    fn hashes_are_hexadecimal() {
        assert_eq!(hexadecimal(&[0, 0x1f, 0xff]), "001fff");
    }

    #[test]
    fn the_mirrors_have_exactly_the_keys_of_the_domain() {
        let actor = serde_json::to_value(Actor::new(ActorKind::Person, "jonas")).unwrap();
        let mirrored: ActorShape = serde_json::from_value(actor.clone()).unwrap();
        assert_eq!(serde_json::to_value(mirrored).unwrap(), actor);
        let cause = Cause {
            workflow: Some("waste/missed-collection".to_owned()),
            instance: Some(InstanceId(Uuid::from_u128(1))),
            task: Some("prioritise".to_owned()),
            plugin: Some("auto-prioritise@1.0.0".to_owned()),
        };
        let cause = serde_json::to_value(cause).unwrap();
        let mirrored: CauseShape = serde_json::from_value(cause.clone()).unwrap();
        assert_eq!(serde_json::to_value(mirrored).unwrap(), cause);
    }
}
