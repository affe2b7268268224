//! `Idempotency-Key`: a repeated request is answered, not carried out again.

use crate::problem::{Problem, code};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sagsgang_runtime::{Principal, Request};
use sha2::{Digest, Sha256};

/// Longest key.
const LONGEST: usize = 255;

/// The key of a request with its scope (the caller and the route), where a key was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once(Option<Key>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    scope: String,
    key: String,
}

impl Once {
    /// The request as the engine remembers it, for this body.
    pub fn request(self, body: &[u8]) -> Option<Request> {
        let Key { scope, key } = self.0?;
        Some(Request {
            scope,
            key,
            fingerprint: Sha256::digest(body).into(),
        })
    }

    /// The request for one of several things that one body asks for.
    pub fn part(&self, place: usize, body: &[u8]) -> Option<Request> {
        let Key { scope, key } = self.0.as_ref()?;
        Some(Request {
            scope: scope.clone(),
            key: format!("{key}#{place}"),
            fingerprint: Sha256::digest(body).into(),
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Once {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        let unfit = || {
            Problem::new(&code::MALFORMED).detail(format!(
                "Idempotency-Key is not 1 to {LONGEST} printable characters"
            ))
        };
        let key = value
            .to_str()
            .map_err(|_| unfit())?
            .trim()
            .trim_matches('"');
        if key.is_empty() || key.len() > LONGEST {
            return Err(unfit());
        }
        let caller = parts
            .extensions
            .get::<Principal>()
            .ok_or_else(|| Problem::new(&code::NOT_AUTHENTICATED))?;
        let scope = format!("{} {} {}", caller.name, parts.method, parts.uri.path());
        Ok(Self(Some(Key {
            scope,
            key: key.to_owned(),
        })))
    }
}
