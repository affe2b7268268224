//! The file of a recorded call.

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sagsgang_domain::Timestamp;
use sagsgang_host::{CannedAnswer, CannedRequest, Outside};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A recorded call.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Recorded {
    /// Name of the action.
    pub(super) action: String,
    /// The case that it is about.
    #[serde(default)]
    pub(super) case: Option<Value>,
    /// Other cases that can be read.
    #[serde(default)]
    pub(super) cases: Vec<Value>,
    #[serde(default = "empty")]
    pub(super) input: Value,
    /// The settings; those of the package where there are none.
    #[serde(default)]
    pub(super) configuration: Option<Value>,
    /// Secret settings, by name.
    #[serde(default)]
    pub(super) secrets: BTreeMap<String, String>,
    #[serde(default = "danish")]
    pub(super) locale: String,
    /// When the call is made.
    #[serde(default = "noon")]
    pub(super) now: Timestamp,
    /// Requests in their order, each with its answer.
    #[serde(default)]
    pub(super) http: Vec<Exchange>,
    /// What must come of it.
    pub(super) expect: Expect,
}

/// What must come of a call.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Expect {
    #[serde(default)]
    pub(super) result: Option<Value>,
    /// Commands in order; members that are left out do not matter.
    #[serde(default)]
    pub(super) commands: Option<Vec<Value>>,
    /// File names in order.
    #[serde(default)]
    pub(super) documents: Option<Vec<String>>,
    /// Parts of lines that must be there.
    #[serde(default)]
    pub(super) log: Option<Vec<String>>,
    /// It must fail so.
    #[serde(default)]
    pub(super) error: Option<ExpectedError>,
}

/// How a call must fail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedError {
    /// The plugin's own code, or the host's.
    pub(super) code: String,
    #[serde(default)]
    pub(super) message: Option<String>,
}

/// A request and its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    method: String,
    url: String,
    /// Headers that must be there.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The body that must be sent; JSON is compared as JSON.
    #[serde(default)]
    body: Option<Value>,
    answer: Answer,
}

/// What comes back, or that nothing does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Text as it is, anything else as JSON.
    #[serde(default)]
    body: Option<Value>,
    /// Bytes in Base64, in place of `body`.
    #[serde(default)]
    base64: Option<String>,
    /// Why there is no answer.
    #[serde(default)]
    error: Option<String>,
}

fn empty() -> Value {
    Value::Object(serde_json::Map::new())
}

fn danish() -> String {
    "da".to_owned()
}

/// 2026-11-24T12:00:00Z, as in the crate for plugin authors.
fn noon() -> Timestamp {
    Timestamp::from_micros(1_795_521_600_000_000)
}

impl Recorded {
    /// Reads a file.
    ///
    /// # Errors
    /// With the place where it is something else.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let place = || path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(place)?;
        serde_json::from_str(&text).with_context(place)
    }
}

/// Answers requests from a recording, in order.
pub(super) struct Tape {
    played: Mutex<Played>,
}

struct Played {
    left: std::collections::VecDeque<Exchange>,
    problems: Vec<String>,
}

impl Tape {
    pub(super) fn new(exchanges: Vec<Exchange>) -> Self {
        Self {
            played: Mutex::new(Played {
                left: exchanges.into(),
                problems: Vec::new(),
            }),
        }
    }

    /// Requests that came otherwise than recorded, or not at all.
    pub(super) fn problems(&self) -> Vec<String> {
        let played = self.played();
        let missing = played
            .left
            .iter()
            .map(|one| format!("http: {} {} was not sent", one.method, one.url));
        played.problems.iter().cloned().chain(missing).collect()
    }

    fn played(&self) -> MutexGuard<'_, Played> {
        self.played.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outside for Tape {
    fn answer(&self, request: CannedRequest) -> Result<CannedAnswer, String> {
        let mut played = self.played();
        let asked = format!("{} {}", request.method, request.url);
        let Some(exchange) = played.left.pop_front() else {
            let problem = format!("http: {asked} is not recorded");
            played.problems.push(problem.clone());
            return Err(problem);
        };
        let wanted = format!("{} {}", exchange.method.to_ascii_uppercase(), exchange.url);
        if wanted != asked {
            let problem = format!("http: {asked} was sent, {wanted} is recorded");
            played.problems.push(problem.clone());
            return Err(problem);
        }
        for (name, value) in &exchange.headers {
            let name = name.to_ascii_lowercase();
            let sent = request.headers.iter().find(|(one, _)| *one == name);
            if sent.map(|(_, sent)| sent) != Some(value) {
                let problem = format!("http: {asked}: the header {name} is not {value:?}");
                played.problems.push(problem);
            }
        }
        if let Some(body) = &exchange.body {
            let sent = request.body.unwrap_or_default();
            let sent = match serde_json::from_slice::<Value>(&sent) {
                Ok(json) => json,
                Err(_) => Value::String(String::from_utf8_lossy(&sent).into_owned()),
            };
            let place = format!("http: {asked}: body");
            played
                .problems
                .extend(super::expect::differences(&place, body, &sent));
        }
        exchange.answer.into_answer()
    }
}

impl Answer {
    fn into_answer(self) -> Result<CannedAnswer, String> {
        if let Some(why) = self.error {
            return Err(why);
        }
        let body = match (self.base64, self.body) {
            (Some(text), _) => BASE64.decode(text).map_err(|error| error.to_string())?,
            (None, Some(Value::String(text))) => text.into_bytes(),
            (None, Some(json)) => json.to_string().into_bytes(),
            (None, None) => Vec::new(),
        };
        Ok(CannedAnswer {
            status: self.status.unwrap_or(200),
            headers: self.headers.into_iter().collect(),
            body,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tape() -> Tape {
        let exchanges = json!([{
            "method": "POST", "url": "https://sms.example/send", "headers": { "Authorization": "Bearer secret" },
            "body": { "to": "+4512345678" }, "answer": { "status": 202, "body": { "id": 7 } },
        }]);
        Tape::new(serde_json::from_value(exchanges).unwrap())
    }

    fn request(url: &str, body: &str) -> CannedRequest {
        CannedRequest {
            method: "POST".to_owned(),
            url: url.to_owned(),
            headers: vec![("authorization".to_owned(), "Bearer secret".to_owned())],
            body: Some(body.as_bytes().to_vec()),
        }
    }

    #[test]
    fn a_recorded_request_is_answered_and_any_other_is_told() {
        let played = tape();
        let good = request("https://sms.example/send", r#"{"to":"+4512345678","x":1}"#);
        let answer = played.answer(good.clone()).unwrap();
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (202, &b"{\"id\":7}"[..])
        );
        assert!(played.problems().is_empty());
        assert!(played.answer(good).is_err());
        assert_eq!(played.problems().len(), 1);
        let other = tape();
        assert!(
            other
                .answer(request("https://sms.example/else", "{}"))
                .is_err()
        );
        assert!(other.problems()[0].contains("is recorded"));
        assert_eq!(
            tape().problems(),
            ["http: POST https://sms.example/send was not sent"]
        );
        let wrong = tape();
        wrong
            .answer(request("https://sms.example/send", r#"{"to":"x"}"#))
            .unwrap();
        assert!(wrong.problems()[0].contains("body.to"));
    }
}
