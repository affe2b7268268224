//! The walk through a file: batch by batch, each one commit, the rejected rows into a file of their own.

use super::rejects::Rejects;
use super::source::{Entry, Source, SourceError};
use super::{Import, ImportReason, ImportRow, RowOutcome};
use crate::error::EngineError;
use sagsgang_definition::{ImportMap, Rule};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io;
use std::ops::ControlFlow;

/// Rows of one commit.
const BATCH: usize = 2_000;

/// What became of the rows so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportTally {
    /// Rows that were read.
    pub rows: u64,
    /// New ones.
    pub created: u64,
    /// Those that were there and are different now.
    pub changed: u64,
    /// Those that were there and are the same.
    pub unchanged: u64,
    /// Those that cannot be kept.
    pub rejected: u64,
}

/// Why the end of a file was not reached.
#[derive(Debug, thiserror::Error)]
pub enum ImportFailure {
    /// The file cannot be read from some place on.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The database failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The program stumbled over a row.
    #[error("a fault of the program")]
    Broken,
    /// The rejected rows cannot be written down.
    #[error("the rejected rows cannot be written: {0}")]
    Rejects(io::Error),
}

/// Why a row is not kept, in the words that stand beside it.
pub type ImportWords = dyn Fn(&ImportReason) -> String + Send + Sync;

/// Brings the rows of a file, and tells after each batch how far it is and which lines were rejected in it. What came
/// before a failure, or before the caller broke off, is on disk.
pub async fn bring(
    importing: &mut Import,
    map: &ImportMap,
    source: &Source,
    (rejects, words): (&mut Rejects, &ImportWords),
    mut after: impl FnMut(&ImportTally, Vec<(u64, ImportReason)>) -> ControlFlow<()>,
) -> (ImportTally, Result<(), ImportFailure>) {
    let mut tally = ImportTally::default();
    let mut entries = match source.entries() {
        Ok(entries) => entries,
        Err(error) => return (tally, Err(error.into())),
    };
    let mut whole = Ok(());
    while whole.is_ok() {
        let mut batch: Vec<Entry> = Vec::with_capacity(BATCH);
        for entry in entries.by_ref().take(BATCH) {
            match entry {
                Ok(entry) => batch.push(entry),
                // What came before is brought all the same.
                Err(error) => {
                    whole = Err(error.into());
                    break;
                }
            }
        }
        if batch.is_empty() {
            break;
        }
        let refused = match take(importing, map, &batch, &mut tally).await {
            Ok(refused) => refused,
            Err(error) => return (tally, Err(error.into())),
        };
        let mut told = Vec::with_capacity(refused.len());
        for (place, reason) in refused {
            if let Err(error) = rejects.add(&batch[place], &words(&reason)) {
                return (tally, Err(ImportFailure::Rejects(error)));
            }
            told.push((batch[place].line, reason));
        }
        if after(&tally, told).is_break() {
            break;
        }
    }
    (tally, whole)
}

/// Takes a batch; the places of its rejected rows, in the order of the file.
async fn take(
    importing: &mut Import,
    map: &ImportMap,
    batch: &[Entry],
    tally: &mut ImportTally,
) -> Result<Vec<(usize, ImportReason)>, EngineError> {
    let mut rows = Vec::with_capacity(batch.len());
    let mut of_row = Vec::with_capacity(batch.len());
    let mut refused = Vec::new();
    for (place, entry) in batch.iter().enumerate() {
        match values(map, entry) {
            Ok(values) => {
                let line = entry.line;
                rows.push(ImportRow { line, values });
                of_row.push(place);
            }
            Err(reason) => refused.push((place, reason)),
        }
    }
    let outcomes = importing.take(&rows).await?;
    for (place, outcome) in of_row.into_iter().zip(outcomes) {
        match outcome {
            RowOutcome::Created => tally.created += 1,
            RowOutcome::Changed => tally.changed += 1,
            RowOutcome::Unchanged => tally.unchanged += 1,
            RowOutcome::Rejected(reason) => refused.push((place, reason)),
        }
    }
    refused.sort_by_key(|(place, _)| *place);
    tally.rejected += refused.len() as u64;
    tally.rows += batch.len() as u64;
    Ok(refused)
}

/// The value of each field, or why one of them is none.
pub(super) fn values(map: &ImportMap, entry: &Entry) -> Result<Vec<String>, ImportReason> {
    if let Some(fault) = &entry.fault {
        return Err(fault.clone());
    }
    let value = |(field, rule): &(String, Rule)| {
        let value = rule.value(|column| entry.cell(column));
        let value = value
            .map(Cow::into_owned)
            .map_err(|fault| ImportReason::value(field, fault))?;
        match value.contains('\0') {
            true => Err(ImportReason::Nul(field.clone())),
            false => Ok(value),
        }
    };
    map.rules.iter().map(value).collect()
}
