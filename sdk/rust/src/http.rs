//! Requests to the outside. Needs the capability `http`, which lists origins and paths.
//!
//! The engine adds `Idempotency-Key` and the secret that the capability names. Redirects are answers.

use crate::{Error, imports};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE` or `HEAD`.
    pub method: String,
    /// An absolute URL.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// At most 1 MiB.
    pub body: Option<Vec<u8>>,
    /// Give up after so many milliseconds; at most and by default 10,000.
    pub timeout_ms: Option<u32>,
}

/// What was answered, whatever its status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case and values.
    pub headers: Vec<(String, String)>,
    /// At most 1 MiB.
    pub body: Vec<u8>,
}

impl Request {
    /// Asks for something.
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: "GET".to_owned(),
            url: url.into(),
            headers: Vec::new(),
            body: None,
            timeout_ms: None,
        }
    }

    /// Sends JSON.
    pub fn post_json(url: impl Into<String>, body: &Value) -> Self {
        Self {
            method: "POST".to_owned(),
            body: Some(body.to_string().into_bytes()),
            ..Self::get(url)
        }
        .header("content-type", "application/json")
    }

    /// The same request with one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends the request.
    ///
    /// # Errors
    /// `denied`, `invalid`, `too-large`; `unavailable` when no answer came, though the outside may have acted.
    pub fn send(&self) -> Result<Response, Error> {
        imports::send(self)
    }
}

impl Response {
    /// The body as JSON.
    ///
    /// # Errors
    /// `invalid` when it is not, or has another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| Error::unreadable(&error))
    }
}
