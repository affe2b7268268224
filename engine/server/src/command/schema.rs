//! `sagsgang schema`: JSON Schemas of what people write, for editors.

use crate::output;
use anyhow::{Result, bail};
use sagsgang_definition::schema::{SCHEMAS, TextSchema};
use sagsgang_host::manifest;
use serde_json::{Value, json};
use std::process::ExitCode;

const PLUGIN: TextSchema = TextSchema {
    kind: "plugin",
    about: "plugin.toml: what a plugin is, offers and asks for",
    text: manifest::SCHEMA,
};

/// All kinds, by name.
fn all() -> Vec<TextSchema> {
    let mut all = SCHEMAS.to_vec();
    all.push(PLUGIN);
    all.sort_by_key(|schema| schema.kind);
    all
}

pub(super) fn run(kind: Option<&str>, json: bool) -> Result<ExitCode> {
    let all = all();
    let Some(kind) = kind else {
        list(&all, json)?;
        return Ok(ExitCode::SUCCESS);
    };
    let Some(schema) = all.iter().find(|schema| schema.kind == kind) else {
        let known: Vec<&str> = all.iter().map(|schema| schema.kind).collect();
        bail!(
            "there is no schema {kind:?}; there are: {}",
            known.join(", ")
        );
    };
    output::line(schema.text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

fn list(all: &[TextSchema], json: bool) -> Result<()> {
    if json {
        let rows: Vec<Value> = all
            .iter()
            .map(|schema| json!({ "kind": schema.kind, "about": schema.about }))
            .collect();
        return output::json(&rows);
    }
    for schema in all {
        output::line(&format!("{:<10} {}", schema.kind, schema.about))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_json_with_a_title_and_a_name_of_its_own() {
        let all = all();
        for schema in &all {
            let value: Value = serde_json::from_str(schema.text).unwrap();
            assert!(
                value["title"].is_string() && value["$schema"].is_string(),
                "{}",
                schema.kind
            );
        }
        assert!(all.windows(2).all(|pair| pair[0].kind < pair[1].kind));
        assert!(run(Some("nonsense"), false).is_err());
    }
}
