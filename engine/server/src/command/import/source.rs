//! The file of an import: CSV or JSON lines, in the encodings that Danish files come in.

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// How a text is written in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    /// With the mark that Excel puts in front.
    Utf8Mark,
    Windows1252,
}

impl Encoding {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Mark => "UTF-8 with mark",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// A file does not say that it is Windows-1252; it is what is left when it is not UTF-8.
    pub(super) fn is_guessed(self) -> bool {
        self == Self::Windows1252
    }

    /// A text in this encoding. Characters that it does not have become question marks.
    pub(super) fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 | Self::Utf8Mark => text.as_bytes().to_vec(),
            Self::Windows1252 => text.chars().map(to_windows_1252).collect(),
        }
    }
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv { delimiter: u8 },
    JsonLines,
}

/// A file that was read.
pub(super) struct Source {
    pub(super) encoding: Encoding,
    pub(super) format: Format,
    /// Titles of the columns, or the keys of the JSON objects.
    pub(super) columns: Vec<String>,
    /// The place of each column.
    places: HashMap<String, usize>,
    text: String,
}

/// A row of the file.
pub(super) struct Entry<'s> {
    /// Line, from 1.
    pub(super) line: u64,
    pub(super) row: Row<'s>,
    /// Why it cannot be read.
    pub(super) fault: Option<String>,
}

pub(super) enum Row<'s> {
    Csv {
        record: csv::StringRecord,
        places: &'s HashMap<String, usize>,
    },
    Json {
        text: &'s str,
        object: Map<String, Value>,
    },
}

impl Source {
    /// Reads a file by its name and its beginning.
    ///
    /// # Errors
    /// When it has no titles or no objects.
    pub(super) fn read(path: &Path, bytes: Vec<u8>) -> Result<Self> {
        let (text, encoding) = decode(bytes);
        let is_json = path
            .extension()
            .is_some_and(|end| ["jsonl", "ndjson", "json"].iter().any(|json| end == *json));
        if is_json || text.trim_start().starts_with('{') {
            let columns = keys(&text)?;
            return Ok(Self {
                encoding,
                format: Format::JsonLines,
                columns,
                places: HashMap::new(),
                text,
            });
        }
        let delimiter = delimiter(text.lines().next().unwrap_or_default());
        let mut source = Self {
            encoding,
            format: Format::Csv { delimiter },
            columns: Vec::new(),
            places: HashMap::new(),
            text,
        };
        let titles = source.reader(delimiter).headers()?.clone();
        source.columns = titles.iter().map(|title| title.trim().to_owned()).collect();
        let unique: BTreeSet<&String> = source.columns.iter().collect();
        ensure!(
            source.columns.iter().any(|title| !title.is_empty()),
            "the first line must hold the titles of the columns"
        );
        ensure!(
            unique.len() == source.columns.len(),
            "a title stands twice in the first line"
        );
        source.places = source.columns.iter().cloned().zip(0..).collect();
        Ok(source)
    }

    fn reader(&self, delimiter: u8) -> csv::Reader<&[u8]> {
        csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(self.text.as_bytes())
    }

    /// About how many rows there are: a line break inside quotation marks counts as a row.
    pub(super) fn rows(&self) -> u64 {
        let lines = self.text.lines().filter(|line| !line.trim().is_empty());
        let titles = u64::from(self.format != Format::JsonLines);
        (lines.count() as u64).saturating_sub(titles)
    }

    /// The rows.
    pub(super) fn entries(&self) -> Box<dyn Iterator<Item = Entry<'_>> + '_> {
        match self.format {
            Format::JsonLines => Box::new(json_entries(&self.text)),
            Format::Csv { delimiter } => Box::new(self.csv_entries(delimiter)),
        }
    }

    fn csv_entries(&self, delimiter: u8) -> impl Iterator<Item = Entry<'_>> {
        let records = self.reader(delimiter).into_records();
        records.map(|read| {
            let (record, fault) = match read {
                Ok(record) if record.len() == self.columns.len() => (record, None),
                Ok(record) => {
                    let (found, wanted) = (record.len(), self.columns.len());
                    let fault = format!("the row has {found} columns and the titles {wanted}");
                    (record, Some(fault))
                }
                Err(error) => (csv::StringRecord::new(), Some(error.to_string())),
            };
            Entry {
                line: record.position().map_or(0, csv::Position::line),
                row: Row::Csv {
                    record,
                    places: &self.places,
                },
                fault,
            }
        })
    }
}

impl Entry<'_> {
    /// The value of a column; none where the row does not have it.
    pub(super) fn cell(&self, column: &str) -> Option<Cow<'_, str>> {
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

