//! The case type's own fields in words: what they are called, and what their values are.

use super::PREFIX;
use crate::form::schema::leaf::leaves;
use crate::form::schema::{resolved, schema_text};
use crate::format;
use crate::locale::Locale;
use crate::words;
use sagsgang_domain::{CaseType, Timestamp};
use serde_json::{Map, Value};

/// A field with its value in words.
#[derive(Debug, PartialEq, Eq)]
pub struct Fact {
    /// Label.
    pub label: String,
    /// Value.
    pub value: String,
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
    label_at(case_type, &[name], locale)
}

/// What a part of a value is called: the titles that lead to it. The items of a list are called what the list is.
pub(crate) fn label_at<S: AsRef<str>>(
    case_type: Option<&CaseType>,
    path: &[S],
    locale: Locale,
) -> String {
    let none = Value::Null;
    let root = case_type.map_or(&none, |one| &one.fields);
    let (mut object, mut titles) = (root.clone(), Vec::new());
    for (depth, name) in path.iter().map(AsRef::as_ref).enumerate() {
        let property = property(root, &object, name);
        if property.is_none() && depth > 0 {
            break;
        }
        let title = property
            .as_ref()
            .and_then(|one| schema_text(one, "title", locale));
        titles.push(title.unwrap_or_else(|| name.to_owned()));
        object = property.unwrap_or_default();
    }
    titles.join(": ")
}

/// A value in words; nothing where there is none.
pub(crate) fn shown(
    case_type: Option<&CaseType>,
    name: &str,
    value: &Value,
    locale: Locale,
) -> String {
    shown_at(case_type, &[name], value, locale)
}

/// A value that stands at a place in words.
pub(crate) fn shown_at<S: AsRef<str>>(
    case_type: Option<&CaseType>,
    path: &[S],
    value: &Value,
    locale: Locale,
) -> String {
    let none = Value::Null;
    let root = case_type.map_or(&none, |one| &one.fields);
    worded(root, rule_at(case_type, path).as_ref(), value, locale)
}

/// What the schema says of a place: a value, a part of one, or the items of a list.
pub(crate) fn rule_at<S: AsRef<str>>(case_type: Option<&CaseType>, path: &[S]) -> Option<Value> {
    let root = &case_type?.fields;
    let step = |object: Value, name: &S| {
        let part = property(root, &object, name.as_ref());
        part.or_else(|| Some(resolved(root, object.get("items")?)))
    };
    path.iter().try_fold(root.clone(), step)
}

/// The text of a field of a form in words. `name` is that of the field, without what stands before it in the form.
pub(crate) fn shown_text(
    case_type: Option<&CaseType>,
    name: &str,
    text: &str,
    locale: Locale,
) -> String {
    let leaves = case_type.map(|one| leaves(&one.fields)).unwrap_or_default();
    let leaf = leaves.iter().find(|leaf| leaf.name() == name);
    let value = leaf.and_then(|leaf| leaf.value_of(text).ok().flatten());
    let root = case_type.map(|one| &one.fields);
    match (root, leaf, value) {
        (Some(root), Some(leaf), Some(value)) => {
            worded(root, Some(leaf.property()), &value, locale)
        }
        _ => text.to_owned(),
    }
}

fn property(root: &Value, object: &Value, name: &str) -> Option<Value> {
    let property = object.get("properties")?.get(name)?;
    Some(resolved(root, property))
}

fn worded(root: &Value, about: Option<&Value>, value: &Value, locale: Locale) -> String {
    let named = |value: &str| {
        let label = about?.get("x-labels")?.get(value)?;
        label.get(locale.tag()).unwrap_or(label).as_str()
    };
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => locale.text("yes").into_owned(),
        Value::Bool(false) => locale.text("no").into_owned(),
        Value::String(text) => {
            let format = about.and_then(|one| one.get("format")?.as_str());
            let is_choice = about.is_some_and(|one| one.get("enum").is_some());
            match (named(text), format) {
                (Some(named), _) => named.to_owned(),
                (None, Some("date")) => format::register_day(text, locale),
                (None, Some("date-time")) => match text.parse::<Timestamp>() {
                    Ok(moment) => format::in_full(moment, locale),
                    Err(_) => text.clone(),
                },
                (None, _) if is_choice => words::fraction(text, locale),
                (None, _) => text.clone(),
            }
        }
        Value::Array(items) => {
            let items_are = about.and_then(|one| one.get("items"));
            let items_are = items_are.map(|items| resolved(root, items));
            let items = items
                .iter()
                .map(|item| worded(root, items_are.as_ref().or(about), item, locale));
            items.collect::<Vec<_>>().join(", ")
        }
        Value::Object(parts) => {
            let known = about.and_then(|one| one.get("properties")?.as_object());
            let names = known.into_iter().flat_map(Map::keys);
            let others = parts
                .keys()
                .filter(|name| !known.is_some_and(|known| known.contains_key(*name)));
            let part = |name: &String| {
                let property = about.and_then(|about| property(root, about, name));
                let value = worded(root, property.as_ref(), parts.get(name)?, locale);
                let title = property.and_then(|one| schema_text(&one, "title", locale));
                let title = title.unwrap_or_else(|| name.clone());
                (!value.is_empty()).then(|| format!("{title}: {value}"))
            };
            let parts: Vec<String> = names.chain(others).filter_map(part).collect();
            parts.join("; ")
        }
        Value::Number(number) => {
            let number = number.to_string();
            match named(&number) {
                Some(named) => named.to_owned(),
                None if locale == Locale::Danish => number.replace('.', ","),
                None => number,
            }
        }
    }
}

/// The name in a form of the field that a pointer leads to, as far as the case type knows the way.
pub(crate) fn field_at(case_type: Option<&CaseType>, path: &[String]) -> String {
    let leaves = case_type.map(|one| leaves(&one.fields)).unwrap_or_default();
    let leads = |leaf: &&crate::form::schema::leaf::Leaf| {
        let leaf = leaf.path();
        path.len() >= leaf.len() && leaf.iter().zip(path).all(|(one, other)| *one == other)
    };
    match (leaves.iter().find(leads), path.first()) {
        (Some(leaf), _) => format!("{PREFIX}{}", leaf.name()),
        (None, Some(name)) => format!("{PREFIX}{name}"),
        (None, None) => String::new(),
    }
}
