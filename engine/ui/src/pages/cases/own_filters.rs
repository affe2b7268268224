//! Filters by the case types' own fields.

use super::{ListData, Query, columns};
use crate::form::{Control, Field};
use crate::frame::Frame;
use crate::pages::case::fields as own;

/// The fields of the one case type that is shown, else those that case types mark as ones to look for.
pub(super) fn fields(ui: &Frame, query: &Query, data: &ListData) -> Vec<Field> {
    let is_one = !query.case_type.is_empty();
    let mut filters: Vec<Field> = Vec::new();
    let types = data.case_types.iter();
    for case_type in types.filter(|one| !is_one || one.name == query.case_type) {
        for name in own::names(case_type)
            .filter(|name| is_one || own::is_marked(case_type, name, "x-index"))
        {
            let value = query.fields.get(&format!("{}{name}", own::PREFIX));
            let value = value.cloned().unwrap_or_default();
            // With a text, even an empty one, a default of the schema is not filled in.
            let field = own::form_field(case_type, name, Some(&value), ui.locale);
            let is_known = |field: &Field| filters.iter().any(|known| known.name == field.name);
            if let Some(field) = field.filter(|field| !is_known(field)) {
                filters.push(as_filter(field, value));
            }
        }
    }
    filters
}

/// The filters that are on: name, label and value in words.
pub(super) fn chosen(ui: &Frame, query: &Query, data: &ListData) -> Vec<(String, String, String)> {
    let words = |(name, value): (&str, &str)| {
        let case_type = columns::with_field(name, data);
        let label = own::label(case_type, name, ui.locale);
        let value = own::shown(case_type, name, &value.into(), ui.locale);
        (format!("fields.{name}"), label, value)
    };
    query.own_fields().map(words).collect()
}

/// A field of a form as a filter: nothing has to be filled in, and nothing is filled in by itself.
fn as_filter(field: Field, value: String) -> Field {
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
