//! The guest with which calls are measured: a small decision over a case, as many plugins make one. JSON in, JSON out.

mod decision;

use sagsgang_plugin::{Failure, action};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A case, as far as the decision needs it.
#[derive(Deserialize, JsonSchema)]
pub struct Case {
    repeats: i64,
    fields: Value,
}

/// What follows.
#[derive(Serialize, JsonSchema)]
pub struct Decision {
    priority: String,
    score: i64,
}

/// Gives a case a priority.
#[action]
pub fn decide(case: Case) -> Result<Decision, Failure> {
    let fraction = case.fields["fraction"].as_str().unwrap_or_default();
    let (priority, score) = decision::of(case.repeats, fraction);
    Ok(Decision {
        priority: priority.to_owned(),
        score,
    })
}

sagsgang_plugin::export!(decide);
