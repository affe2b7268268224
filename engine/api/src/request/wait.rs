//! `Prefer: wait=N` (RFC 7240): answer when what the request started has ended or waits, but after N seconds at the latest.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;
use std::time::Duration;

/// Longest wait that is granted, in seconds.
pub const LONGEST_WAIT_SECONDS: u64 = 60;

/// How long the caller is willing to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(pub Option<Duration>);

impl<S: Sync> FromRequestParts<S> for Wait {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let headers = parts.headers.get_all("prefer");
        let texts = headers.iter().filter_map(|value| value.to_str().ok());
        Ok(Self(
            texts.flat_map(|text| text.split(',')).find_map(seconds),
        ))
    }
}

/// A preference that cannot be read is no preference (RFC 7240, section 2).
fn seconds(preference: &str) -> Option<Duration> {
    let preference = preference.split(';').next()?.trim();
    let (name, value) = preference.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("wait") {
        return None;
    }
    let seconds: u64 = value.trim().trim_matches('"').parse().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT_SECONDS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_read_and_bounded() {
        assert_eq!(seconds("wait=5"), Some(Duration::from_secs(5)));
        assert_eq!(seconds(" Wait = \"7\" ; x"), Some(Duration::from_secs(7)));
        assert_eq!(
            seconds("wait=86400"),
            Some(Duration::from_secs(LONGEST_WAIT_SECONDS))
        );
        assert_eq!(seconds("respond-async"), None);
        assert_eq!(seconds("wait=soon"), None);
    }
}
