//! Mirrors of the registers: properties, containers, agreements, contacts. On creation the id may be left out.

use super::history::ActorShape;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A postal address in Denmark.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
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
    /// Identity in the address register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dar: Option<String>,
}

/// Where a record comes from.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct External {
    /// Name of the other register.
    pub source: String,
    /// Its key there.
    pub key: String,
}

/// An entry of the history of a record.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RecordHistoryItem)]
pub struct HistoryEntry {
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
    #[schema(format = DateTime)]
    pub at: String,
    /// Who.
    pub actor: ActorShape,
    /// Under `changes` per value what it was (`from`) and what it is (`to`).
    pub data: BTreeMap<String, Value>,
}

/// A property.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Property {
    /// Identity; made where it is left out.
    #[serde(default)]
    pub id: Uuid,
    /// Four digits.
    pub municipality_code: String,
    /// Six digits, unique within the municipality.
    pub property_number: String,
    /// Cross-register key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bfe: Option<String>,
    /// Address.
    pub address: Address,
    /// Type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Area or route.
    pub area: String,
    /// Special conditions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<String>,
    /// Where it comes from, when another register keeps it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<External>,
}

/// One room of a container.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Compartment {
    /// Stable names of its fractions.
    pub fractions: Vec<String>,
}

/// A container.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Container {
    /// Identity; made where it is left out.
    #[serde(default)]
    pub id: Uuid,
    /// The printed id, in the barcode too.
    pub container_id: String,
    /// Type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Rooms with their fractions.
    pub compartments: Vec<Compartment>,
    /// Where it stands.
    #[serde(default)]
    pub property: Option<Uuid>,
    /// Address, where it differs from the property's.
    #[serde(default)]
    pub address: Address,
    /// Status.
    pub status: String,
    /// Date of the last collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_collection: Option<String>,
    /// Date of the next collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_collection: Option<String>,
    /// Where it comes from, when another register keeps it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<External>,
}

/// An agreement about a service.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Agreement {
    /// Identity; made where it is left out.
    #[serde(default)]
    pub id: Uuid,
    /// First day.
    pub from: String,
    /// Last day; open where absent.
    #[serde(default)]
    pub to: Option<String>,
    /// Price in DKK with two decimals.
    pub price: String,
    /// What is agreed.
    pub service: String,
    /// Property.
    #[serde(default)]
    pub property: Option<Uuid>,
    /// Container.
    #[serde(default)]
    pub container: Option<Uuid>,
    /// Where it comes from, when another register keeps it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<External>,
}

/// Person or company.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContactKind {
    /// A person.
    #[default]
    Person,
    /// A company, with a CVR number.
    Company,
}

/// A contact.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Contact {
    /// Identity; made where it is left out.
    #[serde(default)]
    pub id: Uuid,
    /// Person or company.
    pub kind: ContactKind,
    /// Name.
    pub name: String,
    /// Company number, eight digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cvr: Option<String>,
    /// Number of a person, ten digits. It is never answered: what stands here then is the mask `••••••-••••`, which means,
    /// sent back, the number that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpr: Option<String>,
    /// E-mail addresses.
    #[serde(default)]
    pub emails: Vec<String>,
    /// Phone numbers with country code.
    #[serde(default)]
    pub phones: Vec<String>,
    /// Role on the property.
    pub role: String,
    /// The property on which the contact has the role.
    #[serde(default)]
    pub property: Option<Uuid>,
    /// Name and address are protected.
    #[serde(default)]
    pub protected: bool,
    /// Where it comes from, when another register keeps it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<External>,
}

/// The number of a person, as it was asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RevealedCpr {
    /// Ten digits with a hyphen behind the sixth.
    pub cpr: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_domain as domain;
    use serde::de::DeserializeOwned;

    /// What the mirror writes, the domain reads and writes alike.
    fn check<Mirror: Serialize, Domain: Serialize + DeserializeOwned>(full: &Mirror) {
        let written = serde_json::to_value(full).unwrap();
        let domain: Domain = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(domain).unwrap(), written);
    }

    #[test]
    fn the_mirrors_have_exactly_the_keys_of_the_domain() {
        let some = || Some("1".to_owned());
        let address = Address {
            floor: some(),
            door: some(),
            dar: some(),
            ..Address::default()
        };
        check::<_, domain::Property>(&Property {
            bfe: some(),
            conditions: some(),
            address: address.clone(),
            ..Property::default()
        });
        check::<_, domain::Container>(&Container {
            compartments: vec![Compartment::default()],
            last_collection: some(),
            next_collection: some(),
            address,
            ..Container::default()
        });
        check::<_, domain::Agreement>(&Agreement::default());
        check::<_, domain::Contact>(&Contact {
            cvr: some(),
            cpr: Some(domain::register::CPR_MASK.to_owned()),
            ..Contact::default()
        });
        let entry = domain::RecordEntry {
            id: Uuid::nil(),
            record: Uuid::nil(),
            version: 1,
            kind: "record.created.v1".to_owned(),
            at: domain::Timestamp::from_micros(1),
            actor: domain::Actor::system(),
            data: serde_json::Map::new(),
        };
        let entry = serde_json::to_value(entry).unwrap();
        let mirrored: HistoryEntry = serde_json::from_value(entry.clone()).unwrap();
        assert_eq!(serde_json::to_value(mirrored).unwrap(), entry);
    }
}
