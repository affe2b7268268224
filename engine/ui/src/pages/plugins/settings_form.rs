//! The settings of a plugin as a form drawn from its schema, and back.

use super::Settings;
use crate::form::schema::{Pickers, fields_of_schema, input_of_form};
use crate::form::{Control, Field};
use crate::format::Moment;
use crate::frame::Frame;
use sagsgang_runtime::PluginDetail;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// What stands before the names of the form's fields: a trial on the same page may ask for the same names.
pub(super) const PREFIX: &str = "setting.";
/// The settings that are used where none are named.
pub(super) const DEFAULT: &str = "default";

/// The names of the settings that there are, and of those that are looked at; `default` first.
pub(super) fn names<'a>(detail: &'a PluginDetail, shown: &'a str) -> Vec<&'a str> {
    let given = detail.configurations.iter().map(|one| one.name.as_str());
    let others: BTreeSet<&str> = given
        .chain([shown])
        .filter(|name| *name != DEFAULT)
        .collect();
    std::iter::once(DEFAULT).chain(others).collect()
}

/// What a name is called.
pub(super) fn title(name: &str, ui: &Frame) -> String {
    match name {
        DEFAULT => ui.text("configuration-default").into_owned(),
        other => other.to_owned(),
    }
}

/// The form for the settings of a name; `entered` and `problems` are what somebody sent that did not fit.
pub(super) fn form(
    detail: &PluginDetail,
    name: &str,
    entered: Option<&HashMap<String, String>>,
    problems: &[String],
    ui: &Frame,
) -> Option<Settings> {
    let schema = detail.schema.as_ref()?;
    let given = detail.configurations.iter().find(|one| one.name == name);
    let now = given.map_or(&detail.default, |given| &given.value);
    let texts = entered.map_or_else(|| texts_of(now), Clone::clone);
    let mut fields = fields_of_schema(schema, &texts, &Pickers::new(), ui.locale);
    for field in &mut fields {
        if detail.secrets.contains(&field.name) {
            let is_there = given.is_some_and(|given| given.secrets.contains(&field.name));
            veil(field, is_there, ui);
        }
        let about = |problem: &&String| problem.starts_with(&format!("/{}:", field.name));
        if let Some(problem) = problems.iter().find(about) {
            let said = problem
                .split_once(": ")
                .map_or(problem.as_str(), |(_, said)| said);
            field.error = Some(said.to_owned());
        }
    }
    let undrawn = undrawn(now, &fields);
    for field in &mut fields {
        field.name = format!("{PREFIX}{}", field.name);
    }
    let tab = |one: &str| (one.to_owned(), title(one, ui), one == name);
    Some(Settings {
        name: name.to_owned(),
        names: names(detail, name).into_iter().map(tab).collect(),
        used_by: given.map(|given| given.used_by.clone()).unwrap_or_default(),
        deletable: given.is_some() && name != DEFAULT,
        fields,
        undrawn: (!undrawn.is_empty()).then(|| format!("{:#}", Value::Object(undrawn))),
        revision: given.map_or(0, |given| given.revision),
        changed: given.map(|given| {
            let at = Moment::new(given.updated_at, ui.now, ui.locale);
            (given.updated_by.clone(), at)
        }),
    })
}

/// The settings that were sent, with those that no field can show as they are.
///
/// # Errors
/// Names of the fields whose text does not fit their type.
pub(super) fn value(
    detail: &PluginDetail,
    name: &str,
    entered: &HashMap<String, String>,
) -> Result<Value, Vec<String>> {
    let none = Value::Null;
    let schema = detail.schema.as_ref().unwrap_or(&none);
    let given = detail.configurations.iter().find(|one| one.name == name);
    let now = given.map_or(&detail.default, |given| &given.value);
    let fields = fields_of_schema(
        schema,
        &HashMap::new(),
        &Pickers::new(),
        crate::locale::Locale::default(),
    );
    let drawn: HashMap<String, String> = fields
        .iter()
        .filter_map(|field| Some((field.name.clone(), entered.get(&field.name)?.clone())))
        .collect();
    let mut whole = undrawn(now, &fields);
    let sent = input_of_form(schema, &drawn)?;
    // An input of another kind than a field is none that was sent.
    let is_drawn = |name: &String| fields.iter().any(|field| field.name == *name);
    whole.extend(sent.into_iter().filter(|(name, _)| is_drawn(name)));
    Ok(Value::Object(whole))
}

/// What no field shows.
fn undrawn(now: &Value, fields: &[Field]) -> Map<String, Value> {
    let members = now.as_object().cloned().unwrap_or_default();
    let is_drawn = |name: &String| fields.iter().any(|field| field.name == *name);
    members
        .into_iter()
        .filter(|(name, _)| !is_drawn(name))
        .collect()
}

/// A secret is written and never shown.
fn veil(field: &mut Field, is_there: bool, ui: &Frame) {
    let key = if is_there {
        "secret-kept"
    } else {
        "secret-missing"
    };
    let told = ui.text(key);
    field.hint = Some(match &field.hint {
        Some(hint) => format!("{told} {hint}"),
        None => told.into_owned(),
    });
    field.required = field.required && !is_there;
    field.control = Control::Text {
        value: String::new(),
        kind: "password",
    };
}

/// Values as the texts of fields.
fn texts_of(value: &Value) -> HashMap<String, String> {
    let members = value.as_object().into_iter().flatten();
    members
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name.clone(), text)
        })
        .collect()
}
