//! The case type's own fields: in a form, as facts on the page, and as what a form changes.

mod worded;

pub use worded::Fact;
pub(crate) use worded::{facts, field_at, label, label_at, rule_at, shown, shown_at, shown_text};

use crate::form::schema::leaf::{Leaf, Unreadable, leaves, put};
use crate::form::{Choice, Control, Field};
use crate::locale::Locale;
use crate::pages::registers::edit::values::Values;
use crate::words;
use sagsgang_domain::CaseType;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// What stands before the name of such a field in a form, so that it is no other field of the form.
pub(crate) const PREFIX: &str = "fields.";

/// The fields for a form, with what was entered before.
pub(crate) fn form_fields(case_type: &CaseType, entered: &Values, locale: Locale) -> Vec<Field> {
    drawn(&leaves(&case_type.fields), entered, locale)
}

/// The fields for one value of a case; several for one that has several parts, and none for one that no form can show.
pub(crate) fn form_fields_of(
    case_type: &CaseType,
    name: &str,
    entered: &Values,
    locale: Locale,
) -> Vec<Field> {
    let mut leaves = leaves(&case_type.fields);
    leaves.retain(|leaf| leaf.root() == name);
    drawn(&leaves, entered, locale)
}

fn drawn(leaves: &[Leaf], entered: &Values, locale: Locale) -> Vec<Field> {
    let texts = own(entered);
    let field = |leaf: &Leaf| dressed(leaf, texts.get(&leaf.name()), locale);
    leaves.iter().filter_map(field).collect()
}

/// Gives every field of a case type that a form has not sent an empty text: a box that is not ticked is not sent.
pub(crate) fn fill_unsent(case_type: &CaseType, sent: &mut Values) {
    for leaf in leaves(&case_type.fields) {
        sent.entry(format!("{PREFIX}{}", leaf.name())).or_default();
    }
}

/// The field for a value that is one text, number, day or choice; nothing for any other.
pub(crate) fn form_field(
    case_type: &CaseType,
    name: &str,
    entered: Option<&String>,
    locale: Locale,
) -> Option<Field> {
    let mut leaves = leaves(&case_type.fields).into_iter();
    let leaf = leaves.find(|leaf| leaf.path() == [name] && leaf.items().is_none())?;
    dressed(&leaf, entered, locale)
}

