//! Delivery reports: each is a JSON Web Token (RFC 7519) in a header, signed with HMAC-SHA256.

use sagsgang_plugin::channel::{Hook, Report, State};
use sagsgang_plugin::{Failure, context};
use serde::Deserialize;

/// The header that carries the token; what stands in the body is not signed, and not read.
const HEADER: &str = "x-gwapi-signature";
/// The setting with which the gateway signs.
const SECRET: &str = "webhook";

#[derive(Deserialize)]
struct Head {
    alg: String,
}

#[derive(Deserialize)]
struct Payload {
    id: u64,
    /// Missing where somebody has answered a message.
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

/// Reads a report, once it is known to be the gateway's.
pub(crate) fn read(hook: &Hook) -> Result<Vec<Report>, Failure> {
    let token = hook
        .headers
        .get(HEADER)
        .ok_or_else(|| unauthenticated("there is no signature"))?;
    let (signed, code) = token
        .rsplit_once('.')
        .ok_or_else(|| unauthenticated("it is no token"))?;
    let (head, payload) = signed
        .split_once('.')
        .ok_or_else(|| unauthenticated("it is no token"))?;
    let head: Head = part(head)?;
    // Others, such as `none`, would let anybody in.
    if head.alg != "HS256" {
        return Err(unauthenticated("it is not signed with HS256"));
    }
    let code = decode(code).ok_or_else(|| unauthenticated("the signature cannot be read"))?;
    let is_signed = context::is_signed(SECRET, signed.as_bytes(), &code);
    if !is_signed.map_err(|error| unauthenticated(&error.message))? {
        return Err(unauthenticated("the signature is not the gateway's"));
    }
    let payload: Payload = part(payload)?;
    Ok(payload.report().into_iter().collect())
}

impl Payload {
    fn report(self) -> Option<Report> {
        let status = self.status?;
        let state = match status.as_str() {
            "DELIVERED" => State::Delivered,
            "EXPIRED" | "DELETED" | "UNDELIVERABLE" | "REJECTED" | "SKIPPED" => State::Failed,
            _ => State::Underway,
        };
        let detail = match self.error {
            Some(error) => format!("{status}: {error}"),
            None => status,
        };
        Some(Report {
            reference: self.id.to_string(),
            state,
            detail: Some(detail.chars().take(200).collect()),
        })
    }
}

fn part<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Failure> {
    let bytes = decode(text).ok_or_else(|| unauthenticated("the token cannot be read"))?;
    serde_json::from_slice(&bytes).map_err(|_| unauthenticated("the token cannot be read"))
}

fn unauthenticated(reason: &str) -> Failure {
    Failure::reject("unauthenticated", reason)
}

/// Base64 with the alphabet for URLs and without padding (RFC 4648, section 5).
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(((bits >> held) & 0xff) as u8);
        }
    }
    (held < 6).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn base64_for_urls_is_read_and_other_text_is_not() {
        assert_eq!(decode("").unwrap(), b"");
        assert_eq!(decode("eyJhIjoxfQ").unwrap(), b"{\"a\":1}");
        assert_eq!(decode("-_8").unwrap(), [0xfb, 0xff]);
        for bad in ["a", "ab==", "a+b/", "æ", "aaaaa"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
