//! JSON bodies, read once.

use crate::problem::{Problem, code};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;

/// A JSON body: the value, and the bytes that it was read from (for the fingerprint of a repeated request).
#[derive(Clone, Debug)]
pub struct Sent<T> {
    /// The value.
    pub value: T,
    /// The bytes as they came.
    pub bytes: Bytes,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        require_json(request.headers())?;
        let bytes = most_bytes(request, state).await?;
        let value = read(&bytes)?;
        Ok(Self { value, bytes })
    }
}

/// A JSON body that may be left out: nothing is the default.
#[derive(Clone, Debug)]
pub struct SentOrNot<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for SentOrNot<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let bytes = most_bytes(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        require_json(&headers)?;
        read(&bytes).map(Self)
    }
}

/// The body's bytes, within the limit that the layer in front has set.
///
/// # Errors
/// `too-large`, or `malformed-request` where the connection broke off.
pub async fn most_bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| {
            let kind = match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => &code::TOO_LARGE,
                _ => &code::MALFORMED,
            };
            Problem::new(kind)
        })
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = kind
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if essence.eq_ignore_ascii_case("application/json") || essence.ends_with("+json") {
        return Ok(());
    }
    Err(Problem::new(&code::WRONG_MEDIA_TYPE).detail("the route reads application/json"))
}

/// Most levels of lists and objects in each other. A run keeps what comes in within its own state, which has to be read
/// again whole.
const DEEPEST: usize = 64;

/// Text that is no JSON is malformed; JSON of another shape is invalid.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let Look { deepest, has_nul } = look(bytes);
    if has_nul {
        return Err(Problem::new(&code::INVALID).detail(
            "a text has the character U+0000 (\\u0000), which cannot be kept; leave it out",
        ));
    }
    if deepest > DEEPEST {
        let detail = format!("more than {DEEPEST} levels of lists and objects in each other");
        return Err(Problem::new(&code::INVALID).detail(detail));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let kind = match error.classify() {
            serde_json::error::Category::Data => &code::INVALID,
            _ => &code::MALFORMED,
        };
        Problem::new(kind).detail(error)
    })
}

/// What is seen of a body before it is read.
struct Look {
    /// How many lists and objects lie in each other at most.
    deepest: usize,
    /// A text has the character U+0000: PostgreSQL keeps no text with it.
    has_nul: bool,
}

/// Looks at JSON once; quotes and escapes are those of JSON.
fn look(json: &[u8]) -> Look {
    let mut look = Look {
        deepest: 0,
        has_nul: false,
    };
    let (mut open, mut quoted) = (0_usize, false);
    let mut rest = json.iter();
    while let Some(byte) = rest.next() {
        match byte {
            // What follows a backslash belongs to it, so that an escaped quote ends nothing.
            b'\\' if quoted => {
                let escaped = rest.next();
                look.has_nul |= escaped == Some(&b'u') && rest.as_slice().starts_with(b"0000");
            }
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                open += 1;
                look.deepest = look.deepest.max(open);
            }
            b']' | b'}' if !quoted => open = open.saturating_sub(1),
            _ => {}
        }
    }
    look
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use sagsgang_domain::Command;

    async fn code_of(content_type: &str, body: &str) -> &'static str {
        let request = Request::post("/")
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(body.to_owned()))
            .unwrap();
        match Sent::<Command>::from_request(request, &()).await {
            Ok(_) => "read",
            Err(problem) => problem.code(),
        }
    }

    #[test]
    fn brackets_in_texts_are_no_levels() {
        assert_eq!(look(br#"{"a": ["[[{\"[", {"b": []}], "c": {}}"#).deepest, 4);
        assert_eq!(look(b"7").deepest, 0);
    }

    #[tokio::test]
    async fn a_body_that_nests_too_deep_is_refused() {
        let text = format!(
            r#"{{"type": "set-fields", "fields": {{"a": {}{}}}}}"#,
            "[".repeat(DEEPEST),
            "]".repeat(DEEPEST)
        );
        assert_eq!(code_of("application/json", &text).await, code::INVALID.code);
    }

    #[tokio::test]
    async fn a_body_is_read_malformed_or_invalid() {
        let json = "application/json; charset=utf-8";
        assert_eq!(
            code_of(json, r#"{"type":"note","text":"ring"}"#).await,
            "read"
        );
        assert_eq!(
            code_of(json, r#"{"type":"note","#).await,
            "malformed-request"
        );
        assert_eq!(
            code_of(json, r#"{"type":"note","text":"ring\u0000"}"#).await,
            "invalid-request"
        );
        assert_eq!(
            code_of(json, r#"{"type":"note","text":"ring\\u0000"}"#).await,
            "read"
        );
        assert_eq!(
            code_of(json, r#"{"type":"explode"}"#).await,
            "invalid-request"
        );
        assert_eq!(code_of("text/plain", "{}").await, "wrong-media-type");
    }
}
