//! A record of any register, and what is decided about it: new, changed, or looked at behind its protection.

use super::check::{self, RecordProblem};
use super::cpr::{CPR_MASK, Cpr};
use super::{Agreement, Contact, Container, Property};
use crate::actor::{Actor, Caller};
use crate::decide::Setting;
use crate::rejection::Rejection;
use crate::rights::Right;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// What stands in place of a protected person's name.
pub const MASK: &str = "Beskyttet";

/// The kinds of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordKind {
    /// A property.
    Property,
    /// A container.
    Container,
    /// An agreement.
    Agreement,
    /// A contact.
    Contact,
}

impl RecordKind {
    /// All kinds; a kind refers only to those before it.
    pub const ALL: [Self; 4] = [
        Self::Property,
        Self::Container,
        Self::Agreement,
        Self::Contact,
    ];

    /// Its name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Property => "property",
            Self::Container => "container",
            Self::Agreement => "agreement",
            Self::Contact => "contact",
        }
    }
}

/// A record.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A property.
    Property(Property),
    /// A container.
    Container(Container),
    /// An agreement.
    Agreement(Agreement),
    /// A contact.
    Contact(Contact),
}

macro_rules! from_record {
    ($($kind:ident),+) => {$(
        impl From<$kind> for Record {
            fn from(one: $kind) -> Self { Self::$kind(one) }
        }
    )+};
}
from_record!(Property, Container, Agreement, Contact);

impl Record {
    /// Its kind.
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::Property(_) => RecordKind::Property,
            Self::Container(_) => RecordKind::Container,
            Self::Agreement(_) => RecordKind::Agreement,
            Self::Contact(_) => RecordKind::Contact,
        }
    }

    /// Its identity.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Property(one) => one.id.0,
            Self::Container(one) => one.id.0,
            Self::Agreement(one) => one.id.0,
            Self::Contact(one) => one.id.0,
        }
    }

    /// As its JSON.
    pub fn to_value(&self) -> Value {
        let value = match self {
            Self::Property(one) => serde_json::to_value(one),
            Self::Container(one) => serde_json::to_value(one),
            Self::Agreement(one) => serde_json::to_value(one),
            Self::Contact(one) => serde_json::to_value(one),
        };
        value.expect("a record is plain data")
    }

    /// Reads the JSON of a kind.
    ///
    /// # Errors
    /// When it is not of that kind.
    pub fn from_value(kind: RecordKind, value: Value) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            RecordKind::Property => Self::Property(serde_json::from_value(value)?),
            RecordKind::Container => Self::Container(serde_json::from_value(value)?),
            RecordKind::Agreement => Self::Agreement(serde_json::from_value(value)?),
            RecordKind::Contact => Self::Contact(serde_json::from_value(value)?),
        })
    }

    /// A person whose name and address are protected.
    pub fn is_protected(&self) -> bool {
        matches!(self, Self::Contact(one) if one.protected)
    }
}

/// Where a record comes from, when it is kept somewhere else too.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct External {
    /// Name of the other register.
    pub source: String,
    /// Its key there.
    pub key: String,
}

/// A record as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRecord {
    /// The record.
    pub record: Record,
    /// Rises by one with each change.
    pub version: u64,
    /// Where it comes from.
    pub external: Option<External>,
}

/// One entry of the history of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordEntry {
    /// Identity; entries of a record are in its order.
    pub id: Uuid,
    /// The record.
    pub record: Uuid,
    /// Version of the record afterwards.
    pub version: u64,
    /// `record.created.v1`, `record.changed.v1` or `record.revealed.v1`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What changed: per value what it was and what it is. Where it came from, when it was brought.
    pub data: Map<String, Value>,
}

/// What of a record was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revealed {
    /// Name and ways to reach a protected person.
    Protected,
    /// The number of a person.
    Cpr,
}

/// What is decided about a record.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordChange {
    /// The version that was read; 0 for a new record, absent where the record itself stays as it is.
    pub expected: Option<u64>,
    /// The record afterwards.
    pub stored: StoredRecord,
    /// Its new entry in the history.
    pub entry: RecordEntry,
}

