//! The file of an import: CSV or JSON lines, in the encodings that Danish files come in.
//!
//! It is read twice and never kept: once to see what it is written in and how long it is, once row by row.

mod encoding;
mod entry;
mod ration;

pub(super) use encoding::Encoding;
use encoding::{Decoder, survey};
use entry::{CsvEntries, JsonEntries};
pub(super) use entry::{Entry, Row};
pub use ration::TooLong;
use ration::{Ration, Rationed};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

/// Bytes that are read from the disk at once.
const PIECE: usize = 64 * 1024;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The disk does not give it.
    #[error(transparent)]
    Disk(#[from] io::Error),
    /// It is a workbook of a spreadsheet.
    #[error("it is a workbook; save it as CSV")]
    Workbook,
    /// It is written in UTF-16.
    #[error("it is written in UTF-16; save it as CSV in UTF-8")]
    Utf16,
    /// The first line is empty.
    #[error("the first line must hold the titles of the columns")]
    NoTitles,
    /// Two columns have the same title.
    #[error("a title stands twice in the first line")]
    TitleTwice,
    /// No line is a JSON object.
    #[error("no line is a JSON object; the first is {0:?}")]
    NoObjects(String),
    /// A row goes on and on.
    #[error("after line {line}: it is longer than 8 MiB; probably {probably}")]
    TooLong {
        /// The line where the row begins.
        line: u64,
        /// What probably made it so long.
        probably: TooLong,
    },
    /// A row cannot be read.
    #[error("after line {line}: {problem}")]
    Unreadable {
        /// The line where the row begins.
        line: u64,
        /// What the reader says.
        problem: String,
    },
}

impl SourceError {
    /// What went wrong with the row that begins on this line.
    fn at(line: u64, error: &io::Error) -> Self {
        match TooLong::within(error) {
            Some(probably) => Self::TooLong { line, probably },
            None => Self::Unreadable {
                line,
                problem: error.to_string(),
            },
        }
    }

    fn of_csv(line: u64, error: &csv::Error) -> Self {
        match error.kind() {
            csv::ErrorKind::Io(error) => Self::at(line, error),
            _ => Self::Unreadable {
                line,
                problem: error.to_string(),
            },
        }
    }
}

type Result<T> = std::result::Result<T, SourceError>;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv { delimiter: u8 },
    JsonLines,
}

/// A file that was looked through.
pub struct Source {
    pub(super) encoding: Encoding,
    pub(super) format: Format,
    /// Titles of the columns, or the keys of the JSON objects.
    columns: Vec<String>,
    file: File,
    lines: u64,
}

type Text<'f> = Rationed<Decoder<&'f File>>;

