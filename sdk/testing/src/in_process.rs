//! Recorded calls against an engine inside the test.

use crate::came::{Came, Left};
use crate::recorded::{Asked, Recorded, Tape, Way, recordings};
use sagsgang_plugin::http::{Request, Response};
use sagsgang_plugin::testing::{Host, Outside};
use sagsgang_plugin::{Action, Error, Failure};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The key of a recorded call, as in the real engine.
const KEY: &str = "recorded";

type Play = fn(&mut Host, Value) -> Result<Value, Failure>;

/// The recorded calls of a plugin in Rust.
#[derive(Debug)]
pub struct Calls {
    folder: PathBuf,
    actions: BTreeMap<&'static str, Play>,
}

impl Calls {
    /// Those of the plugin in a folder: where its `plugin.toml` lies, `env!("CARGO_MANIFEST_DIR")` as a rule.
    pub fn of(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            actions: BTreeMap::new(),
        }
    }

    /// Adds an action that the plugin exports.
    #[must_use]
    pub fn action<A: Action>(mut self) -> Self {
        self.actions
            .insert(A::NAME, |host, input| host.call::<A>(input));
        self
    }

    /// Plays all of them.
    ///
    /// # Panics
    /// When there are none, or one comes otherwise than recorded; with every difference.
    #[track_caller]
    pub fn play(&self) {
        let problems = self.problems();
        assert!(
            problems.is_empty(),
            "recorded calls:\n{}",
            problems.join("\n")
        );
    }

    /// Everything that comes otherwise than recorded, each with the name of its call.
    pub fn problems(&self) -> Vec<String> {
        let (recordings, manifest) = match (recordings(&self.folder), Manifest::read(&self.folder))
        {
            (Ok(recordings), Ok(manifest)) => (recordings, manifest),
            (Err(error), _) => return vec![error.to_string()],
            (_, Err(said)) => return vec![said],
        };
        let played = recordings.into_iter().flat_map(|(name, recorded)| {
            let problems = self.play_one(&manifest, &recorded);
            problems
                .into_iter()
                .map(move |problem| format!("{name}: {problem}"))
        });
        played.collect()
    }

    fn play_one(&self, manifest: &Manifest, recorded: &Recorded) -> Vec<String> {
        let name = match recorded.called() {
            Ok((Way::Action, name)) => name,
            Ok((_, name)) => {
                return vec![format!(
                    "`{name}` is no action: `in_engine` plays it, and `sagsgang plugin test` does"
                )];
            }
            Err(why) => return vec![why.to_owned()],
        };
        let Some(play) = self.actions.get(name) else {
            return vec![format!(
                "the action `{name}` is not added; write `.action::<…>()` for each that has recorded calls"
            )];
        };
        let tape = Arc::new(Tape::new(recorded.http.clone()));
        let mut host = prepare(manifest, recorded, tape.clone());
        let came = match play(&mut host, recorded.input.clone()) {
            Ok(result) => Came::Well(left(host, result)),
            Err(failure) => Came::Failed {
                code: failure.code,
                message: failure.message,
            },
        };
        let mut problems = recorded.expect.problems(&came);
        problems.extend(tape.problems());
        problems
    }
}

/// What of the manifest an engine inside a test knows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Manifest {
    capabilities: Capabilities,
    config: Config,
    /// The settings that hold until somebody gives others.
    #[serde(skip)]
    settings: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Capabilities {
    http: Vec<Grant>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Config {
    default: Option<String>,
}

/// Where requests may go, and the secret that goes with them.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Grant {
    origin: String,
    #[serde(default)]
    secret: Option<String>,
    #[serde(default = "authorization")]
    secret_header: String,
    #[serde(default = "bearer")]
    secret_prefix: String,
}

fn authorization() -> String {
    "authorization".to_owned()
}

fn bearer() -> String {
    "Bearer ".to_owned()
}

