//! JSON Schemas of inputs, outputs and settings, compiled once at installation.

use crate::problem::Problem;
use serde_json::Value;
use std::fmt;

/// A schema and its compiled form.
pub struct Schema {
    text: Value,
    validator: jsonschema::Validator,
}

impl Schema {
    /// Compiles a schema. References lead within the schema only.
    pub(crate) fn compile(file: &str, text: Value) -> Result<Self, Problem> {
        let validator = jsonschema::options()
            .build(&text)
            .map_err(|error| Problem::new(file, "schema-invalid", error.to_string()))?;
        Ok(Self { text, validator })
    }

    /// The schema itself.
    pub fn value(&self) -> &Value {
        &self.text
    }

    /// What is wrong with a value, each with the place in it; at most ten.
    pub fn problems(&self, value: &Value) -> Vec<String> {
        if self.validator.is_valid(value) {
            return Vec::new();
        }
        let describe = |error: jsonschema::ValidationError| {
            let place = error.instance_path().to_string();
            if place.is_empty() {
                error.to_string()
            } else {
                format!("{place}: {error}")
            }
        };
        self.validator
            .iter_errors(value)
            .take(10)
            .map(describe)
            .collect()
    }

    /// The value without the members that the schema marks `x-secret`.
    pub(crate) fn without_secrets(&self, mut value: Value) -> Value {
        let secrets = self.secrets();
        if let Some(members) = value.as_object_mut() {
            members.retain(|name, _| !secrets.contains(name));
        }
        value
    }

    /// The place of a mark `x-secret` that protects nothing: only members at the top are sealed.
    pub(crate) fn buried_secret(&self) -> Option<String> {
        fn buried(schema: &Value, place: &str, depth: usize) -> Option<String> {
            match schema {
                Value::Object(members) => members.iter().find_map(|(name, value)| {
                    let place = format!("{place}/{name}");
                    // `/properties/<name>/x-secret` is the one place where it works.
                    if name == "x-secret"
                        && value == &Value::Bool(true)
                        && (depth != 2 || !place.starts_with("/properties/"))
                    {
                        return Some(place);
                    }
                    buried(value, &place, depth + 1)
                }),
                Value::Array(items) => items
                    .iter()
                    .enumerate()
                    .find_map(|(at, item)| buried(item, &format!("{place}/{at}"), depth + 1)),
                _ => None,
            }
        }
        buried(&self.text, "", 0)
    }

    /// The names of the members that the schema marks `x-secret`.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let properties = self.text.get("properties").and_then(Value::as_object);
        let secret = |schema: &Value| schema.get("x-secret") == Some(&Value::Bool(true));
        properties
            .into_iter()
            .flatten()
            .filter(|(_, schema)| secret(schema))
            .map(|(name, _)| name.clone())
            .collect()
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schema({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Schema;
    use serde_json::{Value, json};

    #[test]
    fn a_secret_that_would_not_be_sealed_is_found_wherever_it_is_buried() {
        let buried = |text: Value| {
            Schema::compile("config.json", text)
                .unwrap()
                .buried_secret()
        };
        let secret = json!({ "type": "string", "x-secret": true });
        let at_the_top =
            json!({ "properties": { "token": secret, "x-secret": { "type": "string" } } });
        assert_eq!(buried(at_the_top), None);
        let within = json!({ "properties": { "gateway": { "properties": { "token": secret } } } });
        assert_eq!(
            buried(within).as_deref(),
            Some("/properties/gateway/properties/token/x-secret")
        );
        for elsewhere in [
            json!({ "allOf": [{ "properties": { "token": secret } }] }),
            json!({ "$defs": { "token": secret }, "properties": { "token": { "$ref": "#/$defs/token" } } }),
            json!({ "properties": { "tokens": { "items": secret } } }),
            json!({ "x-secret": true }),
        ] {
            assert!(buried(elsewhere.clone()).is_some(), "{elsewhere}");
        }
    }
}