impl Source {
    /// Looks through a file.
    ///
    /// # Errors
    /// When it cannot be read, or has no titles or no objects.
    pub fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path)?;
        if !file.metadata()?.is_file() {
            // What comes through a pipe cannot be read twice.
            let mut kept = tempfile::tempfile()?;
            std::io::copy(&mut file, &mut kept)?;
            file = kept;
        }
        file.rewind()?;
        let mut begins = Vec::new();
        (&file).take(4).read_to_end(&mut begins)?;
        match begins.as_slice() {
            [b'P', b'K', 3, 4] | [0xd0, 0xcf, 0x11, 0xe0] => return Err(SourceError::Workbook),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err(SourceError::Utf16),
            _ => {}
        }
        file.rewind()?;
        let survey = survey(&file)?;
        let mut source = Self {
            encoding: survey.encoding,
            format: Format::JsonLines,
            columns: Vec::new(),
            file,
            lines: survey.lines,
        };
        let first = source.first_line()?;
        let is_json = path
            .extension()
            .is_some_and(|end| ["jsonl", "ndjson", "json"].iter().any(|json| end == *json));
        if is_json || first.starts_with('{') {
            source.columns = source.keys(&first)?;
            return Ok(source);
        }
        let delimiter = delimiter(&first);
        source.format = Format::Csv { delimiter };
        let (mut reader, _) = source.csv(delimiter)?;
        let titles = reader
            .headers()
            .map_err(|error| SourceError::of_csv(1, &error))?
            .clone();
        source.columns = titles.iter().map(|title| title.trim().to_owned()).collect();
        let unique: BTreeSet<&String> = source.columns.iter().collect();
        if source.columns.iter().all(|title| title.is_empty()) {
            return Err(SourceError::NoTitles);
        }
        if unique.len() != source.columns.len() {
            return Err(SourceError::TitleTwice);
        }
        Ok(source)
    }

    /// Titles of the columns, or the keys of the JSON objects.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Name of what it is written in.
    pub fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// A file does not say that it is Windows-1252; it is what is left when it is not UTF-8.
    pub fn is_guessed(&self) -> bool {
        self.encoding.is_guessed()
    }

    /// About how many rows there are: a line break inside quotation marks counts as a row.
    pub fn rows(&self) -> u64 {
        let titles = u64::from(self.format != Format::JsonLines);
        self.lines.saturating_sub(titles)
    }

    /// The rows from the beginning. One walk at a time: all of them read the same file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn entries(&self) -> Result<Box<dyn Iterator<Item = Result<Entry>> + Send + '_>> {
        match self.format {
            Format::JsonLines => {
                let (text, ration) = self.text(TooLong::NoLineBreak)?;
                Ok(Box::new(JsonEntries {
                    reader: BufReader::with_capacity(PIECE, text),
                    ration,
                    line: 0,
                }))
            }
            Format::Csv { delimiter } => {
                let (mut reader, ration) = self.csv(delimiter)?;
                reader
                    .headers()
                    .map_err(|error| SourceError::of_csv(1, &error))?;
                Ok(Box::new(CsvEntries::new(reader, ration, &self.columns)))
            }
        }
    }

    fn text(&self, too_long: TooLong) -> Result<(Text<'_>, Ration)> {
        (&self.file).rewind()?;
        let decoder = Decoder::new(&self.file, self.encoding)?;
        Ok(Rationed::new(decoder, too_long))
    }

    fn csv(&self, delimiter: u8) -> Result<(csv::Reader<Text<'_>>, Ration)> {
        let (text, ration) = self.text(TooLong::OpenQuotation)?;
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .buffer_capacity(PIECE)
            .from_reader(text);
        Ok((reader, ration))
    }

    /// The first line with something in it, or its beginning.
    fn first_line(&self) -> Result<String> {
        let (text, _) = self.text(TooLong::NoLineBreak)?;
        let mut beginning = Vec::new();
        BufReader::with_capacity(PIECE, text)
            .take(PIECE as u64)
            .read_to_end(&mut beginning)?;
        let beginning = String::from_utf8_lossy(&beginning);
        let mut lines = beginning.lines().map(str::trim);
        let first = lines.find(|line| !line.is_empty());
        // As much of it as tells what it is.
        Ok(first.unwrap_or_default().to_owned())
    }

    /// The keys of all objects. A line that cannot be read is rejected later, with its number.
    fn keys(&self, first: &str) -> Result<Vec<String>> {
        let (text, ration) = self.text(TooLong::NoLineBreak)?;
        let mut reader = BufReader::with_capacity(PIECE, text);
        let mut keys: BTreeSet<String> = BTreeSet::new();
        let (mut line, mut text) = (0_u64, String::new());
        loop {
            ration.renew();
            text.clear();
            line += 1;
            match reader.read_line(&mut text) {
                Ok(0) => break,
                Ok(_) => {}
                // The rows before it are brought; then it is told.
                Err(_) if !keys.is_empty() => break,
                Err(error) => return Err(SourceError::at(line, &error)),
            }
            let Ok(Keys(found)) = serde_json::from_str(&text) else {
                continue;
            };
            for key in found.into_keys() {
                if !keys.contains(key.as_ref()) {
                    keys.insert(key.into_owned());
                }
            }
        }
        match keys.is_empty() {
            true => Err(SourceError::NoObjects(first.to_owned())),
            false => Ok(keys.into_iter().collect()),
        }
    }
}

/// The keys of an object without its values.
#[derive(Deserialize)]
struct Keys<'t>(#[serde(borrow)] HashMap<Cow<'t, str>, IgnoredAny>);

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

#[cfg(test)]
mod tests {
    use super::ration::LONGEST_ROW;
    use super::*;
    use std::io::Write;

    fn open(name: &str, bytes: &[u8]) -> Result<Source> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join(name);
        File::create(&path)?.write_all(bytes)?;
        // The open file outlives its name.
        Source::open(&path)
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
            let source = open("a.csv", &bytes).unwrap();
            assert_eq!(source.encoding, encoding);
            assert_eq!(source.columns, ["Nr", "Vej"]);
            for _ in 0..2 {
                let entry = source.entries().unwrap().next().unwrap().unwrap();
                assert_eq!(entry.cell("Vej").unwrap(), "Æblevej – nord");
                assert_eq!((entry.line, source.rows()), (2, 1));
            }
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
        let source = open("a.csv", b"a;b\n1;2\n1;2;3\n").unwrap();
        let faults: Vec<_> = source
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().fault.is_some())
            .collect();
        assert_eq!(faults, [false, true]);
        let text = b"{\"a\":1,\"b\":[\"x\",\"y\"]}\n\n[1]\n";
        let source = open("a.jsonl", text).unwrap();
        assert_eq!(source.columns, ["a", "b"]);
        let entries: Result<Vec<_>> = source.entries().unwrap().collect();
        let entries = entries.unwrap();
        assert_eq!(entries[0].cell("a").unwrap(), "1");
        assert_eq!(entries[0].cell("b").unwrap(), "x,y");
        assert_eq!(entries[0].cell("c"), None);
        assert_eq!((entries[1].line, entries[1].fault.is_some()), (3, true));
        assert!(open("a.jsonl", b"x\n").is_err());
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_told_and_not_swallowed() {
        let mut bytes = b"a;b\n1;2\n3;\"".to_vec();
        bytes.resize(bytes.len() + LONGEST_ROW as usize + PIECE, b'x');
        let source = open("a.csv", &bytes).unwrap();
        let mut entries = source.entries().unwrap();
        assert!(entries.next().unwrap().is_ok());
        let error = entries.next().unwrap().err().unwrap();
        let said = error.to_string();
        assert!(
            said.contains("after line 3") && said.contains("quotation mark"),
            "{said}"
        );
        bytes.truncate(8);
        bytes.resize(LONGEST_ROW as usize + PIECE, b' ');
        assert!(open("a.jsonl", &bytes).is_err());
    }
}
