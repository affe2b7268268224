//! Bringing in many records, cases or users from elsewhere, batch by batch.
//!
//! Everything comes by the same rules as by hand: records are judged by the domain and written with their history, cases
//! are decided and get numbers. What is brought is known by the name of its source and its key there. That makes an
//! import repeatable: what is there already and the same is left alone, what differs becomes a change. It also makes it
//! resumable at no cost: a batch is one commit, so that after any end the same import, begun again, goes on where it was.
//! Nothing follows from what is brought: no workflow starts and nothing is sent.

mod bring;
mod cases;
mod fields;
mod job;
mod keys;
mod kle;
mod preview;
mod reason;
mod records;
mod rejects;
mod source;
mod users;

pub use bring::{ImportFailure, ImportTally, ImportWords, bring};
pub(crate) use job::Imports;
pub use job::{ImportJob, ImportRefused, ImportStage, Incoming};
pub use preview::{ImportPreview, PreviewRow};
pub use reason::Reason as ImportReason;
pub use rejects::Rejects as ImportRejects;
pub use source::{Source as ImportSource, SourceError, TooLong};

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_definition::ImportKind;
use sagsgang_domain::{Actor, ActorKind, Caller, RecordKind, Role};
use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What is imported, and how.
#[derive(Clone, Debug)]
pub struct ImportPlan {
    /// What.
    pub kind: ImportKind,
    /// Name of the register that it comes from.
    pub source: String,
    /// What brings it, such as the name of the file; stands in the history.
    pub brought_by: String,
    /// The fields of the values of each row.
    pub fields: Vec<String>,
    /// Everything is judged and nothing is written.
    pub dry_run: bool,
}

/// A row of the file.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// Line in the file, from 1.
    pub line: u64,
    /// The value of each field of the plan.
    pub values: Vec<String>,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowOutcome {
    /// It is new.
    Created,
    /// It was there and is different now.
    Changed,
    /// It was there and is the same.
    Unchanged,
    /// It cannot be kept; why.
    Rejected(ImportReason),
}

/// An import on its way.
pub struct Import {
    engine: Arc<Engine>,
    caller: Caller,
    plan: ImportPlan,
    /// A fingerprint of each key so far with its line: sixteen bytes a row, however long the keys are. Two keys of a
    /// million rows have the same one once in thirty million imports.
    seen: HashMap<u64, u64>,
}

impl Import {
    /// Begins an import.
    pub fn new(engine: &Arc<Engine>, plan: ImportPlan) -> Self {
        Self {
            engine: Arc::clone(engine),
            caller: Caller {
                actor: Actor::new(ActorKind::Integration, "import"),
                roles: vec![Role::Caseworker, Role::Lead, Role::Administrator],
            },
            plan,
            seen: HashMap::new(),
        }
    }

    /// Takes rows of the file; what became of each, in order. The accepted ones are on disk then, together.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take(&mut self, rows: &[ImportRow]) -> Result<Vec<RowOutcome>, EngineError> {
        let keys: Vec<_> = rows.iter().map(|row| self.key(row)).collect();
        match self.plan.kind {
            ImportKind::Properties => self.records(RecordKind::Property, rows, keys).await,
            ImportKind::Containers => self.records(RecordKind::Container, rows, keys).await,
            ImportKind::Agreements => self.records(RecordKind::Agreement, rows, keys).await,
            ImportKind::Contacts => self.records(RecordKind::Contact, rows, keys).await,
            ImportKind::Cases => self.cases(rows, keys).await,
            ImportKind::Users => self.users(rows, keys).await,
            ImportKind::Kle => self.kle(rows, keys).await,
        }
    }

    /// The key of a row, which no other row of the file may have: with two of them the second run would change what the
    /// first one left.
    fn key(&mut self, row: &ImportRow) -> Result<String, ImportReason> {
        let own: &'static [&'static str] = match self.plan.kind {
            ImportKind::Properties => &["municipalityCode", "propertyNumber"],
            ImportKind::Containers => &["containerId"],
            ImportKind::Users => &["name"],
            ImportKind::Kle => &["code"],
            ImportKind::Agreements | ImportKind::Contacts | ImportKind::Cases => &[],
        };
        let mut key = self.value(row, "key").unwrap_or_default().to_owned();
        if key.is_empty() && !own.is_empty() {
            let parts: Vec<_> = own
                .iter()
                .map(|field| self.value(row, field).unwrap_or_default())
                .collect();
            if parts.iter().all(|part| !part.is_empty()) {
                key = parts.join("-");
            }
        }
        if key.is_empty() {
            return Err(ImportReason::Missing(match own {
                [] => &["key"],
                own => own,
            }));
        }
        match self.seen.entry(fingerprint(&key)) {
            Entry::Vacant(place) => {
                place.insert(row.line);
                Ok(key)
            }
            Entry::Occupied(place) => Err(ImportReason::KeyTwice {
                key,
                line: *place.get(),
            }),
        }
    }

    /// The value of a field that the file has.
    fn value<'r>(&self, row: &'r ImportRow, field: &str) -> Option<&'r str> {
        let place = self.plan.fields.iter().position(|name| name == field)?;
        row.values.get(place).map(String::as_str)
    }

    /// The fields with their values.
    fn filled<'r>(&'r self, row: &'r ImportRow) -> impl Iterator<Item = (&'r str, &'r str)> {
        let fields = self.plan.fields.iter().map(String::as_str);
        fields.zip(row.values.iter().map(String::as_str))
    }
}

fn fingerprint(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