fn json_entries(text: &str) -> impl Iterator<Item = Entry<'_>> {
    let lines = text.lines().zip(1..);
    lines
        .filter(|(text, _)| !text.trim().is_empty())
        .map(|(text, line)| {
            let (object, fault) = match serde_json::from_str(text) {
                Ok(object) => (object, None),
                Err(error) => (Map::new(), Some(format!("not a JSON object: {error}"))),
            };
            Entry {
                line,
                row: Row::Json { text, object },
                fault,
            }
        })
}

/// The keys of all objects. A line that cannot be read is rejected later, with its number.
fn keys(text: &str) -> Result<Vec<String>> {
    let mut keys = BTreeSet::new();
    for object in text
        .lines()
        .filter_map(|line| serde_json::from_str::<Map<String, Value>>(line).ok())
    {
        for key in object.into_iter().map(|(key, _)| key) {
            keys.insert(key);
        }
    }
    let first = text.lines().next().unwrap_or_default();
    (!keys.is_empty())
        .then(|| keys.into_iter().collect())
        .with_context(|| format!("no line is a JSON object; the first is {first:?}"))
}

/// The delimiter that the titles have most of; a semicolon where there is none.
fn delimiter(titles: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b';', 0_u32), (b',', 0), (b'\t', 0)];
    for byte in titles.bytes() {
        quoted ^= byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += u32::from(!quoted && byte == *delimiter);
        }
    }
    // Of equal ones the first wins.
    counts
        .into_iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b';', |(delimiter, _)| delimiter)
}

fn decode(bytes: Vec<u8>) -> (String, Encoding) {
    match String::from_utf8(bytes) {
        Ok(text) => match text.strip_prefix('\u{feff}') {
            Some(rest) => (rest.to_owned(), Encoding::Utf8Mark),
            None => (text, Encoding::Utf8),
        },
        Err(error) => {
            let text = error.as_bytes().iter().map(|byte| match byte {
                0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
                byte => char::from(*byte),
            });
            (text.collect(), Encoding::Windows1252)
        }
    }
}

/// What Windows-1252 has where Latin-1 has control characters; five places are empty.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn to_windows_1252(character: char) -> u8 {
    match HIGH
        .iter()
        .zip(0x80..)
        .find(|(high, _)| **high == character)
    {
        Some((_, byte)) => byte,
        None => u8::try_from(character).unwrap_or(b'?'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Source {
        Source::read(Path::new("a.csv"), bytes.to_vec()).unwrap()
    }

    #[test]
    fn files_are_read_in_the_encodings_that_they_come_in() {
        let text = "Nr;Vej\n1;Æblevej – nord\n";
        let windows = Encoding::Windows1252.bytes(text);
        assert!(windows.contains(&0xc6) && windows.contains(&0x96));
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            (format!("\u{feff}{text}").into_bytes(), Encoding::Utf8Mark),
            (windows, Encoding::Windows1252),
        ] {
            let source = read(&bytes);
            assert_eq!(source.encoding, encoding);
            assert_eq!(source.columns, ["Nr", "Vej"]);
            let entry = source.entries().next().unwrap();
            assert_eq!(entry.cell("Vej").unwrap(), "Æblevej – nord");
            assert_eq!((entry.line, source.rows()), (2, 1));
        }
    }

    #[test]
    fn the_delimiter_is_that_of_the_titles() {
        for (titles, found) in [
            ("a;b,c;d", b';'),
            ("a,\"b;c;d\",e", b','),
            ("a\tb", b'\t'),
            ("a", b';'),
        ] {
            assert_eq!(delimiter(titles), found, "{titles}");
        }
    }

    #[test]
    fn a_row_of_another_width_and_a_line_that_is_no_object_are_faults() {
        let source = read(b"a;b\n1;2\n1;2;3\n");
        let faults: Vec<_> = source
            .entries()
            .map(|entry| entry.fault.is_some())
            .collect();
        assert_eq!(faults, [false, true]);
        let text = b"{\"a\":1,\"b\":[\"x\",\"y\"]}\n\n[1]\n".to_vec();
        let source = Source::read(Path::new("a.jsonl"), text).unwrap();
        assert_eq!(source.columns, ["a", "b"]);
        let entries: Vec<_> = source.entries().collect();
        assert_eq!(entries[0].cell("a").unwrap(), "1");
        assert_eq!(entries[0].cell("b").unwrap(), "x,y");
        assert_eq!(entries[0].cell("c"), None);
        assert_eq!((entries[1].line, entries[1].fault.is_some()), (3, true));
        assert!(Source::read(Path::new("a.jsonl"), b"x\n".to_vec()).is_err());
    }
}
