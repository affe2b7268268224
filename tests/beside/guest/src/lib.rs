//! The decision of `engine/host/benches/decide` as a plugin of Extism: the same JSON in and out.

#[path = "../../../../engine/host/benches/decide/src/decision.rs"]
mod decision;

use extism_pdk::{FnResult, plugin_fn};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    repeats: i64,
    fields: Value,
}

#[derive(Serialize)]
struct Decision {
    priority: String,
    score: i64,
}

#[plugin_fn]
pub fn decide(input: String) -> FnResult<String> {
    let case: Case = serde_json::from_str(&input)?;
    let fraction = case.fields["fraction"].as_str().unwrap_or_default();
    let (priority, score) = decision::of(case.repeats, fraction);
    let decision = Decision {
        priority: priority.to_owned(),
        score,
    };
    Ok(serde_json::to_string(&decision)?)
}
