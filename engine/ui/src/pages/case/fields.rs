//! The case type's own fields: in a form, as facts on the page, and as what a form changes.

use crate::form::schema::{Pickers, fields_of_schema, input_of_form, schema_text};
use crate::form::{Choice, Control, Field};
use crate::format;
use crate::locale::Locale;
use crate::pages::registers::edit::values::Values;
use crate::words;
use sagsgang_domain::CaseType;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// What stands before the name of such a field in a form, so that it is no other field of the form.
const PREFIX: &str = "fields.";

/// A field with its value in words.
#[derive(Debug, PartialEq, Eq)]
pub struct Fact {
    /// Label.
    pub label: String,
    /// Value.
    pub value: String,
}

/// The fields for a form, with what was entered before.
pub(crate) fn form_fields(case_type: &CaseType, entered: &Values, locale: Locale) -> Vec<Field> {
    let texts = own(entered);
    let mut fields = fields_of_schema(&case_type.fields, &texts, &Pickers::new(), locale);
    for field in &mut fields {
        let is_personal = is_personal(case_type, &field.name);
        if is_personal && field.hint.is_none() {
            field.hint = Some(locale.text("personal-data").into_owned());
        }
        if let Control::Select(choices) = &mut field.control {
            for choice in choices.iter_mut().filter(|one| one.label == one.value) {
                choice.label = words::fraction(&choice.value, locale);
            }
            let mut nothing = Choice::new("", locale.text("no-value"), "");
            nothing.selected = !choices.iter().any(|choice| choice.selected);
            choices.insert(0, nothing);
        }
        field.name = format!("{PREFIX}{}", field.name);
    }
    fields
}

/// The values that a form holds, typed as the schema says; nothing for what was left empty.
///
/// # Errors
/// The names in the form of the fields whose text does not fit their type.
pub(crate) fn entered(
    case_type: &CaseType,
    texts: &Values,
) -> Result<Map<String, Value>, Vec<String>> {
    let mut values = input_of_form(&case_type.fields, &own(texts)).map_err(|wrong| {
        let name = |name: String| format!("{PREFIX}{name}");
        wrong.into_iter().map(name).collect::<Vec<_>>()
    })?;
    // A box that nobody ticked says nothing.
    values.retain(|_, value| *value != Value::Bool(false));
    Ok(values)
}

/// What a form changes in the fields of a case: what was emptied becomes null, what a form cannot show stays.
///
/// # Errors
/// As [`entered`].
pub(crate) fn changes(
    case_type: &CaseType,
    present: &Map<String, Value>,
    texts: &Values,
) -> Result<Map<String, Value>, Vec<String>> {
    let values = entered(case_type, texts)?;
    let shown = form_fields(case_type, texts, Locale::English);
    let mut changes = Map::new();
    for field in shown {
        let name = field.name.trim_start_matches(PREFIX);
        let before = present.get(name).unwrap_or(&Value::Null);
        let after = match values.get(name) {
            Some(value) => value.clone(),
            None if *before == Value::Bool(false) => continue,
            None if before.is_boolean() => Value::Bool(false),
            None => Value::Null,
        };
        if *before != after {
            changes.insert(name.to_owned(), after);
        }
    }
    Ok(changes)
}

/// The fields of a case as the texts of a form.
pub(crate) fn texts(fields: &Map<String, Value>) -> Values {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Bool(false) | Value::Null => String::new(),
        other => other.to_string(),
    };
    let named = |(name, value): (&String, &Value)| (format!("{PREFIX}{name}"), text(value));
    fields.iter().map(named).collect()
}

/// The fields that have a value, in the order of the schema.
pub(crate) fn facts(
    case_type: Option<&CaseType>,
    fields: &Map<String, Value>,
    locale: Locale,
) -> Vec<Fact> {
    let properties = case_type.and_then(|one| one.fields.get("properties")?.as_object());
    let known = properties.into_iter().flat_map(Map::keys);
    let others = fields
        .keys()
        .filter(|name| !properties.is_some_and(|known| known.contains_key(*name)));
    let mut facts = Vec::new();
    for name in known.chain(others) {
        let value = fields
            .get(name)
            .map(|value| shown(case_type, name, value, locale));
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.push(Fact {
                label: label(case_type, name, locale),
                value,
            });
        }
    }
    facts
}

/// What a field is called.
pub(crate) fn label(case_type: Option<&CaseType>, name: &str, locale: Locale) -> String {
    let property = case_type.and_then(|one| property(one, name));
    let title = property.and_then(|property| schema_text(property, "title", locale));
    title.unwrap_or_else(|| name.to_owned())
}

