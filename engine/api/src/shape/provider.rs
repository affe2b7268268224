//! What providers of plugins find.

use super::register::Address;
use sagsgang_runtime as runtime;
use serde::Serialize;
use utoipa::ToSchema;

/// An address that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FoundAddress {
    /// One line that names it.
    pub title: String,
    /// The address.
    pub address: Address,
}

impl From<runtime::FoundAddress> for FoundAddress {
    fn from(found: runtime::FoundAddress) -> Self {
        let address = found.address;
        Self {
            title: found.title,
            address: Address {
                road: address.road,
                number: address.number,
                floor: address.floor,
                door: address.door,
                postcode: address.postcode,
                place: address.place,
                dar: address.dar,
            },
        }
    }
}
