//! Verifying every case's hash chain, and that its head is the fold of its history.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::{Case, CaseId, Entry, Event, chain, fold};
use uuid::Uuid;

/// Cases read at once.
const BATCH: u32 = 500;

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Cases looked at.
    pub cases: u64,
    /// History entries looked at.
    pub entries: u64,
    /// The first thing that is wrong, in words.
    pub first_bad: Option<String>,
}

impl Engine {
    /// Verifies all cases; stops at the first that is wrong. `on_progress` hears the number of cases so far.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify(
        &self,
        mut on_progress: impl FnMut(u64),
    ) -> Result<VerifyReport, EngineError> {
        let mut report = VerifyReport::default();
        let mut after = CaseId(Uuid::nil());
        loop {
            let ids = self.store.case_ids_after(after, BATCH).await?;
            let Some(last) = ids.last() else {
                return Ok(report);
            };
            after = *last;
            for id in ids {
                let entries = self.whole_history(id).await?;
                report.cases += 1;
                report.entries += entries.len() as u64;
                let Some(stored) = self.store.case(id).await? else {
                    continue;
                };
                if let Err(wrong) = check(&stored.case, stored.head.hash, &entries) {
                    report.first_bad = Some(format!("case {}: {wrong}", stored.case.number));
                    return Ok(report);
                }
            }
            on_progress(report.cases);
        }
    }

    /// All entries of a case's history, in order.
    pub(crate) async fn whole_history(&self, id: CaseId) -> Result<Vec<Entry>, EngineError> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let after = entries.last().map_or(0, |entry| entry.seq);
            let more = self.store.history(id, after, 1_000).await?;
            if more.is_empty() {
                return Ok(entries);
            }
            entries.extend(more);
        }
    }
}

fn check(case: &Case, head_hash: [u8; 32], entries: &[Entry]) -> Result<(), String> {
    let newest = chain::verify(entries).map_err(|broken| broken.to_string())?;
    if newest != head_hash {
        return Err("its newest entries are missing".to_owned());
    }
    let mut folded = None;
    for entry in entries {
        // An entry with erased values cannot be read back; its chain was verified above.
        let Ok(event) = Event::from_parts(&entry.kind, &entry.data) else {
            return Ok(());
        };
        folded = fold::apply(folded, &event, entry.version, entry.at);
    }
    if folded.as_ref() == Some(case) {
        Ok(())
    } else {
        Err("it is not the fold of its history".to_owned())
    }
}
