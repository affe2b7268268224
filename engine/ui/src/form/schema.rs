//! Fields drawn from the JSON Schema of a plugin's input, and the input object made of what was entered.

pub mod leaf;

use super::{Choice, Control, Field};
use crate::locale::Locale;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Lists that a field of a schema can be chosen from (`x-choose: <kind>`), by kind.
pub type Pickers = HashMap<&'static str, Vec<Choice>>;

/// Kinds of things that a schema asks to be chosen from a list.
pub fn picker_kinds(schema: &Value) -> impl Iterator<Item = &str> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .filter_map(|(_, property)| property.get("x-choose")?.as_str())
}

/// Fields for the properties of a JSON Schema object, with what was entered before.
///
/// Understood are strings (also `enum`, `format: date`, `format: email`, long ones and `x-choose`), whole and decimal
/// numbers and booleans. A property of another shape gives no field: it must then be optional or the call is refused
/// with a reason.
pub fn fields_of_schema(
    schema: &Value,
    entered: &HashMap<String, String>,
    pickers: &Pickers,
    locale: Locale,
) -> Vec<Field> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Vec::new();
    };
    properties
        .keys()
        .filter_map(|name| field_of_schema(schema, name, entered.get(name), pickers, locale))
        .collect()
}

/// The field for one property, as [`fields_of_schema`] gives it.
pub fn field_of_schema(
    schema: &Value,
    name: &str,
    entered: Option<&String>,
    pickers: &Pickers,
    locale: Locale,
) -> Option<Field> {
    let property = &resolved(schema, schema.get("properties")?.get(name)?);
    let control = control(property, entered, pickers, locale)?;
    let title = schema_text(property, "title", locale);
    let mut field = Field::new(name, title.unwrap_or_else(|| name.to_owned()), control);
    field.hint = schema_text(property, "description", locale);
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = required.is_some_and(|names| names.iter().any(|one| one == name));
    field.required = is_required && !matches!(field.control, Control::Check(_));
    Some(field)
}

/// The input object for an action from what was entered, typed as the schema says. Empty fields are left out.
///
/// # Errors
/// The names of the fields whose text does not fit their type.
pub fn input_of_form(
    schema: &Value,
    entered: &HashMap<String, String>,
) -> Result<Map<String, Value>, Vec<String>> {
    let mut input = Map::new();
    let mut wrong = Vec::new();
    let none = Map::new();
    let properties = schema
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    for (name, property) in properties {
        let property = &resolved(schema, property);
        let text = entered.get(name).map_or("", String::as_str).trim();
        let value = match kind(property) {
            "boolean" => Some(Value::Bool(text == "true")),
            _ if text.is_empty() => continue,
            _ => scalar(property, text),
        };
        match value {
            Some(value) => drop(input.insert(name.clone(), value)),
            None => wrong.push(name.clone()),
        }
    }
    if wrong.is_empty() {
        Ok(input)
    } else {
        Err(wrong)
    }
}

/// A title or description in a language: `x-title: {da: …}` where the author gave several. The plain one is English by
/// custom: it serves as a title in every language, since a field needs one, but explains only to those who read English.
pub fn schema_text(property: &Value, key: &str, locale: Locale) -> Option<String> {
    let several = property
        .get(format!("x-{key}"))
        .and_then(|texts| texts.get(locale.tag()));
    let plain = property
        .get(key)
        .filter(|_| key == "title" || locale == Locale::English);
    several.or(plain).and_then(Value::as_str).map(str::to_owned)
}

/// A text as one value, typed as the schema says; `None` for what is none. A text that is none of the choices stays a
/// text: who judges the value says what the choices are.
fn scalar(property: &Value, text: &str) -> Option<Value> {
    if let Some(values) = values(property) {
        let chosen = values.into_iter().find(|value| plain(value) == text);
        return Some(chosen.cloned().unwrap_or_else(|| Value::from(text)));
    }
    match kind(property) {
        "integer" => text.parse::<i64>().ok().map(Value::from),
        "number" => {
            let number = text.replace(',', ".").parse::<f64>().ok();
            number
                .and_then(serde_json::Number::from_f64)
                .map(Value::Number)
        }
        _ => Some(Value::from(text)),
    }
}

