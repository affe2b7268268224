//! The file of a recorded call.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The folder of a plugin with its recorded calls.
const CALLS: &str = "calls";

/// In which way a recorded call calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// An action is run.
    Action,
    /// A panel says what it shows.
    Show,
    /// A channel is given a message.
    Deliver,
    /// A channel is told what became of messages.
    Receive,
    /// A provider looks something up.
    Search,
}

/// A recorded call.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recorded {
    /// Name of what is called, in exactly one of these ways: an action is run,
    #[serde(default)]
    pub action: Option<String>,
    /// a panel says what it shows,
    #[serde(default)]
    pub show: Option<String>,
    /// a channel is given a message,
    #[serde(default)]
    pub deliver: Option<String>,
    /// a channel is told what became of messages,
    #[serde(default)]
    pub receive: Option<String>,
    /// a provider looks something up.
    #[serde(default)]
    pub search: Option<String>,
    /// The case that it is about.
    #[serde(default)]
    pub case: Option<Value>,
    /// Other cases that can be read.
    #[serde(default)]
    pub cases: Vec<Value>,
    /// What the action is given.
    #[serde(default = "empty")]
    pub input: Value,
    /// The settings; those of the package where there are none.
    #[serde(default)]
    pub configuration: Option<Value>,
    /// Secret settings, by name.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// Files that can be read, by handle.
    #[serde(default)]
    pub blobs: BTreeMap<String, Kept>,
    /// What the plugin has in its own store, by key.
    #[serde(default)]
    pub values: BTreeMap<String, Kept>,
    /// Language of whoever reads the result.
    #[serde(default = "danish")]
    pub locale: String,
    /// When the call is made.
    #[serde(default = "noon")]
    pub now: Timestamp,
    /// Requests in their order, each with its answer.
    #[serde(default)]
    pub http: Vec<Exchange>,
    /// What must come of it.
    pub expect: Expect,
}

/// What must come of a call.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Expect {
    /// What it answers; members that are left out do not matter.
    #[serde(default)]
    pub result: Option<Value>,
    /// Commands in order; members that are left out do not matter.
    #[serde(default)]
    pub commands: Option<Vec<Value>>,
    /// File names in order.
    #[serde(default)]
    pub documents: Option<Vec<String>>,
    /// What the plugin has in its own store afterwards, by key; `null` for what is gone.
    #[serde(default)]
    pub values: Option<BTreeMap<String, Option<Kept>>>,
    /// Parts of lines that must be there.
    #[serde(default)]
    pub log: Option<Vec<String>>,
    /// It must fail so.
    #[serde(default)]
    pub error: Option<ExpectedError>,
}

/// How a call must fail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedError {
    /// The plugin's own code, or the host's.
    pub code: String,
    /// What it says.
    #[serde(default)]
    pub message: Option<String>,
}

/// Bytes in a recording: text as it is, `{"base64": …}` for anything else that is no text, and any other value as JSON.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Value")]
pub struct Kept(Vec<u8>);

impl Kept {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Value> for Kept {
    fn from(value: Value) -> Self {
        let text = value
            .as_object()
            .filter(|members| members.len() == 1)
            .and_then(|members| members.get("base64")?.as_str());
        let decoded = text.and_then(|text| BASE64.decode(text).ok());
        Self(match (decoded, value) {
            (Some(bytes), _) => bytes,
            (None, Value::String(text)) => text.into_bytes(),
            (None, json) => json.to_string().into_bytes(),
        })
    }
}

/// A request and its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
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
    Timestamp::constant(1_795_521_600, 0)
}

/// A file or a folder that cannot be used, with its place and the reason.
#[derive(Debug)]
pub struct Unreadable {
    place: PathBuf,
    why: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place.display(), self.why)
    }
}

impl std::error::Error for Unreadable {}

fn unreadable(place: &Path, why: impl fmt::Display) -> Unreadable {
    Unreadable {
        place: place.to_owned(),
        why: why.to_string(),
    }
}

/// The recorded calls of a plugin, each with the name of its file, in their order.
///
/// # Errors
/// When there are none, or one is something else.
pub fn recordings(plugin: &Path) -> Result<Vec<(String, Recorded)>, Unreadable> {
    let place = plugin.join(CALLS);
    let listing = std::fs::read_dir(&place).map_err(|error| {
        let what = "a recorded call is a JSON file there with what it calls (action, show, deliver, receive or search), input and expect";
        unreadable(&place, format!("{error}; {what}"))
    })?;
    let mut files: Vec<PathBuf> = listing
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(unreadable(&place, "there is no recorded call"));
    }
    let named = |file: PathBuf| {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        Ok((name.into_owned(), Recorded::read(&file)?))
    };
    files.into_iter().map(named).collect()
}

