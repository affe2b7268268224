//! The case types' own fields that are marked as personal (`x-pii`): their values leave a redacted file, in their places and
//! wherever else they are written.

use sagsgang_domain::{Case, CaseType, Entry, Event};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The marks of the case types, in every version that the cases of the file have had. What one version marks is personal
/// in all of them: a mark that came late or was lost must not bring a value out.
#[derive(Debug, Default)]
pub(super) struct PersonalFields {
    schemas: Vec<Arc<CaseType>>,
}

/// Something personal that was found.
#[derive(Debug, PartialEq)]
pub(super) enum Personal {
    /// A text or a number, which is looked for in all other texts too.
    Said(String),
    /// One of few choices: as a word it stands in every text, so that it is covered in its place alone.
    Chosen,
}

impl PersonalFields {
    pub(super) fn of(case_types: impl IntoIterator<Item = Arc<CaseType>>) -> Self {
        let mut schemas: Vec<Arc<CaseType>> = Vec::new();
        for one in case_types {
            let is_known =
                |known: &Arc<CaseType>| (&known.name, known.version) == (&one.name, one.version);
            if !schemas.iter().any(is_known) {
                schemas.push(one);
            }
        }
        Self { schemas }
    }

    /// Every personal value that a case has or that the history tells of.
    pub(super) fn values(&self, case: &Case, entries: &[(String, Entry)]) -> Vec<Personal> {
        let mut found = Vec::new();
        for (name, value) in &case.fields {
            self.find(name, &mut value.clone(), &mut found);
        }
        for (_, entry) in entries {
            let mut data = entry.data.clone();
            each_value(&entry.kind, &mut data, |name, value| {
                self.find(name, value, &mut found);
            });
        }
        found
    }

    fn find(&self, name: &str, value: &mut Value, found: &mut Vec<Personal>) {
        self.each(name, value, &mut |value, schema| {
            let personal = match value {
                Value::String(_) if schema.get("enum").is_some() => Personal::Chosen,
                Value::String(text) => Personal::Said(text.clone()),
                Value::Number(number) => Personal::Said(number.to_string()),
                _ => Personal::Chosen,
            };
            if !found.contains(&personal) {
                found.push(personal);
            }
        });
    }

    /// Puts a mark in the place of what is personal in a field.
    pub(super) fn cover(&self, name: &str, value: &mut Value, mark: &str) {
        self.each(name, value, &mut |value, _| {
            if !value.is_null() {
                *value = Value::from(mark);
            }
        });
    }

    /// The same in the fields that an entry of the history tells of.
    pub(super) fn cover_entry(&self, kind: &str, data: &mut Map<String, Value>, mark: &str) {
        each_value(kind, data, |name, value| self.cover(name, value, mark));
    }

    fn each(&self, name: &str, value: &mut Value, deed: &mut dyn FnMut(&mut Value, &Value)) {
        for case_type in &self.schemas {
            let properties = case_type.fields.get("properties");
            if let Some(schema) = properties.and_then(|known| known.get(name)) {
                leaves(schema, false, value, deed);
            }
        }
    }
}

/// What is marked, itself or by what it is part of; all parts of it that are no objects or lists.
fn leaves(
    schema: &Value,
    inside: bool,
    value: &mut Value,
    deed: &mut dyn FnMut(&mut Value, &Value),
) {
    let inside = inside || schema.get("x-pii") == Some(&Value::Bool(true));
    for choice in ["allOf", "anyOf", "oneOf"] {
        let parts = schema.get(choice).and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            leaves(part, inside, value, deed);
        }
    }
    match value {
        Value::Object(members) => {
            let properties = schema.get("properties");
            for (name, member) in members {
                let known = properties.and_then(|known| known.get(name));
                let schema = known.or(schema.get("additionalProperties"));
                leaves(schema.unwrap_or(&Value::Null), inside, member, deed);
            }
        }
        Value::Array(items) => {
            let schema = schema.get("items").unwrap_or(&Value::Null);
            for item in items {
                leaves(schema, inside, item, deed);
            }
        }
        leaf if inside => deed(leaf, schema),
        _ => {}
    }
}

