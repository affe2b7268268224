//! The cases that stay where they are as a file: a line for each reason.

use anyhow::{Context, Result};
use csv::{Writer, WriterBuilder};
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};

/// The file. A spreadsheet opens it as it is: semicolons, UTF-8.
pub(super) struct Report {
    path: PathBuf,
    writer: Writer<File>,
}

impl Report {
    /// Begins the file, where one is wanted.
    pub(super) fn begin(path: Option<&Path>) -> Result<Option<Self>> {
        let Some(path) = path else { return Ok(None) };
        let file = File::create(path).with_context(|| path.display().to_string())?;
        let mut writer = WriterBuilder::new().delimiter(b';').from_writer(file);
        writer.write_record(["case", "reason", "message"])?;
        Ok(Some(Self {
            path: path.to_owned(),
            writer,
        }))
    }

    /// A case with its reasons, as the API tells of it.
    pub(super) fn add(&mut self, refusal: &Value) -> Result<()> {
        for reason in refusal["reasons"].as_array().into_iter().flatten() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let row = [&refusal["number"], &reason["code"], &reason["message"]].map(text);
            self.writer.write_record(row)?;
        }
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn end(report: Option<Self>) -> Result<()> {
        let Some(mut report) = report else {
            return Ok(());
        };
        let place = report.path.display().to_string();
        report.writer.flush().context(place)
    }
}
