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
