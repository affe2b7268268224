//! A batch of records: known ones found by their keys, all judged, and written in one commit.

use super::fields::{blank, set};
use super::keys::{References, number, own_key};
use super::reason::Reason;
use super::{Import, ImportRow, RowOutcome};
use crate::chance::{RealChance, new_id};
use crate::error::EngineError;
use sagsgang_domain::register::decide_record;
use sagsgang_domain::{
    ContactId, External, RecordChange, RecordKind, Setting, StoredRecord, WantedRecord,
};
use sagsgang_store::{Commit, CommitError, SealedCpr};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The records that a batch may be about.
struct Known {
    by_key: HashMap<String, StoredRecord>,
    /// By the key that a record carries itself, such as the printed id.
    by_own: HashMap<String, StoredRecord>,
    /// Sealed numbers of persons among them, where the file has such numbers.
    cprs: HashMap<ContactId, Vec<u8>>,
}

/// A change of a record, with the number of the person that it keeps.
type Judged = (RecordChange, Option<SealedCpr>);

impl Import {
    pub(super) async fn records(
        &mut self,
        kind: RecordKind,
        rows: &[ImportRow],
        keys: Vec<Result<String, Reason>>,
    ) -> Result<Vec<RowOutcome>, EngineError> {
        let known = self.known(kind, rows, &keys).await?;
        let references = self.references(rows).await?;
        let now = self.engine.now();
        let mut chance = RealChance::new(now);
        let mut outcomes = Vec::with_capacity(rows.len());
        let mut changes: Vec<(usize, Judged)> = Vec::new();
        // Records that this batch makes, by the keys that they carry themselves.
        let mut taken: HashSet<String> = HashSet::new();
        for (row, key) in rows.iter().zip(keys) {
            let mut setting = Setting {
                caller: &self.caller,
                cause: None,
                now,
                chance: &mut chance,
            };
            let judged =
                key.and_then(|key| self.judge(kind, row, key, &known, &references, &mut setting));
            outcomes.push(match judged {
                Err(reason) => RowOutcome::Rejected(reason),
                Ok(None) => RowOutcome::Unchanged,
                Ok(Some((change, cpr))) => {
                    let own = own_key(&change.stored.record);
                    let is_new = change.expected == Some(0);
                    if !own.is_empty() && !taken.insert(own) {
                        RowOutcome::Rejected(Reason::RecordTwice)
                    } else {
                        changes.push((outcomes.len(), (change, cpr)));
                        match is_new {
                            true => RowOutcome::Created,
                            false => RowOutcome::Changed,
                        }
                    }
                }
            });
        }
        if !self.plan.dry_run {
            self.write_records(changes, &mut outcomes).await?;
        }
        Ok(outcomes)
    }

    /// All in one commit. Where somebody else changes one of them at this very moment, each by itself.
    async fn write_records(
        &self,
        changes: Vec<(usize, Judged)>,
        outcomes: &mut [RowOutcome],
    ) -> Result<(), EngineError> {
        if changes.is_empty() {
            return Ok(());
        }
        let commit = Commit {
            records: changes
                .iter()
                .map(|(_, (change, _))| change.clone())
                .collect(),
            cprs: changes
                .iter()
                .filter_map(|(_, (_, cpr))| cpr.clone())
                .collect(),
            ..Commit::default()
        };
        match self.engine.store.commit(commit).await {
            Ok(()) => return Ok(()),
            Err(CommitError::Conflict) => {}
            Err(error) => return Err(unwritten(error)),
        }
        for (place, (change, cpr)) in changes {
            let commit = Commit {
                records: vec![change],
                cprs: cpr.into_iter().collect(),
                ..Commit::default()
            };
            match self.engine.store.commit(commit).await {
                Ok(()) => {}
                Err(CommitError::Conflict) => {
                    outcomes[place] = RowOutcome::Rejected(Reason::Conflict);
                }
                Err(error) => return Err(unwritten(error)),
            }
        }
        Ok(())
    }

