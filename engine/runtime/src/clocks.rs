//! Clocks of cases: rungs that are reached, and a calendar that has changed.

use crate::engine::Engine;
use crate::error::ExecuteError;
use sagsgang_domain::{Caller, CaseId, Command};
use sagsgang_store::StoreError;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use uuid::Uuid;

/// How often due rungs are looked for.
const POLL: Duration = Duration::from_millis(500);
/// Cases in one go; their changes share commits.
const BATCH: u32 = 200;

/// Versions of calendars that the clocks are projected by.
type Projected = HashMap<String, u32>;

impl Engine {
    pub(crate) async fn keep_clocks(self: Arc<Self>) {
        let mut projected = Projected::new();
        loop {
            if let Err(error) = self.follow_calendars(&mut projected).await {
                tracing::warn!(%error, "clocks could not be projected by the new calendar");
            }
            if let Err(error) = self.fire_rungs().await {
                tracing::warn!(%error, "due rungs could not be read");
            }
            if !self.pause(POLL, None).await {
                return;
            }
        }
    }

    async fn fire_rungs(self: &Arc<Self>) -> Result<(), StoreError> {
        loop {
            let cases = self.store.due_rungs(self.now(), BATCH).await?;
            let found = cases.len();
            let failed = self.ask_each(cases, &Command::FireRungs {}).await;
            // What failed would be found again at once.
            if found < BATCH as usize || failed > 0 || self.work.stopping.is_cancelled() {
                return Ok(());
            }
        }
    }

    /// Projects the clocks of open cases again where a calendar is in force by which they are not projected yet. How far
    /// that came is in the database, so that a stop in the midst of it only means that it is done once more.
    async fn follow_calendars(
        self: &Arc<Self>,
        projected: &mut Projected,
    ) -> Result<(), StoreError> {
        for calendar in self.catalog().calendars() {
            let (name, version) = (&calendar.name, calendar.version);
            if projected.get(name) == Some(&version) {
                continue;
            }
            let counter = format!("calendar {name}");
            if self.store.counter(&counter).await? != u64::from(version) {
                if !self.recalculate_clocks().await? {
                    return Ok(());
                }
                self.store.set_counter(&counter, u64::from(version)).await?;
            }
            projected.insert(name.clone(), version);
        }
        Ok(())
    }

    /// Whether it was carried to its end.
    async fn recalculate_clocks(self: &Arc<Self>) -> Result<bool, StoreError> {
        let mut after = CaseId(Uuid::nil());
        loop {
            let cases = self.store.open_case_ids(after, BATCH).await?;
            let Some(last) = cases.last().copied() else {
                return Ok(true);
            };
            after = last;
            let failed = self.ask_each(cases, &Command::RecalculateClocks {}).await;
            if failed > 0 || self.work.stopping.is_cancelled() {
                return Ok(false);
            }
        }
    }

    /// Asks a command of each case, all at the same time, and answers how many of them it failed on.
    async fn ask_each(self: &Arc<Self>, cases: Vec<CaseId>, command: &Command) -> usize {
        let mut asked = JoinSet::new();
        for case in cases {
            let (engine, commands) = (Arc::clone(self), vec![command.clone()]);
            asked.spawn(async move {
                let caller = Caller::system();
                let done = engine
                    .execute(&caller, &case.into(), commands, None, None)
                    .await;
                done.map(drop).map_err(|error| (case, error))
            });
        }
        let mut failed = 0;
        while let Some(outcome) = asked.join_next().await {
            let error = match outcome {
                // A case that is gone has no clocks.
                Ok(Ok(()) | Err((_, ExecuteError::NotFound(_)))) => continue,
                Ok(Err((case, error))) => format!("{case}: {error}"),
                Err(panic) => panic.to_string(),
            };
            failed += 1;
            tracing::warn!(%error, "a clock could not be kept");
        }
        failed
    }
}
