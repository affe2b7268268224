//! Files as bytes. Needs the capability `blobs`.

use crate::{Error, imports};

/// The bytes of a file of the case, or of a document made in this call.
///
/// # Errors
/// `denied`, `not-found`, `too-large` (more than 1 MiB), `unavailable`.
pub fn read(handle: &str) -> Result<Vec<u8>, Error> {
    imports::read_blob(handle)
}

/// Keeps bytes as a file of this call and gives its handle, for [`crate::commands::attach`].
///
/// # Errors
/// `denied`, `invalid` (name), `too-large` (1 MiB each, 10 in a call).
pub fn write(name: &str, media_type: &str, bytes: &[u8]) -> Result<String, Error> {
    imports::write_blob(name, media_type, bytes)
}
