//! What the engine gives, as it comes.

use crate::Error;
use crate::component::bindings::sagsgang::plugin::{
    blobs, cases, commands, context, documents, http, kv, log, random, types,
};
use crate::http::{Request, Response};
use crate::log::Level;

impl From<types::Error> for Error {
    fn from(error: types::Error) -> Self {
        Error {
            code: error.code,
            message: error.message,
            retry_after_ms: error.retry_after_ms,
        }
    }
}

pub(crate) fn log(level: Level, message: &str) {
    let level = match level {
        Level::Debug => log::Level::Debug,
        Level::Info => log::Level::Info,
        Level::Warn => log::Level::Warn,
        Level::Error => log::Level::Error,
    };
    log::write(level, message);
}

pub(crate) fn case() -> Result<Option<String>, Error> {
    Ok(context::case()?)
}

pub(crate) fn actor() -> String {
    context::actor()
}

pub(crate) fn locale() -> String {
    context::locale()
}

pub(crate) fn configuration() -> String {
    context::configuration()
}

pub(crate) fn idempotency_key() -> String {
    context::idempotency_key()
}

pub(crate) fn now_us() -> i64 {
    context::now()
}

pub(crate) fn is_signed(secret: &str, message: &[u8], code: &[u8]) -> Result<bool, Error> {
    Ok(context::is_signed(secret, message, code)?)
}

pub(crate) fn read_case(id_or_number: &str) -> Result<String, Error> {
    Ok(cases::read(id_or_number)?)
}

pub(crate) fn request(command: &str) -> Result<(), Error> {
    Ok(commands::request(command)?)
}

pub(crate) fn render(description: &str, name: &str) -> Result<String, Error> {
    Ok(documents::render(description, name)?)
}

pub(crate) fn read_blob(handle: &str) -> Result<Vec<u8>, Error> {
    Ok(blobs::read(handle)?)
}

pub(crate) fn write_blob(name: &str, media_type: &str, bytes: &[u8]) -> Result<String, Error> {
    Ok(blobs::write(name, media_type, bytes)?)
}

pub(crate) fn kv_get(key: &str) -> Result<Option<Vec<u8>>, Error> {
    Ok(kv::get(key)?)
}

pub(crate) fn kv_set(key: &str, value: &[u8]) -> Result<(), Error> {
    Ok(kv::set(key, value)?)
}

pub(crate) fn kv_delete(key: &str) -> Result<(), Error> {
    Ok(kv::delete(key)?)
}

pub(crate) fn send(request: &Request) -> Result<Response, Error> {
    let response = http::send(&http::Request {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: request.headers.clone(),
        body: request.body.clone(),
        timeout_ms: request.timeout_ms,
    })?;
    Ok(Response {
        status: response.status,
        headers: response.headers,
        body: response.body,
    })
}

pub(crate) fn random(length: u32) -> Result<Vec<u8>, Error> {
    Ok(random::bytes(length)?)
}