/// A record as it shall be, with where it comes from and what brought it.
#[derive(Clone, Debug)]
pub struct WantedRecord {
    /// The record.
    pub record: Record,
    /// Where it comes from; what is known stays where this is absent.
    pub external: Option<External>,
    /// What brought it, such as the name of an imported file.
    pub brought_by: Option<String>,
}

/// Judges a record as it shall be against the one that is there. `None` means that nothing changes.
///
/// # Errors
/// A rejection that names each value that cannot be kept.
pub fn decide_record(
    before: Option<&StoredRecord>,
    wanted: WantedRecord,
    setting: &mut Setting<'_>,
) -> Result<Option<RecordChange>, Rejection> {
    require(setting.caller)?;
    let record = check::normalised(kept(before, wanted.record));
    let problems = check::problems(&record);
    if !problems.is_empty() {
        return Err(Rejection::InvalidRecord { problems });
    }
    let external = wanted
        .external
        .or_else(|| before.and_then(|known| known.external.clone()));
    let mut data = Map::new();
    if let Some(known) = before {
        if known.record == record && known.external == external {
            return Ok(None);
        }
        data.insert("changes".to_owned(), changes(&known.record, &record));
    }
    if let Some(file) = wanted.brought_by {
        data.insert("broughtBy".to_owned(), json!(file));
    }
    if before.is_none_or(|known| known.external != external)
        && let Some(external) = &external
    {
        data.insert("external".to_owned(), json!(external));
    }
    let expected = before.map_or(0, |known| known.version);
    let kind = match before {
        None => "record.created.v1",
        Some(_) => "record.changed.v1",
    };
    // A record is made once, so that its own id serves its first entry, which is then the first in their order.
    let id = match before {
        None => record.id(),
        Some(_) => setting.chance.id(),
    };
    let entry = entry(id, record.id(), expected + 1, kind, data, setting);
    Ok(Some(RecordChange {
        expected: Some(expected),
        stored: StoredRecord {
            record,
            version: expected + 1,
            external,
        },
        entry,
    }))
}

/// Judges a look at what is protected; the look stands in the history.
///
/// # Errors
/// When the caller may not.
pub fn decide_reveal(
    stored: &StoredRecord,
    what: Revealed,
    setting: &mut Setting<'_>,
) -> Result<RecordChange, Rejection> {
    require(setting.caller)?;
    let id = setting.chance.id();
    let kind = "record.revealed.v1";
    let data = match what {
        Revealed::Protected => Map::new(),
        Revealed::Cpr => Map::from_iter([("value".to_owned(), json!("cpr"))]),
    };
    let (record, version) = (stored.record.id(), stored.version);
    let entry = entry(id, record, version, kind, data, setting);
    Ok(RecordChange {
        expected: None,
        stored: stored.clone(),
        entry,
    })
}

/// The history of a protected person without the values that the protection hides.
pub fn masked_entry(mut entry: RecordEntry) -> RecordEntry {
    if let Some(Value::Object(changes)) = entry.data.get_mut("changes") {
        for name in ["name", "emails", "phones"] {
            if let Some(change) = changes.get_mut(name) {
                *change = json!({ "from": MASK, "to": MASK });
            }
        }
    }
    entry
}

fn entry(
    id: Uuid,
    record: Uuid,
    version: u64,
    kind: &str,
    data: Map<String, Value>,
    setting: &Setting<'_>,
) -> RecordEntry {
    RecordEntry {
        id,
        record,
        version,
        kind: kind.to_owned(),
        at: setting.now,
        actor: setting.caller.actor.clone(),
        data,
    }
}

fn require(caller: &Caller) -> Result<(), Rejection> {
    match caller.may(Right::ChangeRegisters) {
        true => Ok(()),
        false => Err(Rejection::NotAllowed {
            right: Right::ChangeRegisters,
        }),
    }
}

