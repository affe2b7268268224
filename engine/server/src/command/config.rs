//! `sagsgang config`: each setting with where it comes from.

use crate::config::{KEYS, Layered};
use crate::output;
use anyhow::Result;
use serde_json::{Map, json};
use std::process::ExitCode;

pub(super) fn run(layered: &Layered, json: bool) -> Result<ExitCode> {
    if json {
        let settings: Map<_, _> = layered
            .shown()
            .map(|(key, value, source)| {
                (
                    key.to_owned(),
                    json!({ "value": value, "source": source.to_string() }),
                )
            })
            .collect();
        output::json(&settings)?;
    } else {
        for (key, value, source) in layered.shown() {
            let about = KEYS
                .iter()
                .find(|one| one.name == key)
                .map(|key| key.about)
                .unwrap_or_default();
            output::line(&format!("# {about}\n{key} = {value:?}  # {source}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
