//! The guest with which the host is tested: every function of the interface, and every way to misbehave.

mod ways;

use sagsgang_plugin::http::Request;
use sagsgang_plugin::{
    Error, Failure, action, blobs, cases, commands, context, documents, kv, log, random,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ways::Way;

/// What every function answers, in one object; the same script exists for the script runner.
#[action]
pub fn conform(input: Conform) -> Result<Value, Failure> {
    log::debug("looking");
    log::info("seeing");
    log::warn("probing");
    log::error("failing");
    Ok(json!({
        "case": context::case::<Value>().map_or_else(code, |case| json!(case)),
        "actor": context::actor()?.name,
        "locale": context::locale(),
        "configuration": context::configuration::<Value>()?,
        "key": context::idempotency_key(),
        "now": context::now_us(),
        "other": cases::read::<Value>(&input.other).map_or_else(code, |case| case["title"].clone()),
        "missing": cases::read::<Value>("nowhere").unwrap_or_else(code),
        "note": commands::note("probed").map_or_else(code, |()| json!("ok")),
        "forbidden": commands::tag("x").map_or_else(code, |()| json!("ok")),
        "malformed": commands::request(&json!({ "type": "note", "txt": "x" })).map_or_else(code, |()| json!("ok")),
        "document": documents::render(&input.description, "label.pdf").and_then(|handle| commands::attach(&handle)).map_or_else(code, |()| json!("attached")),
        "undrawable": documents::render(&json!({ "kind": "poem" }), "poem.pdf").map_or_else(code, |_| json!("ok")),
        "file": blobs::write("note.txt", "text/plain", b"hello").and_then(|handle| blobs::read(&handle)).map_or_else(code, |bytes| json!(bytes.len())),
        "kept": keep().map_or_else(code, |value| json!(value)),
        "signed": context::is_signed("token", b"x", &[0; 32]).map_or_else(code, |is| json!(is)),
        "random": random::bytes(8).map_or_else(code, |bytes| json!(bytes.len())),
        "answer": Request::post_json(&input.url, &json!({ "n": 1 })).send().map_or_else(code, |answer| json!(answer.status)),
        "elsewhere": Request::get("https://elsewhere.example/").send().map_or_else(code, |answer| json!(answer.status)),
    }))
}

/// What the probe is pointed at.
#[derive(Deserialize, JsonSchema)]
pub struct Conform {
    other: String,
    url: String,
    description: Value,
}

fn keep() -> Result<String, Error> {
    kv::set("count", b"1")?;
    kv::delete("gone")?;
    Ok(String::from_utf8_lossy(&kv::get("count")?.unwrap_or_default()).into_owned())
}

fn code(error: Error) -> Value {
    json!(error.code)
}

/// Misbehaves in the way that is asked for.
#[action]
pub fn misbehave(input: Way) -> Result<Value, Failure> {
    ways::run(input)
}

/// A small decision over a case, as many plugins make one. What a call costs is measured with it.
#[action]
pub fn decide(input: Decide) -> Result<Decision, Failure> {
    let mut score = input.repeats * 10;
    if input.fields["fraction"] == "hazardous" {
        score += 40;
    }
    Ok(Decision {
        priority: if score >= 30 { "high" } else { "normal" }.to_owned(),
        score,
    })
}

/// A case, as far as the decision needs it.
#[derive(Deserialize, JsonSchema)]
pub struct Decide {
    repeats: i32,
    fields: Value,
}

/// What follows.
#[derive(Serialize, JsonSchema)]
pub struct Decision {
    priority: String,
    score: i32,
}

sagsgang_plugin::export!(conform, misbehave, decide);

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_plugin::http::Response;
    use sagsgang_plugin::testing::{Host, Outside};

    /// What the engine checks and the one inside a test does not: what was granted, and what a command or a document is.
    const UNCHECKED: [&str; 3] = ["forbidden", "malformed", "undrawable"];

    #[test]
    fn the_engine_inside_a_test_answers_as_the_real_one() {
        let expected: Value = serde_json::from_str(include_str!("../../conform.json")).unwrap();
        let mut host = Host::with_case(expected["case"].clone());
        host.configuration = json!({ "a": 1 });
        host.idempotency_key = "key-1".to_owned();
        let other = json!({ "id": "x", "number": "2026-000001", "title": "En anden sag" });
        host.cases.insert("2026-000001".to_owned(), other);
        host.signed.entry("token".to_owned()).or_default();
        host.outside = Some(Outside::new(|request| {
            if !request.url.starts_with("http://127.0.0.1:1/") {
                return Err(Error {
                    code: "denied".to_owned(),
                    message: "not granted".to_owned(),
                    retry_after_ms: None,
                });
            }
            Ok(Response {
                status: 201,
                headers: Vec::new(),
                body: Vec::new(),
            })
        }));
        let input = json!({ "other": "2026-000001", "url": "http://127.0.0.1:1/hook", "description": { "kind": "label" } });
        let answers = host.call::<conform>(input).unwrap();
        let answers = answers.as_object().unwrap();
        assert_eq!(answers.len(), expected.as_object().unwrap().len());
        for (name, answer) in answers {
            let wanted = match UNCHECKED.contains(&&**name) {
                true => &json!("ok"),
                false => &expected[name],
            };
            assert_eq!(answer, wanted, "{name}");
        }
        let lines: Vec<_> = host.log.iter().map(|(_, line)| &**line).collect();
        assert_eq!(lines, ["looking", "seeing", "probing", "failing"]);
        // The poem is one of the unchecked.
        assert_eq!(host.made, ["label.pdf", "poem.pdf", "note.txt"]);
        assert_eq!(host.requests.len(), 2);
        let asked: Vec<_> = host.commands.iter().map(|one| &one["type"]).collect();
        assert_eq!(asked, ["note", "tag", "note", "attach"]);
    }
}