/// Whoever changes a protected person without having seen what is protected leaves it as it is: an empty or masked name
/// and no ways to reach the person mean those that are known.
fn kept(before: Option<&StoredRecord>, wanted: Record) -> Record {
    let known = before.map(|known| &known.record);
    let has_cpr = matches!(known, Some(Record::Contact(one)) if one.cpr.is_some());
    let wanted = match wanted {
        // The mask is no number.
        Record::Contact(one) if one.cpr == Some(Cpr::kept()) && !has_cpr => {
            Record::Contact(Contact { cpr: None, ..one })
        }
        other => other,
    };
    match (known, wanted) {
        (Some(Record::Contact(known)), Record::Contact(wanted))
            if known.protected && (wanted.name == MASK || wanted.name.trim().is_empty()) =>
        {
            let or = |wanted: Vec<String>, known: &Vec<String>| match wanted.is_empty() {
                true => known.clone(),
                false => wanted,
            };
            Record::Contact(Contact {
                name: known.name.clone(),
                emails: or(wanted.emails, &known.emails),
                phones: or(wanted.phones, &known.phones),
                cpr: wanted.cpr.or_else(|| known.cpr.clone()),
                ..wanted
            })
        }
        // The mask is no name.
        (_, Record::Contact(wanted)) if wanted.protected && wanted.name == MASK => {
            Record::Contact(Contact {
                name: String::new(),
                ..wanted
            })
        }
        (_, wanted) => wanted,
    }
}

/// Per value what it was and what it is; the parts of an address are values of their own.
fn changes(before: &Record, after: &Record) -> Value {
    let given =
        matches!(after, Record::Contact(Contact { cpr: Some(cpr), .. }) if cpr.text().is_some());
    let (before, after) = (flat(before.to_value()), flat(after.to_value()));
    let mut changes = Map::new();
    let names = before.keys().chain(after.keys());
    for name in names {
        let of = |values: &Map<String, Value>| values.get(name).cloned().unwrap_or_default();
        let (from, to) = (of(&before), of(&after));
        if from != to {
            changes.insert(name.clone(), json!({ "from": from, "to": to }));
        }
    }
    // A number in place of another: both are the mask.
    if given {
        let from = before.get("cpr").cloned().unwrap_or_default();
        changes.insert("cpr".to_owned(), json!({ "from": from, "to": CPR_MASK }));
    }
    Value::Object(changes)
}

fn flat(value: Value) -> Map<String, Value> {
    let Value::Object(values) = value else {
        return Map::new();
    };
    let mut flat = Map::new();
    for (name, value) in values {
        match value {
            Value::Object(parts) => {
                for (part, value) in parts {
                    flat.insert(format!("{name}.{part}"), value);
                }
            }
            value => {
                flat.insert(name, value);
            }
        }
    }
    flat
}

