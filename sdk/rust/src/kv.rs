//! A small store of the plugin's own. Needs the capability `kv`. Writes are kept only when the call succeeds.

use crate::{Error, imports};

/// The value under a key.
///
/// # Errors
/// `denied`, `invalid` (key), `unavailable`.
pub fn get(key: &str) -> Result<Option<Vec<u8>>, Error> {
    imports::kv_get(key)
}

/// Puts a value of at most 64 KiB under a key of at most 256 bytes.
///
/// # Errors
/// `denied`, `invalid` (key), `too-large`.
pub fn set(key: &str, value: &[u8]) -> Result<(), Error> {
    imports::kv_set(key, value)
}

/// Removes a key; it need not exist.
///
/// # Errors
/// `denied`, `invalid` (key).
pub fn delete(key: &str) -> Result<(), Error> {
    imports::kv_delete(key)
}
