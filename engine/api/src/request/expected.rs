//! `If-Match`: the version that a change was made against.

use crate::problem::{Problem, code};
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

/// The version in `If-Match`, where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected(pub Option<u64>);

impl<S: Sync> FromRequestParts<S> for Expected {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Ok(Self(None));
        };
        let text = value.to_str().map_err(|_| not_a_version())?;
        Ok(Self(parse_version(text)?))
    }
}

/// Reads `"18"`, `18` or `W/"18"`; `*` matches every version.
///
/// # Errors
/// `malformed-request` for anything else.
pub fn parse_version(text: &str) -> Result<Option<u64>, Problem> {
    let text = text.trim();
    if text == "*" {
        return Ok(None);
    }
    let text = text.strip_prefix("W/").unwrap_or(text);
    let bare = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(text);
    bare.parse().map(Some).map_err(|_| not_a_version())
}

fn not_a_version() -> Problem {
    Problem::new(&code::MALFORMED).detail("If-Match is not a version, such as \"18\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_in_each_of_its_spellings() {
        for text in ["18", "\"18\"", "W/\"18\"", " \"18\" "] {
            assert_eq!(parse_version(text).unwrap(), Some(18), "{text}");
        }
        assert_eq!(parse_version("*").unwrap(), None);
        for text in ["", "\"\"", "eighteen", "-1", "\"18"] {
            assert_eq!(
                parse_version(text).unwrap_err().code(),
                "malformed-request",
                "{text}"
            );
        }
    }
}