/// A problem of one value, as a rejection.
pub fn refusal(field: &str, fault: check::Fault) -> Rejection {
    Rejection::InvalidRecord {
        problems: vec![RecordProblem {
            field: field.to_owned(),
            fault,
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chance;
    use crate::actor::ActorKind;
    use crate::id::ContactId;
    use crate::register::ContactKind;
    use crate::rights::Role;

    struct Fixed;
    impl Chance for Fixed {
        fn id(&mut self) -> Uuid {
            Uuid::from_u128(7)
        }
        fn salt(&mut self) -> [u8; 16] {
            [0; 16]
        }
    }

    fn contact(name: &str, phones: &[&str]) -> Contact {
        Contact {
            id: ContactId(Uuid::from_u128(1)),
            kind: ContactKind::Person,
            name: name.to_owned(),
            cvr: None,
            cpr: None,
            emails: Vec::new(),
            phones: phones.iter().map(ToString::to_string).collect(),
            role: "owner".to_owned(),
            property: None,
            protected: true,
        }
    }

    fn judge(
        before: Option<&StoredRecord>,
        wanted: Contact,
        roles: &[Role],
    ) -> Result<Option<RecordChange>, Rejection> {
        let caller = Caller {
            actor: Actor::new(ActorKind::Person, "jonas"),
            roles: roles.to_vec(),
        };
        let wanted = WantedRecord {
            record: wanted.into(),
            external: None,
            brought_by: None,
        };
        let mut setting = Setting {
            caller: &caller,
            cause: None,
            now: Timestamp::from_micros(1),
            chance: &mut Fixed,
        };
        decide_record(before, wanted, &mut setting)
    }

    #[test]
    fn a_change_says_what_was_and_what_is_and_the_same_again_is_no_change() {
        let first = judge(
            None,
            contact(" Anna Lind ", &["12 34 56 78"]),
            &[Role::Caseworker],
        );
        let first = first.unwrap().unwrap();
        assert_eq!((first.expected, first.stored.version), (Some(0), 1));
        let again = contact("Anna Lind", &["12345678"]);
        let before = Some(&first.stored);
        assert_eq!(judge(before, again, &[Role::Caseworker]), Ok(None));
        let moved = contact("Anna Holm", &["12345678"]);
        let change = judge(before, moved, &[Role::Caseworker]).unwrap().unwrap();
        assert_eq!((change.expected, change.stored.version), (Some(1), 2));
        let named = json!({ "name": { "from": "Anna Lind", "to": "Anna Holm" } });
        assert_eq!(change.entry.data["changes"], named);
        let shown = serde_json::to_string(&masked_entry(change.entry)).unwrap();
        assert!(!shown.contains("Anna"), "{shown}");
    }

    #[test]
    fn a_protected_person_can_be_changed_without_being_seen() {
        let first = judge(
            None,
            contact("Anna Lind", &["12345678"]),
            &[Role::Caseworker],
        );
        let first = first.unwrap().unwrap();
        let unseen = Contact {
            role: "tenant".to_owned(),
            ..contact(MASK, &[])
        };
        let change = judge(Some(&first.stored), unseen, &[Role::Caseworker]);
        let Record::Contact(after) = change.unwrap().unwrap().stored.record else {
            panic!("a contact")
        };
        assert_eq!(
            (after.name.as_str(), after.role.as_str()),
            ("Anna Lind", "tenant")
        );
        assert_eq!(after.phones, ["+4512345678"]);
        let nobody = judge(None, contact(MASK, &[]), &[Role::Caseworker]).unwrap_err();
        assert_eq!(nobody.to_string(), "name is missing");
    }

    #[test]
    fn the_number_of_a_person_stands_in_no_history_and_the_mask_keeps_it() {
        let with = |cpr: Option<Cpr>| Contact {
            protected: false,
            cpr,
            ..contact("Anna", &[])
        };
        let roles = &[Role::Caseworker];
        let cpr = Some(Cpr::given("010107-0001"));
        let first = judge(None, with(cpr), roles).unwrap().unwrap();
        let kept = StoredRecord {
            record: with(Some(Cpr::kept())).into(),
            ..first.stored
        };
        let again = judge(Some(&kept), with(Some(Cpr::given(CPR_MASK))), roles);
        assert_eq!(again, Ok(None));
        let other = with(Some(Cpr::given("0201070002")));
        let other = judge(Some(&kept), other, roles).unwrap().unwrap();
        let changes = json!({ "cpr": { "from": CPR_MASK, "to": CPR_MASK } });
        assert_eq!(other.entry.data["changes"], changes);
        let gone = judge(Some(&kept), with(None), roles).unwrap().unwrap();
        let changes = json!({ "cpr": { "from": CPR_MASK, "to": null } });
        assert_eq!(gone.entry.data["changes"], changes);
        let wrong = judge(None, with(Some(Cpr::given("3102070001"))), roles).unwrap_err();
        assert!(wrong.to_string().starts_with("cpr is not a CPR number"));
        // Nobody has a number that is only a mask.
        let none = judge(None, with(Some(Cpr::kept())), roles)
            .unwrap()
            .unwrap();
        assert_eq!(none.stored.record, Record::Contact(with(None)));
    }

    #[test]
    fn who_may_not_change_registers_changes_nothing() {
        let refused = judge(None, contact("Anna", &[]), &[Role::Configurator]).unwrap_err();
        assert_eq!(refused.code(), "not-allowed");
    }
}
