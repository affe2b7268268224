//! What the call is about. Always available; [`case`] needs the capability `case-read`.

use crate::{Error, imports};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The party on whose behalf the call runs; its rights judge every command.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Actor {
    /// `person`, `workflow`, `plugin`, `mail`, `integration` or `system`.
    pub kind: String,
    /// A stable name.
    pub id: String,
    /// The name shown to people.
    pub name: String,
}

/// The case, in a shape of the plugin's own that names the members it needs; `None` when the call is about no case.
///
/// # Errors
/// `denied` without the capability; `invalid` when the case has another shape.
pub fn case<T: DeserializeOwned>() -> Result<Option<T>, Error> {
    let Some(text) = imports::case()? else {
        return Ok(None);
    };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| Error::unreadable(&error))
}

/// On whose behalf the call runs.
///
/// # Errors
/// `invalid`, should the engine write actors in a newer shape.
pub fn actor() -> Result<Actor, Error> {
    serde_json::from_str(&imports::actor()).map_err(|error| Error::unreadable(&error))
}

/// Language of the person who will read the result, such as `da` or `en`.
pub fn locale() -> String {
    imports::locale()
}

/// The text in the reader's language, such as `in_language(&[("da", "Ingen sag"), ("en", "No case")])`; the first one
/// where there is none in it.
pub fn in_language(texts: &[(&str, &'static str)]) -> &'static str {
    let locale = locale();
    let found = texts.iter().find(|(language, _)| *language == locale);
    found.or(texts.first()).map_or("", |(_, text)| text)
}

/// The plugin's configuration, without secrets.
///
/// # Errors
/// `invalid` when it has another shape, which the schema in the manifest can rule out.
pub fn configuration<T: DeserializeOwned>() -> Result<T, Error> {
    serde_json::from_str(&imports::configuration()).map_err(|error| Error::unreadable(&error))
}

/// A key that stays the same when this call is tried again.
pub fn idempotency_key() -> String {
    imports::idempotency_key()
}

/// Whether bytes were signed with a secret that the plugin shares with somebody: `code` is their HMAC with SHA-256 (RFC 2104)
/// under the secret setting of this name. The secret itself stays with the engine.
///
/// # Errors
/// `invalid` when the code has not 32 bytes; `not-found` when the setting has not been given.
pub fn is_signed(secret: &str, message: &[u8], code: &[u8]) -> Result<bool, Error> {
    imports::is_signed(secret, message, code)
}

/// When the call was made, in microseconds since 1970-01-01T00:00:00Z.
pub fn now_us() -> i64 {
    imports::now_us()
}
