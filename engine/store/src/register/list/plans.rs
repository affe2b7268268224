//! The lists that people use, for the tests that look at how they are carried out.

use super::statement::{Asked, By, Place, Shown, count, list};
use super::{RegisterField, RegisterFilter, RegisterOrder, RegisterSort};
use crate::cases::PropertyRef;
use crate::sql::Backend;
use sagsgang_domain::RecordKind;

/// The texts of lists of registers as people use them: what they are, whether their records are few and may be sorted, and
/// the text.
#[must_use]
pub fn register_list_texts(backend: Backend) -> Vec<(String, bool, String)> {
    let mut texts = Vec::new();
    for kind in RecordKind::ALL {
        for (name, by, filter) in uses(kind) {
            for sort in RegisterSort::of(kind) {
                for descending in [false, true] {
                    let order = RegisterOrder {
                        sort: *sort,
                        descending,
                    };
                    let asked = Asked {
                        kind,
                        filter: &filter,
                        order,
                        backend,
                    };
                    for (of, shown, limit) in shown(by) {
                        for after in [None, Place::some(kind, *sort)] {
                            let page = if after.is_some() { "later" } else { "first" };
                            let title =
                                format!("{kind:?} {name}, {of} by {sort:?}, {page}, {descending}");
                            let text = list(asked, by, shown, after, limit).text;
                            texts.push((title, by != By::Order, text));
                        }
                    }
                }
            }
            let text = count(kind, &filter, by, 51, backend).text;
            texts.push((format!("{kind:?} {name}, counted"), true, text));
        }
    }
    texts
}

/// What is read in a way of finding: where it is not by words, the list is read past records without them.
fn shown(by: By) -> [(&'static str, Shown, Option<u32>); 2] {
    let rows = ("rows", Shown::Row, Some(51));
    match by {
        By::Words => [rows, ("all ids", Shown::Id, None)],
        _ => [rows, ("words", Shown::Words, Some(500))],
    }
}

/// Filters one by one and together, wide and narrow.
fn uses(kind: RecordKind) -> Vec<(String, By, RegisterFilter)> {
    let with = |field: RegisterField, value: &str| RegisterFilter {
        fields: [(field, value.to_owned())].into(),
        today: "2026-11-30".to_owned(),
        ..RegisterFilter::default()
    };
    let mut uses = vec![("all".to_owned(), By::Order, RegisterFilter::default())];
    let mut every = RegisterFilter::default();
    for field in RegisterField::of(kind) {
        let values = match field {
            RegisterField::Period => field.fixed(kind).unwrap_or_default(),
            _ => &["x"],
        };
        for value in values {
            let filter = with(*field, value);
            every.fields.extend(filter.fields.clone());
            uses.push((format!("wide {field:?} {value}"), By::Order, filter.clone()));
            if *value != "current" {
                uses.push((format!("rare {field:?} {value}"), By::Field(*field), filter));
            }
        }
    }
    uses.push(("everything".to_owned(), By::Order, every.clone()));
    let words = RegisterFilter {
        text: Some("lærke".to_owned()),
        ..every
    };
    uses.push(("words".to_owned(), By::Words, words));
    if kind != RecordKind::Property {
        let at = RegisterFilter {
            property: PropertyRef::read("0999-048213"),
            ..RegisterFilter::default()
        };
        uses.push(("at a property".to_owned(), By::Property, at));
    }
    uses
}
