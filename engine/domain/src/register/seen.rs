//! What a register said of a record when something came to rest on it.

use super::record::{Record, StoredRecord};
use super::{ContactKind, Container};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A record as it was. The register goes on; what was decided by it can still be understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// The record.
    pub id: Uuid,
    /// Its version then; its own history tells what came before and after.
    pub version: u64,
    /// Its values as texts.
    pub values: BTreeMap<String, String>,
}

impl Seen {
    /// A record as it is now.
    pub fn of(stored: &StoredRecord) -> Self {
        Self {
            id: stored.record.id(),
            version: stored.version,
            values: seen_values(&stored.record),
        }
    }

    /// The values that are something else now, by name: what they were then.
    pub fn differing(&self, now: &Record) -> Vec<(String, String)> {
        let now = seen_values(now);
        let names = self.values.keys().chain(now.keys());
        let mut names: Vec<&String> = names.collect();
        names.sort();
        names.dedup();
        let then = |name: &String| self.values.get(name).map_or("", String::as_str);
        names
            .into_iter()
            .filter(|name| then(name) != now.get(*name).map_or("", String::as_str))
            .map(|name| (name.clone(), then(name).to_owned()))
            .collect()
    }
}

/// The values that decisions rest on. Persons stand there by their role only: who they are is the register's to tell, under
/// its protection.
fn seen_values(record: &Record) -> BTreeMap<String, String> {
    let some = |text: &Option<String>| text.clone().unwrap_or_default();
    let values: Vec<(&str, String)> = match record {
        Record::Property(one) => vec![
            ("address", one.address.line()),
            (
                "propertyNumber",
                format!("{}-{}", one.municipality_code, one.property_number),
            ),
            ("type", one.kind.clone()),
            ("area", one.area.clone()),
            ("conditions", some(&one.conditions)),
        ],
        Record::Container(one) => vec![
            ("containerId", one.container_id.clone()),
            ("type", one.kind.clone()),
            ("fractions", rooms(one)),
            ("status", one.status.clone()),
            ("address", one.address.line()),
        ],
        Record::Agreement(one) => vec![
            ("service", one.service.clone()),
            ("from", one.from.clone()),
            ("to", some(&one.to)),
            ("price", one.price.clone()),
        ],
        Record::Contact(one) => vec![
            ("role", one.role.clone()),
            ("cvr", some(&one.cvr)),
            (
                "name",
                match one.kind {
                    ContactKind::Company if !one.protected => one.name.clone(),
                    _ => String::new(),
                },
            ),
        ],
    };
    let named = values.into_iter().filter(|(_, value)| !value.is_empty());
    named
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Rooms with a slash between them, the fractions of a room with a plus.
fn rooms(container: &Container) -> String {
    let rooms = container.compartments.iter();
    let rooms: Vec<String> = rooms.map(|room| room.fractions.join("+")).collect();
    rooms.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::RecordKind;
    use serde_json::json;

    fn stored(kind: RecordKind, value: serde_json::Value) -> StoredRecord {
        StoredRecord {
            record: Record::from_value(kind, value).unwrap(),
            version: 3,
            external: None,
        }
    }

    #[test]
    fn what_differs_from_then_is_told_and_nothing_else() {
        let container = |kind: &str, rooms: serde_json::Value| {
            let value = json!({ "id": Uuid::nil(), "containerId": "BH-1", "type": kind, "compartments": rooms,
                "property": null, "status": "active" });
            stored(RecordKind::Container, value)
        };
        let rooms = json!([{ "fractions": ["food", "residual"] }, { "fractions": ["paper"] }]);
        let then = Seen::of(&container("240 l", rooms.clone()));
        assert_eq!(then.version, 3);
        assert_eq!(then.values["fractions"], "food+residual/paper");
        let now = container("400 l", rooms);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(then.differing(&now.record), [pair("type", "240 l")]);
        let now = container("240 l", json!([]));
        let told = [pair("fractions", "food+residual/paper")];
        assert_eq!(then.differing(&now.record), told);
        let written = serde_json::to_value(&then).unwrap();
        assert_eq!(serde_json::from_value::<Seen>(written).unwrap(), then);
    }

    #[test]
    fn a_person_stands_there_by_role_only() {
        let contact = |kind: &str| {
            let value = json!({ "id": Uuid::nil(), "kind": kind, "name": "Anna Lind", "role": "owner",
                "cpr": "010107-0001", "phones": ["+4512345678"] });
            Seen::of(&stored(RecordKind::Contact, value)).values
        };
        let role = ("role".to_owned(), "owner".to_owned());
        assert_eq!(contact("person"), BTreeMap::from([role]));
        assert_eq!(contact("company")["name"], "Anna Lind");
    }
}
