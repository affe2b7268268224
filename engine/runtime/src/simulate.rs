//! What would have happened: the newest runs of a workflow against a version that is not published. Nothing is sent.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_definition::Workflow;
use sagsgang_domain::{CaseId, InstanceId, Timestamp};
use sagsgang_flow::whatif::{Difference, Recording, differences};
use sagsgang_flow::{Effect, Input};
use sagsgang_store::{InstanceRow, JournalRow};
use serde_json::Value;

/// What would be different for a run.
#[derive(Clone, Debug, PartialEq)]
pub struct WhatIf {
    /// The run.
    pub run: InstanceId,
    /// Its case.
    pub case: Option<CaseId>,
    /// The version that it ran with.
    pub version: String,
    /// What would be different, or why that cannot be told.
    pub outcome: Result<Vec<Difference>, String>,
}

/// Journal entries read at once.
const BATCH: u32 = 1_000;
/// Longer journals are not gone through.
const MOST_ENTRIES: usize = 20_000;

impl Engine {
    /// Holds the newest runs of a workflow, the newest first, against another version of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn what_if(
        &self,
        definition: &Workflow,
        last: u32,
    ) -> Result<Vec<WhatIf>, EngineError> {
        let document = &definition.document;
        let name = format!("{}/{}", document.namespace, document.name);
        let mut found = Vec::new();
        for run in self.store.instances_of_workflow(&name, None, last).await? {
            let outcome = self.hold_against(&run, &name, definition).await?;
            found.push(WhatIf {
                run: run.id,
                case: run.case,
                version: run.version,
                outcome,
            });
        }
        Ok(found)
    }

    async fn hold_against(
        &self,
        run: &InstanceRow,
        name: &str,
        definition: &Workflow,
    ) -> Result<Result<Vec<Difference>, String>, EngineError> {
        let Some(published) = self.catalog().workflow(name, &run.version) else {
            return Ok(Err(format!(
                "version {} is not published any more",
                run.version
            )));
        };
        let recording = match self.recording(run).await? {
            Ok(recording) => recording,
            Err(problem) => return Ok(Err(problem)),
        };
        let before = recording.course(&published.workflow, run.id);
        let after = recording.course(definition, run.id);
        Ok(Ok(differences(&before, &after)))
    }

    /// What happened to a run, from its journal; the inner error says why that cannot be told.
    pub(crate) async fn recording(
        &self,
        run: &InstanceRow,
    ) -> Result<Result<Recording, String>, EngineError> {
        let mut journal: Vec<(Timestamp, Input, Vec<Effect>)> = Vec::new();
        let mut after = 0;
        loop {
            let rows = self.store.journal(run.id, after, BATCH).await?;
            let Some(last) = rows.last() else { break };
            after = last.seq;
            for row in rows.into_iter().filter(|row| !is_late(row)) {
                let read =
                    (row.input.read()).and_then(|input| Ok((row.at, input, row.effects.read()?)));
                match read {
                    Ok(entry) => journal.push(entry),
                    Err(error) => return Ok(Err(format!("journal entry {}: {error}", row.seq))),
                }
            }
            if journal.len() > MOST_ENTRIES {
                return Ok(Err(format!(
                    "its journal has more than {MOST_ENTRIES} entries"
                )));
            }
        }
        let recording = Recording::read(journal);
        Ok(recording.ok_or_else(|| "it has not begun".to_owned()))
    }
}

/// Whether an entry is only about a result that came too late.
pub(crate) fn is_late(row: &JournalRow) -> bool {
    let input = row.input.read::<Value>();
    input.is_ok_and(|input| input["kind"] == "late")
}
