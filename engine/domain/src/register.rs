//! Master data: properties, containers, agreements, contacts.

mod check;
mod cpr;
mod record;
mod seen;

pub use check::{Fault, RecordProblem, is_cvr, normalised, phone, price, problems};
pub use cpr::{CPR_MASK, Cpr, is_cpr};
pub use record::{
    External, MASK, Record, RecordChange, RecordEntry, RecordKind, Revealed, StoredRecord,
    WantedRecord, decide_record, decide_reveal, masked_entry, refusal,
};
pub use seen::Seen;

use crate::id::{AgreementId, ContactId, ContainerId, PropertyId};
use serde::{Deserialize, Serialize};

/// A postal address in Denmark.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// Road name.
    pub road: String,
    /// House number with letter.
    #[serde(default)]
    pub number: String,
    /// Floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<String>,
    /// Door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<String>,
    /// Four digits.
    #[serde(default)]
    pub postcode: String,
    /// Postal place.
    #[serde(default)]
    pub place: String,
    /// Identity in the address register (DAR).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dar: Option<String>,
}

impl Address {
    /// The address on one line, such as `Lærkehaven 14, 1. tv, 4999 Eksempelby`.
    pub fn line(&self) -> String {
        let mut line = format!("{} {}", self.road, self.number).trim().to_owned();
        if let Some(floor) = &self.floor {
            line.push_str(&format!(", {floor}."));
            if let Some(door) = &self.door {
                line.push_str(&format!(" {door}"));
            }
        }
        let place = format!("{} {}", self.postcode, self.place);
        if !place.trim().is_empty() {
            line.push_str(", ");
            line.push_str(place.trim());
        }
        line
    }
}

/// A property (*ejendom*): contacts, containers and agreements hang off it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Property {
    /// Identity.
    pub id: PropertyId,
    /// Four digits.
    pub municipality_code: String,
    /// Six digits, unique within the municipality.
    pub property_number: String,
    /// Cross-register key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bfe: Option<String>,
    /// Address.
    pub address: Address,
    /// Type, such as `Fælles: Rækkehus`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Area or route.
    pub area: String,
    /// Special conditions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<String>,
}

/// One room of a container, for one or more fractions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Compartment {
    /// Stable names of the fractions, such as `food` and `residual`.
    pub fractions: Vec<String>,
}

/// The fractions of the common Danish sorting, by their numbers from 1, and two more: stable name and Danish name.
pub const FRACTIONS: [(&str, &str); 12] = [
    ("food", "madaffald"),
    ("paper", "papir"),
    ("cardboard", "pap"),
    ("metal", "metal"),
    ("glass", "glas"),
    ("plastic", "plast"),
    ("textile", "tekstil"),
    ("cartons", "mad- og drikkekartoner"),
    ("residual", "restaffald"),
    ("hazardous", "farligt affald"),
    ("garden", "haveaffald"),
    ("bulky", "storskrald"),
];

/// The stable name of a fraction that is written by its number, its Danish or its stable name. A name that is not of
/// the list is the municipality's own and stays.
pub fn fraction_named(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let by_number = text
        .parse::<usize>()
        .ok()
        .and_then(|number| FRACTIONS.get(number.checked_sub(1)?));
    let by_name = || {
        FRACTIONS
            .iter()
            .find(|(name, danish)| *name == text || *danish == text)
    };
    match by_number.or_else(by_name) {
        Some((name, _)) => (*name).to_owned(),
        None => text,
    }
}

/// A container (*beholder*).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// Identity.
    pub id: ContainerId,
    /// The printed id, in the barcode too.
    pub container_id: String,
    /// Type, such as `240 liters beholder`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Rooms with their fractions.
    pub compartments: Vec<Compartment>,
    /// Where it stands.
    pub property: Option<PropertyId>,
    /// Address, where it differs from the property's.
    #[serde(default)]
    pub address: Address,
    /// `active`, `ordered`, `withdrawn` …
    pub status: String,
    /// Date of the last collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_collection: Option<String>,
    /// Date of the next collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_collection: Option<String>,
}

/// An agreement (*aftale*) about a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agreement {
    /// Identity.
    pub id: AgreementId,
    /// First day.
    pub from: String,
    /// Last day; open where absent.
    #[serde(default)]
    pub to: Option<String>,
    /// Price in DKK with two decimals, as text.
    pub price: String,
    /// What is agreed.
    pub service: String,
    /// Property.
    pub property: Option<PropertyId>,
    /// Container.
    #[serde(default)]
    pub container: Option<ContainerId>,
}

/// A person or a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactKind {
    /// A person.
    Person,
    /// A company, with a CVR number.
    Company,
}

/// A contact (*kontakt*).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Identity.
    pub id: ContactId,
    /// Person or company.
    pub kind: ContactKind,
    /// Name.
    pub name: String,
    /// Company number, eight digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cvr: Option<String>,
    /// Number of a person, ten digits; kept sealed, and the mask wherever it is written as data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpr: Option<Cpr>,
    /// E-mail addresses.
    #[serde(default)]
    pub emails: Vec<String>,
    /// Phone numbers with country code.
    #[serde(default)]
    pub phones: Vec<String>,
    /// `owner`, `co-owner`, `tenant`, `reporter`, `company`.
    pub role: String,
    /// The property on which the contact has the role.
    #[serde(default)]
    pub property: Option<PropertyId>,
    /// Name and address are protected.
    #[serde(default)]
    pub protected: bool,
}
