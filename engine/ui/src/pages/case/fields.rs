//! The case type's own fields: in a form, as facts on the page, and as what a form changes.

use crate::form::schema::{Pickers, field_of_schema, input_of_form, schema_text};
use crate::form::{Choice, Control, Field};
use crate::format;
use crate::locale::Locale;
use crate::pages::registers::edit::values::Values;
use crate::words;
use sagsgang_domain::CaseType;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// What stands before the name of such a field in a form, so that it is no other field of the form.
pub(crate) const PREFIX: &str = "fields.";

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
    names(case_type)
        .filter_map(|name| form_field(case_type, name, texts.get(name), locale))
        .collect()
}

/// One field for a form; nothing where there is no such field, or none that a form can show.
pub(crate) fn form_field(
    case_type: &CaseType,
    name: &str,
    entered: Option<&String>,
    locale: Locale,
) -> Option<Field> {
    let mut field = field_of_schema(&case_type.fields, name, entered, &Pickers::new(), locale)?;
    if is_marked(case_type, name, "x-pii") && field.hint.is_none() {
        field.hint = Some(locale.text("personal-data").into_owned());
    }
    let text = entered.map_or("", |text| text.trim());
    match &mut field.control {
        Control::Select(choices) => {
            for choice in choices.iter_mut().filter(|one| one.label == one.value) {
                choice.label = words::fraction(&choice.value, locale);
            }
            // A value that is none of the choices any more would go with the next saving.
            if !text.is_empty() && !choices.iter().any(|choice| choice.value == text) {
                choices.push(Choice::new(text, text, text));
            }
            let mut nothing = Choice::new("", locale.text("no-value"), "");
            nothing.selected = !choices.iter().any(|choice| choice.selected);
            choices.insert(0, nothing);
        }
        Control::Text { kind, .. } if !is_writable(kind, text) => *kind = "text",
        control @ Control::Check(_) if !matches!(text, "" | "true" | "false") => {
            *control = Control::Text {
                value: text.to_owned(),
                kind: "text",
            };
        }
        _ => {}
    }
    if let Control::Text { value, .. } = &field.control
        && text.contains('\n')
    {
        field.control = Control::Area(value.clone());
    }
    field.name = format!("{PREFIX}{name}");
    Some(field)
}

/// Whether a browser shows a text in a field of a kind: what it cannot show there it sends back as nothing.
fn is_writable(kind: &str, text: &str) -> bool {
    match kind {
        "number" => text.is_empty() || text.parse::<f64>().is_ok_and(f64::is_finite),
        "date" => text.is_empty() || text.parse::<jiff::civil::Date>().is_ok(),
        _ => true,
    }
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

/// What a form changes in the fields of a case: what was emptied becomes null, what a form cannot show stays. What stands
/// there as the form showed it stays too, whatever its type is now.
///
/// # Errors
/// As [`entered`].
pub(crate) fn changes(
    case_type: &CaseType,
    present: &Map<String, Value>,
    form: &Values,
) -> Result<Map<String, Value>, Vec<String>> {
    let (stored, given) = (texts(present), own(form));
    let stored = own(&stored);
    let written: Values = names(case_type)
        .filter(|name| form_field(case_type, name, None, Locale::English).is_some())
        .filter(|name| text(&stored, name) != text(&given, name))
        .map(|name| (format!("{PREFIX}{name}"), text(&given, name).to_owned()))
        .collect();
    let values = entered(case_type, &written)?;
    let mut changes = Map::new();
    for name in written.keys() {
        let name = name.trim_start_matches(PREFIX);
        let before = present.get(name).unwrap_or(&Value::Null);
        let after = match values.get(name) {
            Some(value) => value.clone(),
            None if before.is_boolean() => Value::Bool(false),
            None => Value::Null,
        };
        if !is_same(before, &after) {
            changes.insert(name.to_owned(), after);
        }
    }
    Ok(changes)
}

/// Whether two values are one, numbers by how much they are.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64()
        }
        _ => one == other,
    }
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

/// The names of the fields, in the order of the schema.
pub(crate) fn names(case_type: &CaseType) -> impl Iterator<Item = &str> {
    let properties = case_type
        .fields
        .get("properties")
        .and_then(Value::as_object);
    properties
        .into_iter()
        .flat_map(Map::keys)
        .map(String::as_str)
}

/// What the schema says of a field.
pub(crate) fn property<'t>(case_type: &'t CaseType, name: &str) -> Option<&'t Value> {
    case_type.fields.get("properties")?.get(name)
}

/// Whether the schema gives a field a mark, as `x-pii: true`.
pub(crate) fn is_marked(case_type: &CaseType, name: &str, mark: &str) -> bool {
    let mark = property(case_type, name).and_then(|one| one.get(mark));
    mark.and_then(Value::as_bool).unwrap_or(false)
}

/// The texts of a form by the fields' own names, with the line ends of the case.
fn own(entered: &Values) -> HashMap<String, String> {
    let stripped = |(name, value): (&String, &String)| {
        let name = name.strip_prefix(PREFIX)?;
        Some((name.to_owned(), value.replace("\r\n", "\n")))
    };
    entered.iter().filter_map(stripped).collect()
}

fn text<'t>(texts: &'t HashMap<String, String>, name: &str) -> &'t str {
    texts.get(name).map_or("", |text| text.trim())
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
    fn what_stands_as_it_was_shown_stays_as_it_is_stored() {
        let mut case_type = case_type();
        let weight = json!({ "type": "number" });
        case_type.fields["properties"]["weight"] = weight;
        let present = map(json!({ "weight": 2, "phone": " 12\r\n34 ", "repeats": "to",
            "fraction": "glass", "on": "i går", "assisted": "måske" }));
        let mut form = texts(&present);
        form.insert("fields.phone".to_owned(), " 12\r\n34".to_owned());
        let unchanged = changes(&case_type, &present, &form);
        assert_eq!(unchanged, Ok(Map::new()));
        form.insert("fields.weight".to_owned(), "2,0".to_owned());
        assert_eq!(changes(&case_type, &present, &form), Ok(Map::new()));
        form.insert("fields.weight".to_owned(), "2,5".to_owned());
        let heavier = changes(&case_type, &present, &form);
        assert_eq!(heavier, Ok(map(json!({ "weight": 2.5 }))));
        // The form sends back what the case holds: a browser drops what a field of its kind cannot hold.
        for field in form_fields(&case_type, &texts(&present), Locale::Danish) {
            match (field.name.as_str(), &field.control) {
                ("fields.repeats" | "fields.on" | "fields.assisted", control) => {
                    let is_text = matches!(control, Control::Text { kind: "text", .. });
                    assert!(is_text, "{control:?}");
                }
                ("fields.fraction", Control::Select(choices)) => {
                    let chosen = choices.iter().find(|choice| choice.selected);
                    assert_eq!(chosen.map(|one| one.value.as_str()), Some("glass"));
                }
                ("fields.phone", control) => assert!(matches!(control, Control::Area(_))),
                (name, _) => assert_eq!(name, "fields.weight"),
            }
        }
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
