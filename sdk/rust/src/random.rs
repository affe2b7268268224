//! Chance that repeats itself when a call is tried again; not for secrets. Needs the capability `random`.

use crate::{Error, imports};

/// At most 1,024 bytes.
///
/// # Errors
/// `denied`.
pub fn bytes(length: u32) -> Result<Vec<u8>, Error> {
    imports::random(length)
}
