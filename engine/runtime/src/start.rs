//! Starting a run by hand.

use crate::advance::case_in;
use crate::catalog::PublishedWorkflow;
use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError, commit_failed};
use crate::execute::Request;
use crate::read::RunView;
use sagsgang_domain::{Caller, InstanceId, Rejection, Right};
use sagsgang_store::{CommitError, InstanceRow};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// A run that was started, and what it is now where that is known.
type Started = (InstanceId, Option<InstanceRow>);

/// A run that is to start.
struct Start<'a> {
    published: &'a PublishedWorkflow,
    input: &'a Value,
    request: Option<&'a Request>,
}

impl Engine {
    /// Starts a run by hand. A request that is repeated gets the run that it started. With `wait`, the answer comes when
    /// it has ended or waits, at the latest after that time.
    ///
    /// # Errors
    /// When there is no such workflow, the caller may not, or the database fails.
    pub async fn start_run(
        self: &Arc<Self>,
        caller: &Caller,
        workflow: &str,
        input: Value,
        request: Option<Request>,
        wait: Option<Duration>,
    ) -> Result<RunView, ExecuteError> {
        if !caller.may(Right::OperateRuns) {
            return Err(Rejection::NotAllowed {
                right: Right::OperateRuns,
            }
            .into());
        }
        let request = request.as_ref();
        if let Some(id) = self.made_before::<InstanceId>(request).await? {
            return self.started(id, None).await;
        }
        let published = self
            .catalog()
            .active_workflow(workflow)
            .ok_or(ExecuteError::NotFound("workflow"))?;
        let start = Start {
            published: &published,
            input: &input,
            request,
        };
        let (id, row) = match self.start_ahead(&start, wait).await? {
            Some(started) => started,
            None => self.start_first(&start, wait).await?,
        };
        self.started(id, row).await
    }

    /// The run as it is now; read where nobody told it.
    async fn started(
        &self,
        id: InstanceId,
        row: Option<InstanceRow>,
    ) -> Result<RunView, ExecuteError> {
        match row {
            Some(row) => Ok(self.whole_view(row).await?),
            None => self.run(id).await?.ok_or(ExecuteError::NotFound("run")),
        }
    }

    fn draft_start(&self, start: &Start<'_>) -> (Draft, InstanceId) {
        let mut draft = Draft::new(self.now(), 0);
        let (name, input) = (start.published.name(), start.input.clone());
        let version = start.published.workflow.document.version.clone();
        let id = self.start_in(&mut draft, name, version, case_in(start.input), input);
        draft.commit.request = start.request.map(|request| request.made(id, draft.now));
        (draft, id)
    }

    /// Starts a run and steps it in one commit, as with a new case (`docs/decisions/0006-an-intake-is-one-commit.md`).
    /// `None` where that takes long or does not go well; nothing is written then.
    async fn start_ahead(
        self: &Arc<Self>,
        start: &Start<'_>,
        wait: Option<Duration>,
    ) -> Result<Option<Started>, ExecuteError> {
        let (mut draft, id) = self.draft_start(start);
        let waiting = wait.map(|most| (self.settled.register(&[id]), most));
        if let Some(case) = case_in(start.input)
            && let Some(case) = self.store.case(case).await.map_err(EngineError::Store)?
        {
            // A run of a case type that is gone still runs; only commands on the case are refused.
            let _ = draft.take(self, case);
        }
        let Some((draft, afters)) = self.run_ahead(draft).await else {
            return Ok(None);
        };
        match self.write(draft).await {
            Ok(()) => afters.into_iter().for_each(|after| self.carry_on(after)),
            Err(CommitError::Repeated) => {
                let earlier = self.earlier_run(start.request).await?;
                return Ok(Some((earlier, None)));
            }
            // Its case changed meanwhile: it is written first and finds the case as it is then.
            Err(CommitError::Conflict | CommitError::NoRoom) => return Ok(None),
            Err(error) => return Err(commit_failed(error)),
        }
        let row = match waiting {
            Some((waiting, most)) => waiting.wait(most).await.pop(),
            None => None,
        };
        Ok(Some((id, row)))
    }

    /// Starts a run that a worker steps once it is written.
    async fn start_first(
        &self,
        start: &Start<'_>,
        wait: Option<Duration>,
    ) -> Result<Started, ExecuteError> {
        let (draft, id) = self.draft_start(start);
        let waiting = wait.map(|most| (self.settled.register(&[id]), most));
        match self.write(draft).await {
            Err(CommitError::Repeated) => {
                return Ok((self.earlier_run(start.request).await?, None));
            }
            written => written.map_err(commit_failed)?,
        }
        let row = match waiting {
            Some((waiting, most)) => waiting.wait(most).await.pop(),
            None => None,
        };
        Ok((id, row))
    }

    /// The run that the same request started before.
    async fn earlier_run(&self, request: Option<&Request>) -> Result<InstanceId, ExecuteError> {
        let earlier = self.made_before::<InstanceId>(request).await?;
        earlier.ok_or(ExecuteError::Conflict)
    }
}