/// A value as the text that a form sends for it.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// A property with what it refers to: `$ref` into the schema's own definitions, and `anyOf` of something and null, which
/// is how schema generators write optional and shared types.
pub(crate) fn resolved(schema: &Value, property: &Value) -> Value {
    let alternatives = ["anyOf", "allOf"]
        .iter()
        .find_map(|key| property.get(key))
        .and_then(Value::as_array);
    let one = alternatives.and_then(|all| {
        all.iter()
            .find(|one| one.get("type") != Some(&Value::from("null")))
    });
    let inner = one.unwrap_or(property);
    let pointer = inner
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| reference.strip_prefix('#'));
    let target = pointer.and_then(|pointer| schema.pointer(pointer)).or(one);
    let (Some(Value::Object(target)), Value::Object(own)) = (target, property) else {
        return property.clone();
    };
    // What stands beside the reference says more about this field than the shared type does.
    let mut merged = target.clone();
    merged.extend(own.clone());
    Value::Object(merged)
}

/// The type of a property, without the null that makes it optional.
fn kind(property: &Value) -> &str {
    match property.get("type") {
        Some(Value::Array(types)) => types
            .iter()
            .filter_map(Value::as_str)
            .find(|one| *one != "null")
            .unwrap_or("string"),
        Some(Value::String(one)) => one,
        _ => "string",
    }
}

/// The values of an `enum`, of a `const`, or of a `oneOf` of constants. Null is no choice: nothing chosen says it.
fn values(property: &Value) -> Option<Vec<&Value>> {
    let listed = property.get("enum").and_then(Value::as_array);
    let constants = property.get("oneOf").and_then(Value::as_array);
    let mut values: Vec<&Value> = match (listed, property.get("const"), constants) {
        (Some(listed), ..) => listed.iter().collect(),
        (None, Some(one), _) => vec![one],
        (None, None, Some(all)) => all.iter().filter_map(|one| one.get("const")).collect(),
        (None, None, None) => return None,
    };
    values.retain(|value| !value.is_null());
    Some(values)
}

/// The choices of a property that has some, in words.
fn choices(property: &Value, present: &str, locale: Locale) -> Option<Vec<Choice>> {
    let label = |name: &str| {
        let labels = property.get("x-labels").and_then(|labels| labels.get(name));
        labels
            .and_then(|label| label.get(locale.tag()).or(Some(label)))
            .and_then(Value::as_str)
            .unwrap_or(name)
            .to_owned()
    };
    let choice = |value: &Value| {
        let name = plain(value);
        let label = label(&name);
        Choice::new(name, label, present)
    };
    Some(values(property)?.into_iter().map(choice).collect())
}

