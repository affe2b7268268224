//! Filters by the case types' own fields.

use super::{ListData, Query};
use crate::form::{Control, Field};
use crate::frame::Frame;
use crate::pages::case::fields as own;
use sagsgang_domain::CaseType;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The fields of the one case type that is shown, else those that case types mark as ones to look for.
pub(super) fn fields(ui: &Frame, query: &Query, data: &ListData) -> Vec<Field> {
    let is_one = !query.case_type.is_empty();
    let mut filters: Vec<Field> = Vec::new();
    let types = data.case_types.iter();
    for case_type in types.filter(|one| !is_one || one.name == query.case_type) {
        for field in own::form_fields(case_type, &query.fields, ui.locale) {
            let name = field.name.trim_start_matches("fields.");
            let is_wanted = is_one || is_marked(case_type, name);
            if is_wanted && !filters.iter().any(|known| known.name == field.name) {
                filters.push(as_filter(field, &query.fields));
            }
        }
    }
    filters
}

/// The filters that are on: name, label and value in words.
pub(super) fn chosen(ui: &Frame, query: &Query, data: &ListData) -> Vec<(String, String, String)> {
    let words = |(name, value): (&str, &str)| {
        let case_type = with_field(name, data);
        let label = own::label(case_type, name, ui.locale);
        let value = own::shown(case_type, name, &value.into(), ui.locale);
        (format!("fields.{name}"), label, value)
    };
    query.own_fields().map(words).collect()
}

/// A field of a form as a filter: nothing has to be filled in, and nothing is filled in by itself.
fn as_filter(field: Field, entered: &BTreeMap<String, String>) -> Field {
    let value = entered.get(&field.name).cloned().unwrap_or_default();
    let control = match field.control {
        Control::Check(_) | Control::Area(_) => Control::Text {
            value,
            kind: "text",
        },
        Control::Text { kind, .. } => Control::Text { value, kind },
        other => other,
    };
    Field {
        hint: None,
        required: false,
        control,
        ..field
    }
}

fn is_marked(case_type: &CaseType, name: &str) -> bool {
    let property = case_type
        .fields
        .get("properties")
        .and_then(|all| all.get(name));
    let mark = property.and_then(|one| one.get("x-index"));
    mark.and_then(Value::as_bool).unwrap_or(false)
}

fn with_field<'d>(name: &str, data: &'d ListData) -> Option<&'d CaseType> {
    let has = |one: &&Arc<CaseType>| {
        let properties = one.fields.get("properties");
        properties.is_some_and(|known| known.get(name).is_some())
    };
    data.case_types.iter().find(has).map(AsRef::as_ref)
}