fn dressed(leaf: &Leaf, entered: Option<&String>, locale: Locale) -> Option<Field> {
    let mut field = leaf.field(entered, locale)?;
    if leaf.is_marked("x-pii") && field.hint.is_none() {
        field.hint = Some(locale.text("personal-data").into_owned());
    }
    let text = entered.map_or("", |text| text.trim());
    if let Control::Select(choices) | Control::Several(choices) = &mut field.control {
        for choice in choices.iter_mut().filter(|one| one.label == one.value) {
            choice.label = words::fraction(&choice.value, locale);
        }
    }
    match &mut field.control {
        Control::Select(choices) => {
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
    field.name = format!("{PREFIX}{}", field.name);
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

/// The values that a form holds, typed as the schema says; nothing for what was left empty, nor for a box that nobody
/// ticked.
///
/// # Errors
/// The names in the form of the fields whose text does not fit their type.
pub(crate) fn entered(
    case_type: &CaseType,
    texts: &Values,
) -> Result<Map<String, Value>, Vec<String>> {
    let (texts, mut values, mut wrong) = (own(texts), Map::new(), Vec::new());
    for leaf in leaves(&case_type.fields) {
        match leaf.value_of(text(&texts, &leaf.name())) {
            Ok(None) => {}
            Ok(value) => put(&mut values, &leaf.path(), value),
            Err(Unreadable) => wrong.push(format!("{PREFIX}{}", leaf.name())),
        }
    }
    if wrong.is_empty() {
        Ok(values)
    } else {
        Err(wrong)
    }
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
    let (stored, given) = (own(&texts(case_type, present)), own(form));
    let (mut changes, mut wrong) = (Map::new(), Vec::new());
    for leaf in leaves(&case_type.fields) {
        let name = leaf.name();
        let written = text(&given, &name);
        if text(&stored, &name) == written || has_same_choices(&leaf, text(&stored, &name), written)
        {
            continue;
        }
        let before = leaf.find(present).unwrap_or(&Value::Null);
        let after = match leaf.value_of(written) {
            Ok(None) if before.is_boolean() => Some(Value::Bool(false)),
            Ok(after) => after,
            Err(Unreadable) => {
                wrong.push(format!("{PREFIX}{name}"));
                continue;
            }
        };
        if is_same(before, after.as_ref().unwrap_or(&Value::Null)) {
            continue;
        }
        // The other parts of the value stay as they are.
        let root = leaf.root();
        let whole = changes.get(root).or(present.get(root)).cloned();
        let whole = whole.map(|whole| (root.to_owned(), whole));
        let mut whole: Map<_, _> = whole.into_iter().collect();
        put(&mut whole, &leaf.path(), after);
        let whole = whole.remove(root).unwrap_or(Value::Null);
        changes.insert(root.to_owned(), whole);
    }
    if wrong.is_empty() {
        Ok(changes)
    } else {
        Err(wrong)
    }
}

/// Whether the same choices are ticked in a list of them: a form has no order for those.
fn has_same_choices(leaf: &Leaf, stored: &str, written: &str) -> bool {
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let has_choices = leaf
        .items()
        .is_some_and(|items| items.get("enum").is_some());
    has_choices && sorted(stored) == sorted(written)
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
pub(crate) fn texts(case_type: &CaseType, fields: &Map<String, Value>) -> Values {
    let text = |leaf: Leaf| {
        let value = leaf.find(fields)?;
        Some((format!("{PREFIX}{}", leaf.name()), leaf.text_of(value)))
    };
    let leaves = leaves(&case_type.fields).into_iter();
    leaves.filter_map(text).collect()
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
                "weight": { "type": "number" },
                "place": { "type": "object", "title": "Sted", "properties": {
                    "road": { "type": "string", "title": "Vej" }, "floor": { "type": "integer" } } },
                "places": { "type": "array", "items": { "type": "string" } },
                "kinds": { "type": "array", "items": { "enum": ["food", "paper"] } }
            } }),
            ..sample::case_type()
        }
    }

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn the_same_choices_in_another_order_are_no_change_and_words_in_another_order_are() {
        let present = map(json!({ "kinds": ["paper", "food"], "places": ["b", "a"] }));
        let mut form = texts(&case_type(), &present);
        form.insert("fields.kinds".to_owned(), "food\npaper".to_owned());
        assert!(changes(&case_type(), &present, &form).unwrap().is_empty());
        form.insert("fields.kinds".to_owned(), "food".to_owned());
        form.insert("fields.places".to_owned(), "a\nb".to_owned());
        let changed = changes(&case_type(), &present, &form).unwrap();
        assert_eq!(
            changed,
            map(json!({ "kinds": ["food"], "places": ["a", "b"] }))
        );
    }

    #[test]
    fn a_form_without_changes_changes_nothing() {
        let present =
            map(json!({ "fraction": "food", "repeats": 2, "assisted": false, "places": ["a"] }));
        let unchanged = changes(&case_type(), &present, &texts(&case_type(), &present)).unwrap();
        assert_eq!(unchanged, Map::new());
    }

    #[test]
    fn what_stands_as_it_was_shown_stays_as_it_is_stored() {
        let case_type = case_type();
        let present = map(json!({ "weight": 2, "phone": " 12\r\n34 ", "repeats": "to",
            "fraction": "glass", "on": "i går", "assisted": "måske" }));
        let mut form = texts(&case_type, &present);
        form.insert("fields.phone".to_owned(), " 12\r\n34".to_owned());
        let unchanged = changes(&case_type, &present, &form);
        assert_eq!(unchanged, Ok(Map::new()));
        form.insert("fields.weight".to_owned(), "2,0".to_owned());
        assert_eq!(changes(&case_type, &present, &form), Ok(Map::new()));
        form.insert("fields.weight".to_owned(), "2,5".to_owned());
        let heavier = changes(&case_type, &present, &form);
        assert_eq!(heavier, Ok(map(json!({ "weight": 2.5 }))));
        // The form sends back what the case holds: a browser drops what a field of its kind cannot hold.
        for field in form_fields(&case_type, &texts(&case_type, &present), Locale::Danish) {
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
                ("fields.weight" | "fields.places" | "fields.kinds", _) => {}
                (name, _) => assert!(name.starts_with("fields.place."), "{name}"),
            }
        }
    }

    #[test]
    fn a_part_of_a_value_is_changed_and_the_other_parts_stay() {
        let present =
            map(json!({ "place": { "road": "Åvej", "floor": 2, "door": "tv" }, "places": ["a"] }));
        let mut form = texts(&case_type(), &present);
        assert_eq!(form["fields.place.floor"], "2");
        form.insert("fields.place.floor".to_owned(), "3".to_owned());
        form.insert("fields.place.road".to_owned(), String::new());
        form.insert("fields.places".to_owned(), "a\r\nb\r\n".to_owned());
        let changed = changes(&case_type(), &present, &form).unwrap();
        let expected = json!({ "place": { "floor": 3, "door": "tv" }, "places": ["a", "b"] });
        assert_eq!(Value::Object(changed), expected);
        form.insert("fields.place.floor".to_owned(), "øverst".to_owned());
        let wrong = changes(&case_type(), &present, &form);
        assert_eq!(wrong, Err(vec!["fields.place.floor".to_owned()]));
        let gone = Values::from([("fields.place.floor".to_owned(), "3".to_owned())]);
        let whole = map(json!({ "place": { "road": "Åvej", "floor": 3 } }));
        let changed = changes(&case_type(), &whole, &gone).unwrap();
        assert_eq!(Value::Object(changed), json!({ "place": { "floor": 3 } }));
        let nothing = changes(&case_type(), &whole, &Values::new()).unwrap();
        assert_eq!(Value::Object(nothing), json!({ "place": null }));
        let words = shown(
            Some(&case_type()),
            "place",
            &present["place"],
            Locale::Danish,
        );
        assert_eq!(words, "Vej: Åvej; floor: 2; door: tv");
    }

    #[test]
    fn what_is_emptied_goes_and_what_is_no_number_is_told() {
        let present = map(json!({ "fraction": "food", "repeats": 2, "assisted": true }));
        let mut form = texts(&case_type(), &present);
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