/// The values of fields in the data of an entry, those before and those after.
fn each_value(kind: &str, data: &mut Map<String, Value>, mut deed: impl FnMut(&str, &mut Value)) {
    // A kind that has no fields, or whose data were erased.
    let Some(fields) = fields_of(kind, data) else {
        return;
    };
    let is_change = kind != CREATED;
    for (name, value) in fields {
        match value {
            Value::Object(change) if is_change => {
                for value in change.values_mut() {
                    deed(name, value);
                }
            }
            value => deed(name, value),
        }
    }
}

const CREATED: &str = "case.created.v1";

fn fields_of<'d>(
    kind: &str,
    data: &'d mut Map<String, Value>,
) -> Option<&'d mut Map<String, Value>> {
    let key = match kind {
        CREATED | "case.migrated.v1" => "fields",
        "case.fields-changed.v1" => "changes",
        _ => return None,
    };
    data.get_mut(key)?.as_object_mut()
}

/// The case types and versions that the entries of a case tell of.
pub(super) fn versions(entries: &[(String, Entry)]) -> Vec<(String, u32)> {
    let mut versions = Vec::new();
    let mut name_of = std::collections::HashMap::new();
    for (number, entry) in entries {
        match Event::from_parts(&entry.kind, &entry.data) {
            Ok(Event::Created {
                case_type,
                case_type_version,
                ..
            }) => {
                name_of.insert(number, case_type.clone());
                versions.push((case_type, case_type_version));
            }
            Ok(Event::Migrated(moved)) => {
                if let Some(name) = name_of.get(number) {
                    versions.push((name.clone(), moved.to));
                }
            }
            _ => {}
        }
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields() -> PersonalFields {
        let case_type = |version: u32, properties: Value| {
            let text = json!({ "caseType": "t", "version": version, "statuses": [],
                "fields": { "type": "object", "properties": properties } });
            Arc::new(serde_json::from_value::<CaseType>(text).unwrap())
        };
        let properties = json!({ "phone": { "type": "string", "x-pii": true }, "amount": { "type": "integer" },
            "needs": { "enum": ["wheelchair", "none"], "x-pii": true },
            "reporter": { "type": "object", "properties": { "name": { "x-pii": true }, "floor": {} } } });
        let earlier = json!({ "amount": { "type": "integer", "x-pii": true } });
        PersonalFields::of([case_type(2, properties), case_type(1, earlier)])
    }

    #[test]
    fn what_is_marked_is_covered_where_it_stands_and_in_no_other_place() {
        let mut data = json!({ "title": "x", "changes": {
            "phone": { "from": null, "to": "12 34 56 78" }, "place": { "from": "a", "to": "b" },
            "amount": { "from": 2, "to": 3 }, "needs": { "from": null, "to": "wheelchair" },
            "reporter": { "from": null, "to": { "name": "Åse", "floor": 2 } } } });
        let data = data.as_object_mut().unwrap();
        let mut found = Vec::new();
        let fields = fields();
        each_value("case.fields-changed.v1", data, |name, value| {
            fields.find(name, value, &mut found);
        });
        let said = |text: &str| Personal::Said(text.to_owned());
        assert!(found.contains(&said("12 34 56 78")) && found.contains(&said("Åse")));
        assert!(found.contains(&said("3")), "an earlier version marks it");
        assert!(!found.contains(&said("wheelchair")), "a word of every text");
        fields.cover_entry("case.fields-changed.v1", data, "▇");
        let expected = json!({ "phone": { "from": null, "to": "▇" }, "place": { "from": "a", "to": "b" },
            "amount": { "from": "▇", "to": "▇" }, "needs": { "from": null, "to": "▇" },
            "reporter": { "from": null, "to": { "name": "▇", "floor": 2 } } });
        assert_eq!(data["changes"], expected);
        assert_eq!(data["title"], json!("x"));
    }
}
