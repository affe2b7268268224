//! Workflows that start by the clock. When each is due next is a row; a start and the next due time are one commit,
//! guarded by the due time that was read, so that neither a crash nor a second node nor a clock that goes back doubles it.

use crate::catalog::Catalog;
use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError, commit_failed};
use sagsgang_definition::workflow::{Clock, Overlap};
use sagsgang_domain::Timestamp;
use sagsgang_flow::schedule;
use sagsgang_store::{CommitError, ScheduleRow, ScheduleWrite};
use serde_json::json;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Workflows that are looked at in one round.
const BATCH: u32 = 100;

impl Engine {
    /// Workflows (`namespace/name`) that start by the clock, and when each does next.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_starts(&self) -> Result<BTreeMap<String, Timestamp>, EngineError> {
        let rows = self.store.schedules().await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| Some((row.workflow, row.due?)))
            .collect())
    }

    pub(crate) async fn run_schedules(self: Arc<Self>) {
        let mut seen = None;
        while self.pause_schedules().await {
            let catalog = self.catalog();
            let is_new = seen
                .as_ref()
                .is_none_or(|seen| !Arc::ptr_eq(seen, &catalog));
            if is_new {
                match self.note_schedules(&catalog).await {
                    Ok(()) => seen = Some(catalog),
                    Err(error) => tracing::warn!(%error, "schedules could not be noted"),
                }
            }
            if let Err(error) = self.start_due().await {
                tracing::warn!(%error, "workflows that are due could not be started");
            }
        }
    }

    /// Brings the rows in step with what is published: workflows that begin to start by the clock, that do so by another
    /// rule, or that do not any more.
    async fn note_schedules(&self, catalog: &Catalog) -> Result<(), EngineError> {
        let now = self.now();
        let mut kept = HashSet::new();
        let known = self.store.schedules().await?;
        for published in catalog.active_clocks() {
            let Some(clock) = published.workflow.clock() else {
                continue;
            };
            let zone = &published.workflow.zone;
            let row = ScheduleRow {
                workflow: published.name(),
                version: published.workflow.document.version.clone(),
                rule: clock.rule(zone),
                due: schedule::first_due(&published.workflow, clock, now),
                last_run: None,
            };
            kept.insert(row.workflow.clone());
            let same = known
                .iter()
                .any(|known| known.workflow == row.workflow && known.rule == row.rule);
            if !same {
                self.store.put_schedule(&row).await?;
            }
        }
        for row in known.iter().filter(|row| !kept.contains(&row.workflow)) {
            self.store.remove_schedule(&row.workflow).await?;
        }
        Ok(())
    }

    async fn start_due(&self) -> Result<(), ExecuteError> {
        for row in self
            .store
            .ended_schedules()
            .await
            .map_err(EngineError::from)?
        {
            self.await_next(row).await?;
        }
        let due = self
            .store
            .due_schedules(self.now(), BATCH)
            .await
            .map_err(EngineError::from)?;
        for row in due {
            match self.start_scheduled(row).await {
                // Another node was quicker.
                Ok(()) | Err(CommitError::Conflict) => {}
                Err(error) => return Err(commit_failed(error)),
            }
        }
        Ok(())
    }

    /// A workflow that runs so long after its last run ended is due then.
    async fn await_next(&self, ended: ScheduleRow) -> Result<(), ExecuteError> {
        let catalog = self.catalog();
        let published = catalog.active_workflow(&ended.workflow);
        let Some(Clock::After(span)) = published
            .as_ref()
            .and_then(|published| published.workflow.clock())
        else {
            return Ok(());
        };
        let zone = published.as_ref().map(|published| &published.workflow.zone);
        let due = match (ended.due, zone) {
            (Some(end), Some(zone)) => span.after(end, zone),
            _ => return Ok(()),
        };
        let mut draft = Draft::new(self.now(), 0);
        draft.commit.schedules.push(ScheduleWrite {
            expected: None,
            row: ScheduleRow {
                due: Some(due),
                ..ended
            },
        });
        match self.write(draft).await {
            Ok(()) | Err(CommitError::Conflict) => Ok(()),
            Err(error) => Err(commit_failed(error)),
        }
    }

    async fn start_scheduled(&self, row: ScheduleRow) -> Result<(), CommitError> {
        let catalog = self.catalog();
        let (Some(published), Some(due)) = (catalog.active_workflow(&row.workflow), row.due) else {
            return Ok(());
        };
        let Some(clock) = published.workflow.clock() else {
            return Ok(());
        };
        let now = self.now();
        let workflow = &published.workflow;
        let busy = workflow.overlap != Overlap::Allow && self.is_running(&row).await?;
        let Some(plan) = schedule::due(workflow, clock, due, now, busy) else {
            return Ok(());
        };
        let mut draft = Draft::new(now, 0);
        let mut last_run = row.last_run;
        let version = &published.workflow.document.version;
        for time in &plan.starts {
            let input = json!({ "scheduledFor": time });
            let name = row.workflow.clone();
            last_run = Some(self.start_in(&mut draft, name, version.clone(), None, input));
        }
        draft.commit.schedules.push(ScheduleWrite {
            expected: Some(due),
            row: ScheduleRow {
                version: version.clone(),
                due: plan.next,
                last_run,
                ..row
            },
        });
        self.write(draft).await
    }

    async fn is_running(&self, row: &ScheduleRow) -> Result<bool, CommitError> {
        let Some(run) = row.last_run else {
            return Ok(false);
        };
        let run = self.store.instance(run).await?;
        Ok(run.is_some_and(|run| !run.status.has_ended()))
    }
}
