//! Workflows that several events start together: what has come is kept until it is enough, each event once.

use crate::catalog::PublishedWorkflow;
use crate::chance::new_id;
use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::ExecuteError;
use crate::follow::{CloudEvent, DEEPEST};
use sagsgang_definition::Data;
use sagsgang_definition::workflow::Gathered;
use sagsgang_domain::CaseId;
use sagsgang_store::{GatheringRow, GatheringWrite, Incident};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Events that starts of the same values may wait with, all together.
const MOST_EVENTS: usize = 1_000;

/// A start that waits for more events.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Waiting {
    events: Vec<Data>,
    /// The cases that the events are of; `null` for one that is of none.
    cases: Vec<Option<CaseId>>,
    /// How many runs lie between a person and the deepest of the events.
    depth: u32,
}

impl Waiting {
    /// The case of the run: the one that all events of cases are of.
    fn case(&self) -> Option<CaseId> {
        let mut cases = self.cases.iter().flatten();
        let first = cases.next()?;
        cases.all(|case| case == first).then_some(*first)
    }
}

impl Engine {
    /// Gives an event to a workflow that needs several. It belongs to the start that has waited longest for it, or begins
    /// another one; the last one starts the run, in the same commit. Changes of this process take turns at it; one of
    /// another node is found by the guard of the row, and then everything is decided anew.
    pub(crate) async fn gather(
        &self,
        draft: &mut Draft,
        published: &PublishedWorkflow,
        event: &CloudEvent,
    ) -> Result<(), ExecuteError> {
        let workflow = &published.workflow;
        let Some(key) = workflow.gathering_key(event.data()) else {
            return Ok(());
        };
        if draft.gathering.is_none() {
            draft.gathering = Some(Arc::clone(&self.gathering).lock_owned().await);
        }
        let name = published.name();
        let (expected, mut waiting) = self.waiting_starts(draft, &name, &key).await?;
        let mut found = None;
        for (place, start) in waiting.iter().enumerate() {
            match workflow.gather(&start.events, event.data()) {
                Gathered::Refused => {}
                taken => {
                    found = Some((place, taken));
                    break;
                }
            }
        }
        let (place, taken) = match found {
            Some(found) => found,
            None => match workflow.gather([], event.data()) {
                Gathered::Refused => return Ok(()),
                taken => {
                    waiting.push(Waiting::default());
                    (waiting.len() - 1, taken)
                }
            },
        };
        let start = &mut waiting[place];
        start.events.push(event.data().clone());
        start.cases.push(event.case);
        start.depth = start.depth.max(draft.depth);
        match taken {
            Gathered::Complete(input) => {
                let start = waiting.remove(place);
                self.start_gathered(draft, published, &start, input).await?;
            }
            _ => {
                let held: usize = waiting.iter().map(|start| start.events.len()).sum();
                if held > MOST_EVENTS {
                    let longest = waiting.remove(0);
                    draft
                        .commit
                        .incidents
                        .push(overfull(draft, &name, &longest));
                }
            }
        }
        let row = GatheringRow {
            workflow: name,
            key,
            seq: expected.unwrap_or_default() + 1,
            body: json!(waiting),
            updated_at: draft.now,
        };
        let gatherings = &mut draft.commit.gatherings;
        gatherings.retain(|write| write.row.workflow != row.workflow || write.row.key != row.key);
        // What this very commit began and completed was never there.
        if expected.is_some() || !waiting.is_empty() {
            gatherings.push(GatheringWrite {
                expected,
                row,
                is_empty: waiting.is_empty(),
            });
        }
        Ok(())
    }

    /// The starts that wait, as this change has left them or as they were read, and what they are guarded by.
    async fn waiting_starts(
        &self,
        draft: &Draft,
        workflow: &str,
        key: &str,
    ) -> Result<(Option<u64>, Vec<Waiting>), ExecuteError> {
        let mut changed = draft.commit.gatherings.iter();
        let changed = changed.find(|write| write.row.workflow == workflow && write.row.key == key);
        let (expected, body) = match changed {
            Some(write) => (write.expected, Some(write.row.body.clone())),
            None => {
                let row = self.store.gathering(workflow, key).await?;
                (row.as_ref().map(|row| row.seq), row.map(|row| row.body))
            }
        };
        let waiting = body.map(serde_json::from_value).transpose();
        let waiting = waiting.map_err(sagsgang_store::StoreError::Corrupt)?;
        Ok((expected, waiting.unwrap_or_default()))
    }

    async fn start_gathered(
        &self,
        draft: &mut Draft,
        published: &PublishedWorkflow,
        start: &Waiting,
        input: Value,
    ) -> Result<(), ExecuteError> {
        let depth = draft.depth;
        draft.depth = depth.max(start.depth);
        if draft.depth >= DEEPEST {
            let name = published.name();
            let incident = self.loop_incident(draft, &name, start.case()).await?;
            draft.commit.incidents.push(incident);
        } else {
            let version = published.workflow.document.version.clone();
            self.start_in(draft, published.name(), version, start.case(), input);
        }
        draft.depth = depth;
        Ok(())
    }
}

/// The start that has waited longest, where too many events wait: its events are let go, and a person hears of it.
fn overfull(draft: &Draft, workflow: &str, start: &Waiting) -> Incident {
    let ids: Vec<Data> = start
        .events
        .iter()
        .filter_map(|event| event.get("id"))
        .collect();
    Incident {
        id: new_id(draft.now),
        instance: None,
        case: start.case(),
        plugin: None,
        code: "start-overfull".to_owned(),
        title: format!("{workflow} was not started: its events never become enough"),
        detail: json!({ "events": ids }).to_string(),
        open: true,
        at: draft.now,
        resolved: None,
        reason: None,
    }
}
