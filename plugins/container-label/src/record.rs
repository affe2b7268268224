//! What the labels need of a case.

use serde::Deserialize;

/// The case with its records.
#[derive(Deserialize)]
pub(crate) struct CaseRecord {
    pub(crate) number: String,
    #[serde(default)]
    pub(crate) containers: Vec<ContainerRecord>,
    #[serde(default)]
    pub(crate) property: Option<PropertyRecord>,
}

/// A container.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContainerRecord {
    pub(crate) id: String,
    pub(crate) container_id: String,
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) compartments: Vec<Compartment>,
    #[serde(default)]
    pub(crate) address: Address,
}

/// One room of a container.
#[derive(Deserialize)]
pub(crate) struct Compartment {
    pub(crate) fractions: Vec<String>,
}

/// The property.
#[derive(Deserialize)]
pub(crate) struct PropertyRecord {
    #[serde(default)]
    pub(crate) address: Address,
}

/// An address in its parts.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Address {
    road: String,
    number: String,
    floor: Option<String>,
    door: Option<String>,
    postcode: String,
    place: String,
}

impl Address {
    /// On one line, such as `Lærkehaven 14, 1. tv, 4999 Eksempelby`; empty when nothing is known.
    pub(crate) fn line(&self) -> String {
        let road = format!("{} {}", self.road, self.number).trim().to_owned();
        let floor = self
            .floor
            .as_ref()
            .map(|floor| format!("{floor}. {}", self.door.as_deref().unwrap_or_default()));
        let place = format!("{} {}", self.postcode, self.place)
            .trim()
            .to_owned();
        let parts = [
            Some(road),
            floor.map(|floor| floor.trim().to_owned()),
            Some(place),
        ];
        parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }
}
