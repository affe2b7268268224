//! What a case was before each entry of its history, as far as sentences need it: what its title and description were, and
//! which version of its case type gave its words.

use sagsgang_domain::{Entry, Event};
use std::collections::HashMap;
use std::rc::Rc;

/// A case before an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Then {
    pub(super) title: String,
    pub(super) description: String,
    /// Version of the case type.
    pub(super) version: u32,
}

/// The case before each entry, by its place in the history. The entries are those of one case, the oldest first.
pub(super) fn before(entries: &[Entry]) -> HashMap<u64, Rc<Then>> {
    let mut now = Rc::new(Then::default());
    let mut known = HashMap::with_capacity(entries.len());
    for entry in entries {
        known.insert(entry.seq, Rc::clone(&now));
        if !["case.created.v1", "case.described.v1", "case.migrated.v1"]
            .contains(&entry.kind.as_str())
        {
            continue;
        }
        let next = Rc::make_mut(&mut now);
        match Event::from_parts(&entry.kind, &entry.data) {
            Ok(Event::Created {
                title,
                description,
                case_type_version,
                ..
            }) => {
                next.title = title;
                next.description = description.unwrap_or_default();
                next.version = case_type_version;
            }
            Ok(Event::Described { title, description }) => {
                next.title = title.unwrap_or_else(|| std::mem::take(&mut next.title));
                next.description =
                    description.unwrap_or_else(|| std::mem::take(&mut next.description));
            }
            Ok(Event::Migrated(moved)) => next.version = moved.to,
            _ => {}
        }
    }
    known
}

/// The versions of its case type that a case has had, with the one that it has.
pub(crate) fn versions(entries: &[Entry]) -> Vec<u32> {
    let of_entry = |entry: &Entry| match Event::from_parts(&entry.kind, &entry.data) {
        Ok(Event::Created {
            case_type_version, ..
        }) => vec![case_type_version],
        Ok(Event::Migrated(moved)) => vec![moved.from, moved.to],
        _ => Vec::new(),
    };
    let told = entries
        .iter()
        .filter(|entry| ["case.created.v1", "case.migrated.v1"].contains(&entry.kind.as_str()));
    let mut versions: Vec<u32> = told.flat_map(of_entry).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}