/// A value in words; nothing where there is none.
pub(crate) fn shown(
    case_type: Option<&CaseType>,
    name: &str,
    value: &Value,
    locale: Locale,
) -> String {
    let property = case_type.and_then(|one| property(one, name));
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => locale.text("yes").into_owned(),
        Value::Bool(false) => locale.text("no").into_owned(),
        Value::String(text) => {
            let format = property.and_then(|one| one.get("format")?.as_str());
            let labels = property.and_then(|one| one.get("x-labels")?.get(text));
            let named = labels.and_then(|one| one.get(locale.tag()).unwrap_or(one).as_str());
            let is_choice = property.is_some_and(|one| one.get("enum").is_some());
            match (named, format) {
                (Some(named), _) => named.to_owned(),
                (None, Some("date")) => format::register_day(text, locale),
                (None, _) if is_choice => words::fraction(text, locale),
                (None, _) => text.clone(),
            }
        }
        Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| shown(case_type, name, item, locale));
            items.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

fn property<'t>(case_type: &'t CaseType, name: &str) -> Option<&'t Value> {
    case_type.fields.get("properties")?.get(name)
}

fn is_personal(case_type: &CaseType, name: &str) -> bool {
    let mark = property(case_type, name).and_then(|one| one.get("x-pii"));
    mark.and_then(Value::as_bool).unwrap_or(false)
}

fn own(entered: &Values) -> HashMap<String, String> {
    let stripped = |(name, value): (&String, &String)| {
        let name = name.strip_prefix(PREFIX)?;
        Some((name.to_owned(), value.clone()))
    };
    entered.iter().filter_map(stripped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use serde_json::json;

    fn case_type() -> CaseType {
        CaseType {
            fields: json!({ "type": "object", "properties": {
                "fraction": { "enum": ["food", "paper"], "title": "Affaldsfraktion" },
                "repeats": { "type": "integer", "title": "Gentagelser" },
                "assisted": { "type": "boolean", "title": "Hjælp" },
                "phone": { "type": "string", "x-pii": true },
                "on": { "type": "string", "format": "date" },
                "places": { "type": "array", "items": { "type": "string" } }
            } }),
            ..sample::case_type()
        }
    }

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn a_form_without_changes_changes_nothing() {
        let present =
            map(json!({ "fraction": "food", "repeats": 2, "assisted": false, "places": ["a"] }));
        let unchanged = changes(&case_type(), &present, &texts(&present)).unwrap();
        assert_eq!(unchanged, Map::new());
    }

    #[test]
    fn what_is_emptied_goes_and_what_is_no_number_is_told() {
        let present = map(json!({ "fraction": "food", "repeats": 2, "assisted": true }));
        let mut form = texts(&present);
        form.insert("fields.fraction".to_owned(), String::new());
        form.remove("fields.assisted");
        form.insert("fields.phone".to_owned(), "12345678".to_owned());
        let changed = changes(&case_type(), &present, &form).unwrap();
        let expected = map(json!({ "fraction": null, "assisted": false, "phone": "12345678" }));
        assert_eq!(changed, expected);
        form.insert("fields.repeats".to_owned(), "to".to_owned());
        assert_eq!(
            changes(&case_type(), &present, &form),
            Err(vec!["fields.repeats".to_owned()])
        );
    }

    #[test]
    fn a_choice_can_be_left_open_and_facts_are_in_words() {
        let fields = form_fields(&case_type(), &Values::new(), Locale::Danish);
        let fraction = fields.iter().find(|field| field.name == "fields.fraction");
        let Some(Control::Select(choices)) = fraction.map(|field| &field.control) else {
            panic!("{fields:?}")
        };
        assert_eq!(choices[0].value, "");
        assert!(choices[0].selected && choices[1].label == "Madaffald");
        assert!(
            fields
                .iter()
                .any(|field| field.name == "fields.phone" && field.hint.is_some())
        );
        let values = map(
            json!({ "assisted": true, "on": "2026-11-25", "fraction": "paper", "old": [1, 2] }),
        );
        let facts = facts(Some(&case_type()), &values, Locale::Danish);
        let shown: Vec<_> = facts
            .iter()
            .map(|one| format!("{}={}", one.label, one.value))
            .collect();
        assert_eq!(
            shown,
            [
                "Affaldsfraktion=Papir",
                "Hjælp=Ja",
                "on=25. november 2026",
                "old=1, 2"
            ]
        );
    }
}
