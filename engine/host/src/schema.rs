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