impl Recorded {
    /// Reads a file.
    ///
    /// # Errors
    /// With the place where it is something else.
    pub fn read(path: &Path) -> Result<Self, Unreadable> {
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
        let recorded: Self =
            serde_json::from_str(&text).map_err(|error| unreadable(path, error))?;
        recorded.called().map_err(|why| unreadable(path, why))?;
        Ok(recorded)
    }

    /// In which way it calls, and the name of what it calls.
    ///
    /// # Errors
    /// When that is said in no way, or in several.
    pub fn called(&self) -> Result<(Way, &str), &'static str> {
        let ways = [
            (Way::Action, &self.action),
            (Way::Show, &self.show),
            (Way::Deliver, &self.deliver),
            (Way::Receive, &self.receive),
            (Way::Search, &self.search),
        ];
        let mut said = ways
            .into_iter()
            .filter_map(|(way, name)| Some((way, name.as_deref()?)));
        match (said.next(), said.next()) {
            (Some(called), None) => Ok(called),
            _ => Err(
                "a recorded call names what it calls once: `action`, `show` (a panel), `deliver` or `receive` (a channel), \
                 or `search` (a provider)",
            ),
        }
    }
}

/// A request as it would have gone out: what the host adds is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The method, in capitals.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Headers by their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Answers requests from a recording, in order.
#[derive(Debug)]
pub struct Tape {
    played: Mutex<Played>,
}

#[derive(Debug)]
struct Played {
    left: VecDeque<Exchange>,
    problems: Vec<String>,
}

impl Tape {
    /// A recording from its beginning.
    pub fn new(exchanges: Vec<Exchange>) -> Self {
        Self {
            played: Mutex::new(Played {
                left: exchanges.into(),
                problems: Vec::new(),
            }),
        }
    }

    /// Requests that came otherwise than recorded, or not at all.
    pub fn problems(&self) -> Vec<String> {
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

    /// The next answer, noting where the request is another one than recorded.
    ///
    /// # Errors
    /// Why there is no answer: the recording says so, or has no such request.
    pub fn answer(&self, request: Asked) -> Result<Reply, String> {
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
                .extend(crate::expect::differences(&place, body, &sent));
        }
        exchange.answer.into_answer()
    }
}

impl Answer {
    fn into_answer(self) -> Result<Reply, String> {
        if let Some(why) = self.error {
            return Err(why);
        }
        let body = match (self.base64, self.body) {
            (Some(text), _) => BASE64.decode(text).map_err(|error| error.to_string())?,
            (None, Some(Value::String(text))) => text.into_bytes(),
            (None, Some(json)) => json.to_string().into_bytes(),
            (None, None) => Vec::new(),
        };
        Ok(Reply {
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

    fn request(url: &str, body: &str) -> Asked {
        Asked {
            method: "POST".to_owned(),
            url: url.to_owned(),
            headers: vec![("authorization".to_owned(), "Bearer secret".to_owned())],
            body: Some(body.as_bytes().to_vec()),
        }
    }

    #[test]
    fn a_recorded_call_calls_one_thing() {
        let called = |text: &str| {
            let recorded: Recorded = serde_json::from_str(text).unwrap();
            let called = recorded
                .called()
                .map(|(point, name)| (point, name.to_owned()));
            called.map_err(str::to_owned)
        };
        let receives = called(r#"{ "receive": "sms", "expect": {} }"#);
        assert_eq!(receives, Ok((Way::Receive, "sms".to_owned())));
        for wrong in [
            r#"{ "expect": {} }"#,
            r#"{ "action": "a", "show": "a", "expect": {} }"#,
        ] {
            assert!(called(wrong).unwrap_err().contains("once"), "{wrong}");
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

    #[test]
    fn bytes_are_text_or_base64_or_json() {
        let kept = |value: Value| Kept::from(value).bytes().to_vec();
        assert_eq!(kept(json!("æ")), "æ".as_bytes());
        assert_eq!(kept(json!({ "base64": "AAE=" })), [0, 1]);
        assert_eq!(kept(json!({ "a": 1 })), b"{\"a\":1}");
        assert_eq!(kept(json!(7)), b"7");
    }

    #[test]
    fn a_misspelt_member_is_told_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(recordings(folder.path()).is_err());
        let calls = folder.path().join(CALLS);
        std::fs::create_dir(&calls).unwrap();
        let empty = recordings(folder.path()).unwrap_err().to_string();
        assert!(empty.contains("no recorded call"), "{empty}");
        let text = r#"{ "action": "greet", "expects": {} }"#;
        std::fs::write(calls.join("greets.json"), text).unwrap();
        let problem = recordings(folder.path()).unwrap_err().to_string();
        assert!(
            problem.contains("greets.json") && problem.contains("expects"),
            "{problem}"
        );
    }
}
