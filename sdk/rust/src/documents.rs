//! Documents that the engine draws. Needs the capability `documents`.

use crate::{Error, imports};
use serde_json::Value;

/// Draws a described document as PDF under a file name and gives its handle, for [`crate::commands::attach`].
///
/// # Errors
/// `denied`; `invalid` with the reason; `too-large` (1 MiB of description, 10 documents).
pub fn render(description: &Value, name: &str) -> Result<String, Error> {
    imports::render(&description.to_string(), name)
}
