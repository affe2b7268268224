//! Changing the registers: judged by the domain against the record as it stands, written with its entry in the history.

use crate::chance::{RealChance, new_id};
use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError, commit_failed};
use crate::execute::TRIES;
use sagsgang_domain::register::{
    Cpr, Fault, Revealed, decide_record, decide_reveal, normalised, refusal,
};
use sagsgang_domain::{
    Caller, ContactId, Record, RecordChange, RecordKind, Rejection, Setting, StoredRecord,
    WantedRecord,
};
use sagsgang_store::{Commit, CommitError};
use uuid::Uuid;

impl Engine {
    /// An id for a record that will be made later, so that making it twice makes one.
    pub fn fresh_id(&self) -> Uuid {
        new_id(self.now())
    }

    /// Writes a record, new or changed, whatever version it has. The masked form of a protected contact changes only what
    /// is not masked.
    ///
    /// # Errors
    /// When the rules or the database say no.
    pub async fn put(
        &self,
        caller: &Caller,
        record: impl Into<Record>,
    ) -> Result<(), ExecuteError> {
        let wanted = WantedRecord {
            record: record.into(),
            external: None,
            brought_by: None,
        };
        self.put_record(caller, wanted, None).await.map(|_| ())
    }

    /// Writes a record, new or changed; with `expected`, only if it still has that version (0: is not there yet). The
    /// answer is the record as it is kept.
    ///
    /// # Errors
    /// When the rules or the database say no, or the record has changed since; nothing is changed then.
    pub async fn put_record(
        &self,
        caller: &Caller,
        wanted: WantedRecord,
        expected: Option<u64>,
    ) -> Result<StoredRecord, ExecuteError> {
        let (kind, id) = (wanted.record.kind(), wanted.record.id());
        for _ in 0..TRIES {
            let before = self.store.record(kind, id).await?;
            let current = before.as_ref().map_or(0, |known| known.version);
            if expected.is_some_and(|expected| expected != current) {
                return Err(ExecuteError::Stale { current });
            }
            let mut wanted = wanted.clone();
            self.compare_cpr(&mut wanted.record).await?;
            let Some(mut change) = self.judge_record(caller, before.as_ref(), wanted)? else {
                return before.ok_or(ExecuteError::Conflict);
            };
            self.check_keys(&change.stored).await?;
            let cpr = self.sealed_cpr(before.as_ref(), &mut change)?;
            let stored = change.stored.clone();
            let commit = Commit {
                records: vec![change],
                cprs: cpr.into_iter().collect(),
                ..Commit::default()
            };
            match self.store.commit(commit).await {
                Ok(()) => {
                    let (kind, id) = (stored.record.kind(), stored.record.id());
                    self.announce_record(kind, id, stored.version);
                    return Ok(stored);
                }
                // Somebody was quicker: read and decide again.
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(commit_failed(error)),
            }
        }
        Err(ExecuteError::Conflict)
    }

    /// Whether a record is kept just so already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keeps_record(&self, record: &Record) -> Result<bool, EngineError> {
        let stored = self.store.record(record.kind(), record.id()).await?;
        let mut record = record.clone();
        self.compare_cpr(&mut record).await?;
        Ok(stored.is_some_and(|stored| stored.record == normalised(record)))
    }

    async fn compare_cpr(&self, record: &mut Record) -> Result<(), EngineError> {
        let given = match record {
            Record::Contact(one) if one.cpr.as_ref().and_then(Cpr::text).is_some() => one.id,
            _ => return Ok(()),
        };
        let sealed = self.store.sealed_cprs(&[given]).await?.remove(&given);
        self.same_cpr(record, sealed.as_deref());
        Ok(())
    }

    fn judge_record(
        &self,
        caller: &Caller,
        before: Option<&StoredRecord>,
        wanted: WantedRecord,
    ) -> Result<Option<RecordChange>, Rejection> {
        let now = self.now();
        let mut setting = Setting {
            caller,
            cause: None,
            now,
            chance: &mut RealChance::new(now),
        };
        decide_record(before, wanted, &mut setting)
    }

    pub(crate) fn judge_reveal(
        &self,
        caller: &Caller,
        stored: &StoredRecord,
        what: Revealed,
    ) -> Result<RecordChange, Rejection> {
        let now = self.now();
        let mut setting = Setting {
            caller,
            cause: None,
            now,
            chance: &mut RealChance::new(now),
        };
        decide_reveal(stored, what, &mut setting)
    }

    /// A protected contact as it is. The look stands in its history.
    ///
    /// # Errors
    /// When there is no such contact, the caller may not, or the database fails.
    pub async fn reveal_contact(
        &self,
        caller: &Caller,
        id: ContactId,
    ) -> Result<StoredRecord, ExecuteError> {
        let stored = self.store.record(RecordKind::Contact, id.0).await?;
        let stored = stored.ok_or(ExecuteError::NotFound("contact"))?;
        if !stored.record.is_protected() {
            return Ok(stored);
        }
        let commit = Commit {
            records: vec![self.judge_reveal(caller, &stored, Revealed::Protected)?],
            ..Commit::default()
        };
        self.store.commit(commit).await.map_err(commit_failed)?;
        Ok(stored)
    }

    /// What the record refers to must be there, and its own keys must be free.
    async fn check_keys(&self, stored: &StoredRecord) -> Result<(), ExecuteError> {
        let id = stored.record.id();
        let (property, container) = match &stored.record {
            Record::Property(_) => (None, None),
            Record::Container(one) => (one.property, None),
            Record::Agreement(one) => (one.property, one.container),
            Record::Contact(one) => (one.property, None),
        };
        if let Some(property) = property
            && self.store.property(property).await?.is_none()
        {
            return Err(refusal("property", Fault::Unknown).into());
        }
        if let Some(container) = container
            && self.store.container(container).await?.is_none()
        {
            return Err(refusal("container", Fault::Unknown).into());
        }
        let (field, same) = match &stored.record {
            Record::Property(one) => {
                let number = (one.municipality_code.as_str(), one.property_number.as_str());
                let same = self.store.properties_numbered(&[number]).await?;
                ("propertyNumber", same)
            }
            Record::Container(one) => {
                let same = self.store.containers_printed(&[&one.container_id]).await?;
                ("containerId", same)
            }
            Record::Agreement(_) | Record::Contact(_) => ("", Vec::new()),
        };
        free(field, &same, id)?;
        if let Some(external) = &stored.external {
            let (kind, key) = (stored.record.kind(), external.key.as_str());
            let same = self
                .store
                .records_by_keys(kind, &external.source, &[key])
                .await?;
            free("external.key", &same, id)?;
        }
        Ok(())
    }
}

/// Nobody else has the key.
fn free(field: &str, same: &[StoredRecord], id: Uuid) -> Result<(), Rejection> {
    match same.iter().any(|other| other.record.id() != id) {
        true => Err(refusal(field, Fault::Taken)),
        false => Ok(()),
    }
}
