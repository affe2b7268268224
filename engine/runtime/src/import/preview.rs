//! How a file would be read: before anything of it is brought.

use super::ImportReason;
use super::bring::values;
use super::source::{Source, SourceError};
use sagsgang_definition::ImportMap;

/// Rows that are shown.
const ROWS: usize = 5;

/// How a file would be read.
#[derive(Clone, Debug)]
pub struct ImportPreview {
    /// Name of what it is written in.
    pub encoding: &'static str,
    /// About how many rows there are.
    pub rows: u64,
    /// Each column of the file with the fields that it goes to.
    pub columns: Vec<(String, Vec<String>)>,
    /// The fields that are filled.
    pub fields: Vec<String>,
    /// The first rows.
    pub first: Vec<PreviewRow>,
}

/// A row as it would be read.
#[derive(Clone, Debug)]
pub struct PreviewRow {
    /// Line in the file.
    pub line: u64,
    /// The value of each field, or why one of them is none.
    pub values: Result<Vec<String>, ImportReason>,
}

impl ImportPreview {
    /// Looks at the beginning of a file.
    pub(super) fn new(source: &Source, map: &ImportMap) -> Result<Self, SourceError> {
        let mut first = Vec::new();
        for entry in source.entries()?.take(ROWS) {
            let entry = entry?;
            let mut values = values(map, &entry);
            // Numbers of persons are not shown, here either.
            if let Ok(values) = &mut values {
                for ((field, _), value) in map.rules.iter().zip(values) {
                    if field == "cpr" && !value.is_empty() {
                        "••••••••••".clone_into(value);
                    }
                }
            }
            let line = entry.line;
            first.push(PreviewRow { line, values });
        }
        let of_column = |column: &String| {
            let rules = map.rules.iter();
            let going = rules.filter(|(_, rule)| rule.columns.contains(column));
            (
                column.clone(),
                going.map(|(field, _)| field.clone()).collect(),
            )
        };
        Ok(Self {
            encoding: source.encoding(),
            rows: source.rows(),
            columns: source.columns().iter().map(of_column).collect(),
            fields: map.rules.iter().map(|(field, _)| field.clone()).collect(),
            first,
        })
    }
}
