//! What a row refers to by a number or a key, found for a whole batch at once.

use super::reason::Reason;
use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::{Record, RecordKind, StoredRecord};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Records by the words that the file has for them.
#[derive(Default)]
pub(super) struct References(HashMap<(RecordKind, String), Uuid>);

impl References {
    /// Finds the records of a kind: properties by their numbers, containers by their printed ids, all by their keys in
    /// the register that the file comes from.
    pub(super) async fn find(
        &mut self,
        engine: &Engine,
        source: &str,
        kind: RecordKind,
        words: HashSet<&str>,
    ) -> Result<(), EngineError> {
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Ok(());
        }
        let own = match kind {
            RecordKind::Property => {
                let numbers: Vec<_> = words.iter().filter_map(|word| number(word)).collect();
                engine.store.properties_numbered(&numbers).await?
            }
            RecordKind::Container => engine.store.containers_printed(&words).await?,
            RecordKind::Agreement | RecordKind::Contact => Vec::new(),
        };
        let mut by_own: HashMap<String, Uuid> = HashMap::new();
        for found in own {
            by_own.insert(own_key(&found.record), found.record.id());
        }
        let mut rest = Vec::new();
        for word in words {
            let own = match (kind, number(word)) {
                (RecordKind::Property, Some((code, number))) => format!("{code}-{number}"),
                _ => word.to_owned(),
            };
            match by_own.get(&own) {
                Some(id) => drop(self.0.insert((kind, word.to_owned()), *id)),
                None => rest.push(word),
            }
        }
        if !rest.is_empty() {
            let found = engine.store.records_by_keys(kind, source, &rest).await?;
            for StoredRecord {
                record, external, ..
            } in found
            {
                if let Some(external) = external {
                    self.0.insert((kind, external.key), record.id());
                }
            }
        }
        Ok(())
    }

    /// The record that a word names; nothing for an empty word.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn get(&self, kind: RecordKind, word: &str) -> Result<Option<Uuid>, Reason> {
        if word.is_empty() {
            return Ok(None);
        }
        match self.0.get(&(kind, word.to_owned())) {
            Some(id) => Ok(Some(*id)),
            None => Err(Reason::NoRecord {
                kind,
                word: word.to_owned(),
            }),
        }
    }
}

/// The key that a record carries itself.
pub(super) fn own_key(record: &Record) -> String {
    match record {
        Record::Property(one) => format!("{}-{}", one.municipality_code, one.property_number),
        Record::Container(one) => one.container_id.clone(),
        Record::Agreement(_) | Record::Contact(_) => String::new(),
    }
}

/// Municipality code and property number, with or without a dash between them.
pub(super) fn number(word: &str) -> Option<(&str, &str)> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (code, number) = match word.split_once('-') {
        Some(parts) => parts,
        None if word.len() == 10 && word.is_ascii() => word.split_at(4),
        None => return None,
    };
    (code.len() == 4 && number.len() == 6 && digits(code) && digits(number))
        .then_some((code, number))
}
