//! The ZIP file, written to the disk part by part and sent when it is whole.

use crate::pieces::{self, Pieces};
use sagsgang_domain::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Write};
use zip::write::{SimpleFileOptions, ZipWriter};

/// What lists the parts, under one name in every language.
const CONTENTS: &str = "manifest.json";

/// A file in the making.
pub(super) struct Archive {
    writer: ZipWriter<File>,
    options: SimpleFileOptions,
    files: Vec<Value>,
}

impl Archive {
    /// An empty one whose parts bear the given moment.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub(super) fn begin(at: Timestamp) -> io::Result<Self> {
        let utc = at.in_zone(&jiff::tz::TimeZone::UTC).datetime();
        let part = |number: i8| u8::try_from(number).unwrap_or(0);
        let moment = zip::DateTime::from_date_and_time(
            u16::try_from(utc.year()).unwrap_or(1980),
            part(utc.month()),
            part(utc.day()),
            part(utc.hour()),
            part(utc.minute()),
            part(utc.second()),
        );
        Ok(Self {
            writer: ZipWriter::new(tempfile::tempfile()?),
            options: SimpleFileOptions::default()
                .last_modified_time(moment.unwrap_or_default())
                .large_file(false),
            files: Vec::new(),
        })
    }

    /// The parts so far, with their checksums.
    pub(super) fn files(&self) -> Value {
        Value::Array(self.files.clone())
    }

    /// Adds a part.
    ///
    /// # Errors
    /// When the disk is full.
    pub(super) async fn add(
        mut self,
        name: String,
        role: &'static str,
        bytes: Vec<u8>,
    ) -> io::Result<Self> {
        let adding = tokio::task::spawn_blocking(move || {
            self.files.push(json!({
                "path": name,
                "role": role,
                "size": bytes.len(),
                "sha256": hex::encode(Sha256::digest(&bytes)),
            }));
            self.writer
                .start_file(name, self.options)
                .map_err(io::Error::other)?;
            self.writer.write_all(&bytes)?;
            Ok(self)
        });
        adding.await.map_err(io::Error::other)?
    }

    /// Adds the list of the parts, ends the file and sends it.
    ///
    /// # Errors
    /// When the disk is full or cannot be read.
    pub(super) async fn finish(mut self, about: &Value, chunks: &Pieces) -> io::Result<()> {
        let about = serde_json::to_vec_pretty(about)?;
        let chunks = chunks.clone();
        let sending = tokio::task::spawn_blocking(move || {
            self.writer
                .start_file(CONTENTS, self.options)
                .map_err(io::Error::other)?;
            self.writer.write_all(&about)?;
            let file = self.writer.finish().map_err(io::Error::other)?;
            pieces::send(file, &chunks)
        });
        sending.await.map_err(io::Error::other)?
    }
}
