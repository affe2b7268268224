//! What the engine gives, played by the test's own host.

use crate::Error;
use crate::http::{Request, Response};
use crate::log::Level;
use crate::testing::with;

pub(crate) fn log(level: Level, message: &str) {
    with(|host| host.log.push((level, message.to_owned())));
}

pub(crate) fn case() -> Result<Option<String>, Error> {
    Ok(with(|host| host.case.as_ref().map(ToString::to_string)))
}

pub(crate) fn actor() -> String {
    with(|host| host.actor.to_string())
}

pub(crate) fn locale() -> String {
    with(|host| host.locale.clone())
}

pub(crate) fn configuration() -> String {
    with(|host| host.configuration.to_string())
}

pub(crate) fn idempotency_key() -> String {
    with(|host| host.idempotency_key.clone())
}

pub(crate) fn now_us() -> i64 {
    with(|host| host.now_us)
}

pub(crate) fn is_signed(secret: &str, message: &[u8], code: &[u8]) -> Result<bool, Error> {
    if code.len() != 32 {
        return Err(Error::new("invalid", "a code has 32 bytes"));
    }
    let signed = with(|host| {
        host.signed
            .get(secret)
            .map(|signed| signed.contains(message))
    });
    signed.ok_or_else(|| {
        Error::new(
            "not-found",
            format!("the secret `{secret}` is not configured"),
        )
    })
}

pub(crate) fn read_case(id_or_number: &str) -> Result<String, Error> {
    let found = with(|host| host.cases.get(id_or_number).map(ToString::to_string));
    found.ok_or_else(|| Error::new("not-found", "there is no such case"))
}

pub(crate) fn request(command: &str) -> Result<(), Error> {
    let command =
        serde_json::from_str(command).map_err(|error| Error::new("invalid", error.to_string()))?;
    with(|host| host.commands.push(command));
    Ok(())
}

pub(crate) fn render(description: &str, name: &str) -> Result<String, Error> {
    let description = serde_json::from_str(description)
        .map_err(|error| Error::new("invalid", error.to_string()))?;
    Ok(with(|host| {
        host.documents.push((name.to_owned(), description));
        host.made.push(name.to_owned());
        format!("document-{}", host.documents.len())
    }))
}

pub(crate) fn read_blob(handle: &str) -> Result<Vec<u8>, Error> {
    let found = with(|host| host.blobs.get(handle).cloned());
    found.ok_or_else(|| Error::new("not-found", "there is no such file"))
}

pub(crate) fn write_blob(name: &str, _media_type: &str, bytes: &[u8]) -> Result<String, Error> {
    with(|host| {
        host.blobs.insert(name.to_owned(), bytes.to_vec());
        host.made.push(name.to_owned());
    });
    Ok(name.to_owned())
}

pub(crate) fn kv_get(key: &str) -> Result<Option<Vec<u8>>, Error> {
    Ok(with(|host| host.values.get(key).cloned()))
}

pub(crate) fn kv_set(key: &str, value: &[u8]) -> Result<(), Error> {
    with(|host| host.values.insert(key.to_owned(), value.to_vec()));
    Ok(())
}

pub(crate) fn kv_delete(key: &str) -> Result<(), Error> {
    with(|host| host.values.remove(key));
    Ok(())
}

pub(crate) fn send(request: &Request) -> Result<Response, Error> {
    with(|host| {
        host.requests.push(request.clone());
        if let Some(outside) = &host.outside {
            return outside.answer(request);
        }
        let none = || Error::new("unavailable", "the test has no answer prepared");
        host.answers.pop_front().ok_or_else(none)
    })
}

pub(crate) fn random(length: u32) -> Result<Vec<u8>, Error> {
    // Any bytes will do for a test, as long as they are the same in every run.
    Ok((0..length.min(1_024))
        .map(|index| index.wrapping_mul(167).to_le_bytes()[0])
        .collect())
}
