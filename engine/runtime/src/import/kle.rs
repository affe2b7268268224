//! A batch of the classification: codes with their titles.

use super::reason::Reason;
use super::{Import, ImportRow, RowOutcome};
use crate::error::EngineError;
use sagsgang_domain::KleEntry;
use std::collections::HashMap;
use uuid::Uuid;

impl Import {
    pub(super) async fn kle(
        &mut self,
        rows: &[ImportRow],
        keys: Vec<Result<String, Reason>>,
    ) -> Result<Vec<RowOutcome>, EngineError> {
        let codes: Vec<&str> = keys.iter().flatten().map(String::as_str).collect();
        let known = self.engine.store.kle_named(&codes).await?;
        let known: HashMap<&str, &KleEntry> =
            known.iter().map(|one| (one.code.as_str(), one)).collect();
        let mut outcomes = Vec::with_capacity(rows.len());
        let mut changed = Vec::new();
        for (row, key) in rows.iter().zip(keys) {
            let judged = key.and_then(|code| {
                let before = known.get(code.as_str()).copied();
                self.entry(row, code, before).map(|entry| (entry, before))
            });
            outcomes.push(match judged {
                Err(reason) => RowOutcome::Rejected(reason),
                Ok((entry, Some(before))) if entry == *before => RowOutcome::Unchanged,
                Ok((entry, before)) => {
                    changed.push(entry);
                    match before {
                        Some(_) => RowOutcome::Changed,
                        None => RowOutcome::Created,
                    }
                }
            });
        }
        if !self.plan.dry_run && !changed.is_empty() {
            self.engine.store.keep_kle(&changed).await?;
        }
        Ok(outcomes)
    }

    fn entry(
        &self,
        row: &ImportRow,
        code: String,
        before: Option<&KleEntry>,
    ) -> Result<KleEntry, Reason> {
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let uuid = match self.value(row, "uuid") {
            Some("") => None,
            Some(text) => {
                let read = Uuid::parse_str(text);
                Some(read.map_err(|_| Reason::NoUuid(text.to_owned()))?)
            }
            None => before.and_then(|known| known.uuid),
        };
        let title = self.value(row, "title").map(str::to_owned);
        let entry = KleEntry {
            title: title
                .or_else(|| before.map(|known| known.title.clone()))
                .unwrap_or_default(),
            date: match self.value(row, "date") {
                Some(text) => filled(text),
                None => before.and_then(|known| known.date.clone()),
            },
            uuid,
            code,
        };
        entry.check().map_err(Reason::Kle)?;
        Ok(entry)
    }
}