    fn judge(
        &self,
        kind: RecordKind,
        row: &ImportRow,
        key: String,
        known: &Known,
        references: &References,
        setting: &mut Setting<'_>,
    ) -> Result<Option<Judged>, Reason> {
        let of_other = |stored: &StoredRecord| {
            let external = stored.external.as_ref();
            external.is_some_and(|external| external.source != self.plan.source)
        };
        let own = self.own(kind, row);
        let same = own.as_ref().and_then(|own| known.by_own.get(own));
        let before = match (known.by_key.get(&key), same) {
            (Some(before), Some(other)) if other.record.id() != before.record.id() => {
                return Err(Reason::OtherRecord(own.unwrap_or_default()));
            }
            (Some(before), _) => Some(before),
            (None, Some(other)) if of_other(other) => {
                let source = other
                    .external
                    .as_ref()
                    .map(|external| external.source.as_str());
                return Err(Reason::OfOtherSource(source.unwrap_or_default().to_owned()));
            }
            // Made by hand before, or known by another key there: the same record all the same.
            (None, other) => other,
        };
        let mut record = match before {
            Some(stored) => stored.record.clone(),
            None => blank(kind, new_id(setting.now)),
        };
        for (field, value) in self.filled(row) {
            set(&mut record, field, value, references)?;
        }
        let sealed = known.cprs.get(&ContactId(record.id()));
        self.engine.same_cpr(&mut record, sealed.map(Vec::as_slice));
        let wanted = WantedRecord {
            record,
            external: Some(External {
                source: self.plan.source.clone(),
                key,
            }),
            brought_by: Some(self.plan.brought_by.clone()),
        };
        let judged = decide_record(before, wanted, setting).and_then(|change| {
            let Some(mut change) = change else {
                return Ok(None);
            };
            let cpr = self.engine.sealed_cpr(before, &mut change)?;
            Ok(Some((change, cpr)))
        });
        judged.map_err(Reason::Rejected)
    }

    /// The key that the record of a row will carry itself.
    fn own(&self, kind: RecordKind, row: &ImportRow) -> Option<String> {
        let own = match kind {
            RecordKind::Property => {
                let code = self.value(row, "municipalityCode")?;
                format!("{code}-{}", self.value(row, "propertyNumber")?)
            }
            RecordKind::Container => self.value(row, "containerId")?.to_owned(),
            RecordKind::Agreement | RecordKind::Contact => return None,
        };
        Some(own).filter(|own| !own.is_empty())
    }

    async fn known(
        &self,
        kind: RecordKind,
        rows: &[ImportRow],
        keys: &[Result<String, Reason>],
    ) -> Result<Known, EngineError> {
        let store = &self.engine.store;
        let keys: Vec<&str> = keys.iter().flatten().map(String::as_str).collect();
        let found = store
            .records_by_keys(kind, &self.plan.source, &keys)
            .await?;
        let contacts: Vec<ContactId> = match self.plan.fields.iter().any(|name| name == "cpr") {
            true => found
                .iter()
                .map(|stored| ContactId(stored.record.id()))
                .collect(),
            false => Vec::new(),
        };
        let cprs = store.sealed_cprs(&contacts).await?;
        let by_key = found.into_iter().filter_map(|stored| {
            let key = stored.external.as_ref()?.key.clone();
            Some((key, stored))
        });
        let own: Vec<String> = rows.iter().filter_map(|row| self.own(kind, row)).collect();
        let same = match kind {
            RecordKind::Property => {
                let numbers: Vec<_> = own.iter().filter_map(|own| number(own)).collect();
                store.properties_numbered(&numbers).await?
            }
            RecordKind::Container => {
                let printed: Vec<&str> = own.iter().map(String::as_str).collect();
                store.containers_printed(&printed).await?
            }
            RecordKind::Agreement | RecordKind::Contact => Vec::new(),
        };
        Ok(Known {
            cprs,
            by_key: by_key.collect(),
            by_own: same
                .into_iter()
                .map(|stored| (own_key(&stored.record), stored))
                .collect(),
        })
    }

    /// The records that the rows refer to.
    pub(super) async fn references(&self, rows: &[ImportRow]) -> Result<References, EngineError> {
        let mut references = References::default();
        let fields = [
            ("property", RecordKind::Property),
            ("container", RecordKind::Container),
            ("containers", RecordKind::Container),
            ("agreements", RecordKind::Agreement),
            ("contacts", RecordKind::Contact),
        ];
        for (field, kind) in fields {
            let values = rows.iter().filter_map(|row| self.value(row, field));
            let words: HashSet<&str> = match field.ends_with('s') {
                true => values
                    .flat_map(|value| value.split([',', ';', '|']))
                    .map(str::trim)
                    .collect(),
                false => values.collect(),
            };
            references
                .find(&self.engine, &self.plan.source, kind, words)
                .await?;
        }
        Ok(references)
    }
}

/// Ids of records that a list of words names.
pub(super) fn all<Id: From<Uuid>>(
    references: &References,
    kind: RecordKind,
    words: &[String],
) -> Result<Vec<Id>, Reason> {
    let found = words.iter().map(|word| references.get(kind, word));
    let found = found.filter_map(Result::transpose);
    found.map(|id| id.map(Id::from)).collect()
}

pub(super) fn unwritten(error: CommitError) -> EngineError {
    match error {
        CommitError::Store(error) => EngineError::Store(error),
        CommitError::Stopped => EngineError::Stopping,
        other => EngineError::Options(format!("the rows could not be written: {other}")),
    }
}
