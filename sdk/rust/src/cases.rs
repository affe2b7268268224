//! Other cases. Needs the capability `cases`.

use crate::{Error, imports};
use serde::de::DeserializeOwned;

/// A case by id or number, in a shape of the plugin's own.
///
/// # Errors
/// `denied`, `not-found` (also what the caller may not see), `unavailable`, `invalid`.
pub fn read<T: DeserializeOwned>(id_or_number: &str) -> Result<T, Error> {
    let text = imports::read_case(id_or_number)?;
    serde_json::from_str(&text).map_err(|error| Error::unreadable(&error))
}