fn control(
    property: &Value,
    entered: Option<&String>,
    pickers: &Pickers,
    locale: Locale,
) -> Option<Control> {
    let default = property.get("default").filter(|value| !value.is_null());
    let value = entered.cloned().or(default.map(plain)).unwrap_or_default();
    if let Some(choices) = choices(property, &value, locale) {
        return Some(Control::Select(choices));
    }
    let picker = property
        .get("x-choose")
        .and_then(Value::as_str)
        .and_then(|kind| pickers.get(kind));
    if let Some(choices) = picker {
        let chosen = |choice: &Choice| Choice {
            selected: choice.value == value,
            ..choice.clone()
        };
        return Some(Control::Choices(choices.iter().map(chosen).collect()));
    }
    let format = property.get("format").and_then(Value::as_str);
    Some(match (kind(property), format) {
        ("boolean", _) => Control::Check(value == "true"),
        ("integer", _) => Control::Text {
            value,
            kind: "number",
        },
        ("number", _) => Control::Text {
            value,
            kind: "decimal",
        },
        ("string", Some("date")) => Control::Text {
            value,
            kind: "date",
        },
        ("string", Some("email")) => Control::Text {
            value,
            kind: "email",
        },
        ("string", _)
            if property
                .get("maxLength")
                .and_then(Value::as_u64)
                .is_some_and(|most| most > 200) =>
        {
            Control::Area(value)
        }
        ("string", _) => Control::Text {
            value,
            kind: "text",
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Value {
        json!({"type": "object", "required": ["copies", "size"], "properties": {
            "copies": {"type": "integer", "title": "Copies", "x-title": {"da": "Antal"}, "default": 1},
            "size": {"enum": ["100x60", "62"], "title": "Size", "x-labels": {"62": {"da": "62 mm endeløs"}}},
            "notes": {"type": "boolean", "title": "With notes"},
            "deep": {"type": "object"}
        }})
    }

    fn entered(values: &[(&str, &str)]) -> HashMap<String, String> {
        values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_schema_becomes_labelled_fields_with_their_defaults() {
        let mut fields =
            fields_of_schema(&schema(), &HashMap::new(), &Pickers::new(), Locale::Danish);
        fields.sort_by(|one, other| one.name.cmp(&other.name));
        assert_eq!(
            fields
                .iter()
                .map(|field| field.name.as_str())
                .collect::<Vec<_>>(),
            ["copies", "notes", "size"]
        );
        assert_eq!(fields[0].label, "Antal");
        assert!(fields[0].required && !fields[1].required);
        assert_eq!(
            fields[0].control,
            Control::Text {
                value: "1".to_owned(),
                kind: "number"
            }
        );
        let Control::Select(sizes) = &fields[2].control else {
            panic!("a list")
        };
        assert_eq!(sizes[1].label, "62 mm endeløs");
    }

    #[test]
    fn shared_and_optional_types_are_followed() {
        let schema = json!({"properties": {
            "paper": {"anyOf": [{"$ref": "#/$defs/Paper"}, {"type": "null"}], "title": "Paper"},
            "note": {"type": ["string", "null"]}
        }, "$defs": {"Paper": {"title": "Paper type", "oneOf": [{"const": "a4"}, {"const": "a5"}]}}});
        let mut fields =
            fields_of_schema(&schema, &HashMap::new(), &Pickers::new(), Locale::Danish);
        fields.sort_by(|one, other| one.name.cmp(&other.name));
        assert_eq!(
            fields[0].control,
            Control::Text {
                value: String::new(),
                kind: "text"
            }
        );
        assert_eq!(fields[1].label, "Paper");
        let Control::Select(sizes) = &fields[1].control else {
            panic!("a list")
        };
        assert_eq!(sizes.len(), 2);
    }

    #[test]
    fn an_explanation_is_shown_only_in_its_own_language() {
        let property =
            json!({"title": "Paper", "description": "Which paper", "x-title": {"da": "Papir"}});
        assert_eq!(
            schema_text(&property, "title", Locale::Danish).unwrap(),
            "Papir"
        );
        assert_eq!(schema_text(&property, "description", Locale::Danish), None);
        assert_eq!(
            schema_text(&property, "description", Locale::English).unwrap(),
            "Which paper"
        );
    }

    #[test]
    fn no_default_is_no_text() {
        let schema = json!({"properties": {"id": {"type": ["string", "null"], "default": null}}});
        let fields = fields_of_schema(&schema, &HashMap::new(), &Pickers::new(), Locale::Danish);
        let empty = Control::Text {
            value: String::new(),
            kind: "text",
        };
        assert_eq!(fields[0].control, empty);
    }

    #[test]
    fn a_thing_that_must_exist_is_chosen_from_a_list() {
        let schema = json!({"properties": {"message": {"type": "string", "x-choose": "message"}}});
        assert_eq!(picker_kinds(&schema).collect::<Vec<_>>(), ["message"]);
        let pickers = Pickers::from([(
            "message",
            vec![Choice::new("1", "Hej", ""), Choice::new("2", "Svar", "")],
        )]);
        let fields = fields_of_schema(
            &schema,
            &entered(&[("message", "2")]),
            &pickers,
            Locale::English,
        );
        let Control::Choices(choices) = &fields[0].control else {
            panic!("a list")
        };
        assert_eq!(
            choices
                .iter()
                .map(|choice| choice.selected)
                .collect::<Vec<_>>(),
            [false, true]
        );
    }

    #[test]
    fn what_was_entered_is_typed_as_the_schema_says() {
        let input = input_of_form(
            &schema(),
            &entered(&[("copies", "3"), ("size", "62"), ("notes", "true")]),
        );
        assert_eq!(
            Value::Object(input.unwrap()),
            json!({"copies": 3, "size": "62", "notes": true})
        );
        let wrong = input_of_form(&schema(), &entered(&[("copies", "many")]));
        assert_eq!(wrong, Err(vec!["copies".to_owned()]));
    }

    #[test]
    fn a_choice_that_is_no_text_stays_what_it_is() {
        let schema = json!({"properties": { "size": {"enum": [140, 240, null]}, "weight": {"type": "number"} }});
        let fields = fields_of_schema(&schema, &HashMap::new(), &Pickers::new(), Locale::Danish);
        let Control::Select(sizes) = &fields[0].control else {
            panic!("a list")
        };
        let labels: Vec<_> = sizes.iter().map(|one| one.label.as_str()).collect();
        assert_eq!(labels, ["140", "240"]);
        let input = input_of_form(&schema, &entered(&[("size", "240"), ("weight", "2,5")]));
        let input = Value::Object(input.unwrap());
        assert_eq!(input, json!({"size": 240, "weight": 2.5}));
        let wrong = input_of_form(&schema, &entered(&[("weight", "NaN")]));
        assert_eq!(wrong, Err(vec!["weight".to_owned()]), "no number is none");
    }
}
