//! Many runs of a workflow moved to another version of it, each by itself and each with its reason.

use super::{RunDecision, checked, stored_state};
use crate::engine::Engine;
use crate::error::ExecuteError;
use sagsgang_definition::{Sentence, say};
use sagsgang_domain::{Caller, CaseId, InstanceId, Rejection, Right};
use sagsgang_flow::State;
use sagsgang_store::{InstanceRow, InstanceStatus};
use std::sync::Arc;

/// Runs that are moved at once.
pub const MOST_MOVED: u32 = 1_000;

/// Which runs are to be moved, and where to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunMigration {
    /// `namespace/name` of the workflow.
    pub workflow: String,
    /// The published version that they are to get.
    pub to: String,
    /// The version that they have; all others than `to` where none is named.
    pub from: Option<String>,
    /// Only try each.
    pub dry_run: bool,
    /// Why, for the journal of each run; not needed for a trial.
    pub reason: String,
    /// Those after a run: the next part.
    pub after: Option<InstanceId>,
    /// Most runs in this part, at most [`MOST_MOVED`].
    pub limit: u32,
}

/// What becomes of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedRun {
    /// The run.
    pub run: InstanceId,
    /// Its case.
    pub case: Option<CaseId>,
    /// The version that it had.
    pub from: String,
    /// Names of the tasks at which it stands.
    pub standing: Vec<String>,
    /// Why it stays; nothing where it was moved, or could be.
    pub reasons: Vec<Sentence>,
}

/// A part of the runs, by their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedRuns {
    /// What becomes of each; none of a part in which all had failed for good.
    pub runs: Vec<MovedRun>,
    /// The last run of this part, where others follow.
    pub next: Option<InstanceId>,
}

impl Engine {
    /// Moves the runs of a workflow that have not ended to another version, or tries each. A run that cannot be moved stays
    /// as it is, with the reasons, and the others go on. Whoever asks again for what is left goes on with `after`; a run
    /// that has the version already is passed over, so that it may be begun again at any time.
    ///
    /// # Errors
    /// When there is no such version, the reason is missing, the caller may not, or the database fails.
    pub async fn migrate_runs(
        self: &Arc<Self>,
        caller: &Caller,
        asked: &RunMigration,
    ) -> Result<MovedRuns, ExecuteError> {
        if !caller.may(Right::OperateRuns) {
            let right = Right::OperateRuns;
            return Err(Rejection::NotAllowed { right }.into());
        }
        if !asked.dry_run {
            checked(&asked.reason)?;
        }
        let catalog = self.catalog();
        if catalog.workflow(&asked.workflow, &asked.to).is_none() {
            let (version, workflow) = (&asked.to, &asked.workflow);
            let message = say!(
                "version {version} of {workflow} is not published",
                version,
                workflow
            );
            return Err(ExecuteError::RunState(message));
        }
        let limit = asked.limit.clamp(1, MOST_MOVED);
        let mut found = self
            .store
            .instances_to_move(
                &asked.workflow,
                &asked.to,
                asked.from.as_deref(),
                asked.after,
                limit + 1,
            )
            .await?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let next = found.last().filter(|_| more).map(|run| run.id);
        let mut runs = Vec::with_capacity(found.len());
        for run in found {
            let state = stored_state(&run).ok().flatten();
            let is_held = state.as_ref().is_some_and(|state| state.held().is_some());
            // A run that has failed and cannot go on has ended.
            if is_held || run.status != InstanceStatus::Faulted {
                runs.push(self.migrate_one(caller, asked, run, state.as_ref()).await?);
            }
        }
        Ok(MovedRuns { runs, next })
    }

    async fn migrate_one(
        self: &Arc<Self>,
        caller: &Caller,
        asked: &RunMigration,
        run: InstanceRow,
        state: Option<&State>,
    ) -> Result<MovedRun, ExecuteError> {
        let standing = self.standing_at(&run, state);
        let outcome = match asked.dry_run {
            true => self.try_migration(run.id, &asked.to).await,
            false => {
                let version = asked.to.clone();
                let decision = RunDecision::Migrate { version };
                let reason = asked.reason.trim();
                self.carry_out_decision(caller, run.id, &decision, reason)
                    .await
            }
        };
        let reasons = match outcome {
            Ok(()) => Vec::new(),
            Err(ExecuteError::CannotMigrate(reasons)) => reasons,
            Err(ExecuteError::RunState(reason)) => vec![reason],
            Err(ExecuteError::Conflict) => {
                vec!["it moved on meanwhile, again and again; try it once more".into()]
            }
            Err(error) => return Err(error),
        };
        Ok(MovedRun {
            run: run.id,
            case: run.case,
            from: run.version,
            standing,
            reasons,
        })
    }

    /// Names of the tasks at which a run stands.
    fn standing_at(&self, run: &InstanceRow, state: Option<&State>) -> Vec<String> {
        let Some(state) = state else {
            return Vec::new();
        };
        if let Some(held) = state.held() {
            let task = held.task.iter();
            return task.map(|task| task.name.to_string()).collect();
        }
        let Some(published) = self.published_of(run, &run.version) else {
            return Vec::new();
        };
        let waits = state.waits();
        let names = waits
            .iter()
            .map(|wait| &published.workflow.task(wait.task).name);
        names.map(ToString::to_string).collect()
    }
}
