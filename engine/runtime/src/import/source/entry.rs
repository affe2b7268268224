//! The rows of a file, one after the other.

use super::ration::Ration;
use super::{Result, SourceError};
use crate::import::reason::Reason;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::sync::Arc;

/// A row of the file.
pub(in super::super) struct Entry {
    /// Line, from 1.
    pub(in super::super) line: u64,
    pub(in super::super) row: Row,
    /// Why it cannot be read.
    pub(in super::super) fault: Option<Reason>,
}

pub(in super::super) enum Row {
    Csv {
        record: csv::StringRecord,
        /// The place of each column.
        places: Arc<HashMap<String, usize>>,
    },
    Json {
        text: String,
        object: Map<String, Value>,
    },
}

impl Entry {
    /// The value of a column; none where the row does not have it.
    pub(in super::super) fn cell(&self, column: &str) -> Option<Cow<'_, str>> {
        match &self.row {
            Row::Csv { record, places } => record.get(*places.get(column)?).map(Cow::Borrowed),
            Row::Json { object, .. } => match object.get(column)? {
                Value::Null => None,
                Value::String(text) => Some(Cow::Borrowed(text)),
                Value::Array(items) => {
                    let texts = items.iter().map(|item| match item {
                        Value::String(text) => text.clone(),
                        other => other.to_string(),
                    });
                    Some(Cow::Owned(texts.collect::<Vec<_>>().join(",")))
                }
                other => Some(Cow::Owned(other.to_string())),
            },
        }
    }
}

/// The rows of a CSV file below its titles.
pub(super) struct CsvEntries<R> {
    reader: csv::Reader<R>,
    ration: Ration,
    places: Arc<HashMap<String, usize>>,
    columns: usize,
}

impl<R: Read> CsvEntries<R> {
    pub(super) fn new(reader: csv::Reader<R>, ration: Ration, columns: &[String]) -> Self {
        Self {
            reader,
            ration,
            places: Arc::new(columns.iter().cloned().zip(0..).collect()),
            columns: columns.len(),
        }
    }

    fn read(&mut self) -> Result<Option<Entry>> {
        self.ration.renew();
        let mut record = csv::StringRecord::new();
        let line = self.reader.position().line();
        let is_there = self.reader.read_record(&mut record);
        if !is_there.map_err(|error| SourceError::of_csv(line, &error))? {
            return Ok(None);
        }
        let (found, wanted) = (record.len(), self.columns);
        let fault = (found != wanted).then_some(Reason::Columns { found, wanted });
        Ok(Some(Entry {
            line: record.position().map_or(0, csv::Position::line),
            row: Row::Csv {
                record,
                places: Arc::clone(&self.places),
            },
            fault,
        }))
    }
}

impl<R: Read> Iterator for CsvEntries<R> {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// The objects of a file of JSON lines.
pub(super) struct JsonEntries<R> {
    pub(super) reader: R,
    pub(super) ration: Ration,
    /// Lines that were read.
    pub(super) line: u64,
}

impl<R: BufRead> JsonEntries<R> {
    fn read(&mut self) -> Result<Option<Entry>> {
        loop {
            self.ration.renew();
            self.line += 1;
            let mut text = String::new();
            let read = self.reader.read_line(&mut text);
            if read.map_err(|error| SourceError::at(self.line, &error))? == 0 {
                return Ok(None);
            }
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            let (object, fault) = match serde_json::from_str(text) {
                Ok(object) => (object, None),
                Err(error) => (Map::new(), Some(Reason::NoObject(error.to_string()))),
            };
            return Ok(Some(Entry {
                line: self.line,
                row: Row::Json {
                    text: text.to_owned(),
                    object,
                },
                fault,
            }));
        }
    }
}

impl<R: BufRead> Iterator for JsonEntries<R> {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}
