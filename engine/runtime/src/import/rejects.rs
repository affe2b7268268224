//! The rejected rows, in the input's own format and encoding, so that they can be corrected and imported again.

use super::source::{Encoding, Entry, Format, Row, Source};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Names of the columns that say which line it was and why. They are no fields, so that the file can be imported as it is.
const LINE: &str = "sagsgang-line";
const REASON: &str = "sagsgang-reason";

/// The file, which is made with its first row.
pub struct Rejects {
    path: PathBuf,
    encoding: Encoding,
    format: Format,
    columns: Vec<String>,
    file: Option<BufWriter<File>>,
}

impl Rejects {
    /// A file beside the imported one: `beholdere.csv` has its rejects in `beholdere.rejected.csv`.
    pub fn beside(path: &Path, source: &Source) -> Self {
        Self::at(Self::path_beside(path), source)
    }

    /// Where the rejects of a file lie.
    pub(super) fn path_beside(path: &Path) -> PathBuf {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = match path.extension() {
            Some(end) => format!("{stem}.rejected.{}", end.to_string_lossy()),
            None => format!("{stem}.rejected"),
        };
        path.with_file_name(name)
    }

    /// A file at this place.
    pub(super) fn at(path: PathBuf, source: &Source) -> Self {
        // Rejects that are imported again bring their columns along.
        let own = |column: &&String| ![LINE, REASON].contains(&column.as_str());
        Self {
            path,
            encoding: source.encoding,
            format: source.format,
            columns: source.columns().iter().filter(own).cloned().collect(),
            file: None,
        }
    }

    pub(super) fn add(&mut self, entry: &Entry, reason: &str) -> io::Result<()> {
        if self.file.is_none() {
            self.begin()?;
        }
        let text = match &entry.row {
            Row::Csv { record, .. } => {
                let mut cells: Vec<String> = if entry.fault.is_some() {
                    record.iter().map(str::to_owned).collect()
                } else {
                    let cell =
                        |column: &String| entry.cell(column).unwrap_or_default().into_owned();
                    self.columns.iter().map(cell).collect()
                };
                cells.push(entry.line.to_string());
                cells.push(reason.to_owned());
                self.csv(&cells)?
            }
            Row::Json { text, .. } if entry.fault.is_some() => {
                // What is no object cannot say anything about itself.
                format!("{text}\n")
            }
            Row::Json { object, .. } => {
                let mut object = object.clone();
                object.insert(LINE.to_owned(), json!(entry.line));
                object.insert(REASON.to_owned(), json!(reason));
                format!("{}\n", Value::Object(object))
            }
        };
        self.write(&text)
    }

    /// The file, if there is one. It is on disk then.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn finish(self) -> io::Result<Option<PathBuf>> {
        let Some(file) = self.file else {
            return Ok(None);
        };
        let file = file.into_inner().map_err(|error| error.into_error())?;
        file.sync_all()?;
        Ok(Some(self.path))
    }

    fn begin(&mut self) -> io::Result<()> {
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        // What was rejected may hold what only few may see.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        self.file = Some(BufWriter::new(options.open(&self.path)?));
        if self.encoding == Encoding::Utf8Mark {
            self.write("\u{feff}")?;
        }
        if let Format::Csv { .. } = self.format {
            let mut titles = self.columns.clone();
            titles.extend([LINE.to_owned(), REASON.to_owned()]);
            let text = self.csv(&titles)?;
            self.write(&text)?;
        }
        Ok(())
    }

    fn csv(&self, cells: &[String]) -> io::Result<String> {
        let Format::Csv { delimiter } = self.format else {
            return Ok(String::new());
        };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .from_writer(Vec::new());
        writer.write_record(cells)?;
        let bytes = writer.into_inner().map_err(|error| error.into_error())?;
        String::from_utf8(bytes).map_err(io::Error::other)
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        let bytes = self.encoding.bytes(text);
        match &mut self.file {
            Some(file) => file.write_all(&bytes),
            None => Ok(()),
        }
    }
}