impl Manifest {
    fn read(folder: &Path) -> Result<Self, String> {
        let read = |name: &str| {
            let place = folder.join(name);
            std::fs::read_to_string(&place).map_err(|error| format!("{}: {error}", place.display()))
        };
        let mut manifest: Self = toml::from_str(&read("plugin.toml")?)
            .map_err(|error| format!("plugin.toml: {error}"))?;
        if let Some(name) = &manifest.config.default {
            manifest.settings =
                serde_json::from_str(&read(name)?).map_err(|error| format!("{name}: {error}"))?;
        }
        Ok(manifest)
    }
}

impl Grant {
    /// Whether an address lies within the origin: the same scheme, host and port.
    fn covers(&self, url: &str) -> bool {
        let rest = url.strip_prefix(self.origin.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    }
}

fn prepare(manifest: &Manifest, recorded: &Recorded, tape: Arc<Tape>) -> Host {
    let mut host = Host {
        case: recorded.case.clone(),
        actor: json!({ "kind": "person", "id": "anna", "name": "anna" }),
        locale: recorded.locale.clone(),
        configuration: recorded
            .configuration
            .clone()
            .unwrap_or_else(|| manifest.settings.clone()),
        idempotency_key: KEY.to_owned(),
        now_us: recorded.now.as_microsecond(),
        outside: Some(outside(manifest, recorded, tape)),
        ..Host::default()
    };
    for case in &recorded.cases {
        for name in ["id", "number"] {
            if let Some(name) = case[name].as_str() {
                host.cases.insert(name.to_owned(), case.clone());
            }
        }
    }
    let bytes = |kept: &BTreeMap<String, crate::Kept>| -> Vec<(String, Vec<u8>)> {
        kept.iter()
            .map(|(name, kept)| (name.clone(), kept.bytes().to_vec()))
            .collect()
    };
    host.blobs.extend(bytes(&recorded.blobs));
    host.values.extend(bytes(&recorded.values));
    host
}

/// Answers from the recording, after the host's own headers have been put in.
fn outside(manifest: &Manifest, recorded: &Recorded, tape: Arc<Tape>) -> Outside {
    let (grants, secrets) = (manifest.capabilities.http.clone(), recorded.secrets.clone());
    Outside::new(move |request: &Request| {
        let Some(grant) = grants.iter().find(|grant| grant.covers(&request.url)) else {
            return Err(error("denied", format!("{} is not granted", request.url)));
        };
        let given = request.headers.iter();
        let mut headers: Vec<(String, String)> = given
            .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
            .collect();
        headers.push(("idempotency-key".to_owned(), KEY.to_owned()));
        if let Some(name) = &grant.secret {
            let secret = secrets.get(name).ok_or_else(|| {
                error(
                    "unavailable",
                    format!("the secret `{name}` is not configured"),
                )
            })?;
            let value = format!("{}{secret}", grant.secret_prefix);
            headers.push((grant.secret_header.to_ascii_lowercase(), value));
        }
        let asked = Asked {
            method: request.method.to_ascii_uppercase(),
            url: request.url.clone(),
            headers,
            body: request.body.clone(),
        };
        let reply = tape.answer(asked);
        let reply = reply.map_err(|why| error("unavailable", format!("no answer: {why}")))?;
        Ok(Response {
            status: reply.status,
            headers: reply.headers,
            body: reply.body,
        })
    })
}

fn error(code: &str, message: String) -> Error {
    Error {
        code: code.to_owned(),
        message,
        retry_after_ms: None,
    }
}

fn left(host: Host, result: Value) -> Left {
    Left {
        result,
        commands: host.commands,
        documents: host.made,
        log: host.log.into_iter().map(|(_, line)| line).collect(),
        values: host.values,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_plugin::{action, blobs, cases, commands, context, kv, log};
    use schemars::JsonSchema;
    use serde::Serialize;

    #[derive(Deserialize, JsonSchema)]
    struct Input {
        town: Option<String>,
    }

    #[derive(Serialize, JsonSchema)]
    struct Output {
        said: String,
    }

    /// Uses everything that a recording can say.
    #[action]
    fn tell(input: Input) -> Result<Output, Failure> {
        let case: Option<Value> = context::case()?;
        let case = case.ok_or_else(|| Failure::reject("no-case", "there is no case"))?;
        let settings: Value = context::configuration()?;
        let town = input.town.unwrap_or_default();
        let url = format!("https://weather.example/{town}");
        let weather: Value = Request::get(url).send()?.json()?;
        let before = kv::get("told")?.unwrap_or_default();
        kv::set("told", &[&before[..], b"!"].concat())?;
        let other: Value = cases::read("2026-000001")?;
        let file = blobs::read("photo")?.len();
        let sky = weather["sky"].as_str().unwrap_or_default();
        let said = format!(
            "{} {} {sky} {} {file} {}",
            case["number"],
            settings["word"],
            other["title"],
            context::now_us()
        );
        let note = blobs::write("note.txt", "text/plain", said.as_bytes())?;
        commands::attach(&note)?;
        log::info("told");
        Ok(Output { said })
    }

    const MANIFEST: &str = "[capabilities]\nhttp = [{ origin = \"https://weather.example\", secret = \"token\" }]\n\
        [config]\ndefault = \"config.json\"\n";

    fn recorded() -> Value {
        json!({
            "action": "tell", "case": { "number": "7" }, "cases": [{ "number": "2026-000001", "title": "Before" }],
            "input": { "town": "by" }, "secrets": { "token": "abc" }, "blobs": { "photo": { "base64": "AAE=" } },
            "values": { "told": "!" }, "now": "2026-11-24T12:00:00.000001Z",
            "http": [{
                "method": "GET", "url": "https://weather.example/by",
                "headers": { "authorization": "Bearer abc", "idempotency-key": "recorded" },
                "answer": { "body": { "sky": "regn" } },
            }],
            "expect": {
                "result": { "said": "\"7\" \"Hej\" regn \"Before\" 2 1795521600000001" },
                "commands": [{ "type": "attach" }], "documents": ["note.txt"], "log": ["told"], "values": { "told": "!!" },
            },
        })
    }

    fn problems(recorded: &Value) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        std::fs::create_dir(folder.path().join("calls")).unwrap();
        write("plugin.toml", MANIFEST);
        write("config.json", "{ \"word\": \"Hej\" }");
        write("calls/tells.json", &recorded.to_string());
        Calls::of(folder.path()).action::<tell>().problems()
    }

    #[test]
    fn a_call_that_comes_as_recorded_is_no_problem() {
        assert_eq!(problems(&recorded()), [""; 0]);
    }

    #[test]
    fn whatever_comes_otherwise_is_told_with_the_name_of_its_call() {
        let cases: [(&str, Value, &str); 7] = [
            ("/expect/result/said", json!("x"), "result.said"),
            ("/expect/values/told", json!("!"), "values.told"),
            (
                "/http/0/url",
                json!("https://weather.example/else"),
                "is recorded",
            ),
            (
                "/http/0/headers/authorization",
                json!("Bearer x"),
                "authorization",
            ),
            (
                "/http/0/answer",
                json!({ "error": "cut off" }),
                "unavailable",
            ),
            ("/case", Value::Null, "no-case"),
            ("/action", json!("other"), "is not added"),
        ];
        for (place, value, said) in cases {
            let mut recorded = recorded();
            *recorded.pointer_mut(place).unwrap() = value;
            let problems = problems(&recorded);
            let is_told = problems
                .iter()
                .any(|one| one.starts_with("tells: ") && one.contains(said));
            assert!(is_told, "{place}: {problems:?}");
        }
    }

    #[test]
    fn what_is_not_granted_is_denied_and_a_missing_secret_is_told() {
        let mut elsewhere = recorded();
        elsewhere["input"]["town"] = json!("");
        elsewhere["secrets"] = json!({});
        let said = problems(&elsewhere);
        assert!(said[0].contains("`token` is not configured"), "{said:?}");
        let grant: Grant = toml::from_str("origin = \"https://a.example\"").unwrap();
        assert!(grant.covers("https://a.example/x") && grant.covers("https://a.example"));
        assert!(!grant.covers("https://a.example.evil/") && !grant.covers("http://a.example/"));
    }
}
