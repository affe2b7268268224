//! Closing an incident that no decision about a run closes.

use crate::advance::{awaited, reason_of};
use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError, commit_failed};
use crate::execute::TRIES;
use sagsgang_definition::say;
use sagsgang_domain::command::WorkflowRecord;
use sagsgang_domain::{Caller, Cause, Command, Rejection, Right, Role};
use sagsgang_store::{CommitError, Incident, InstanceRow, InstanceStatus};
use uuid::Uuid;

impl Engine {
    /// Says that an incident is dealt with, of which no run can go on: it belongs to none, or its run has ended. The incident
    /// says who closed it, and why; for one of a run the history of its case says so too. Answers with the incident.
    ///
    /// # Errors
    /// When there is no such incident, it is closed already, its run can still go on (then that is what is to be decided),
    /// the reason is missing or too long, the caller may not, or the database fails.
    pub async fn close_incident(
        &self,
        caller: &Caller,
        id: Uuid,
        reason: &str,
    ) -> Result<Incident, ExecuteError> {
        if !caller.may(Right::OperateRuns) {
            let right = Right::OperateRuns;
            return Err(Rejection::NotAllowed { right }.into());
        }
        let reason = reason_of(reason)?;
        for _ in 0..TRIES {
            let found = self.store.incident(id).await?;
            let mut incident = found.ok_or(ExecuteError::NotFound("incident"))?;
            if !incident.open {
                return Err(ExecuteError::RunState(
                    "the incident is closed already".into(),
                ));
            }
            let run = match incident.instance {
                Some(run) => self.store.instance(run).await?,
                None => None,
            };
            if let Some(run) = run.as_ref().filter(|run| can_go_on(run)) {
                let workflow = &run.workflow;
                let message = say!(
                    "the run of {workflow} can still go on; decide about the run, which closes the incident",
                    workflow
                );
                return Err(ExecuteError::RunState(message));
            }
            let mut draft = Draft::new(self.now(), 0);
            incident.resolve(&caller.actor.name, reason, draft.now);
            if let Some(run) = run {
                self.record_closed(&mut draft, caller, &incident, run, reason)
                    .await?;
                self.follow(&mut draft).await?;
            }
            draft.commit.incidents.push(incident.clone());
            match self.write(draft).await {
                Ok(()) => {
                    self.announce("runs", 0);
                    return Ok(incident);
                }
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(commit_failed(error)),
            }
        }
        Err(ExecuteError::Conflict)
    }

    /// Whether an incident is open, and no decision about a run would close it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn can_close(&self, incident: &Incident) -> Result<bool, EngineError> {
        let run = match incident.instance {
            Some(run) if incident.open => self.store.instance(run).await?,
            _ => None,
        };
        Ok(incident.open && !run.is_some_and(|run| can_go_on(&run)))
    }

    /// Says so in the history of the case, in the person's name.
    async fn record_closed(
        &self,
        draft: &mut Draft,
        caller: &Caller,
        incident: &Incident,
        run: InstanceRow,
        reason: &str,
    ) -> Result<(), ExecuteError> {
        let Some(case) = incident.case.or(run.case) else {
            return Ok(());
        };
        let record = Command::RecordWorkflow {
            workflow: run.workflow.clone(),
            instance: run.id,
            state: WorkflowRecord::Closed,
            detail: Some(reason.to_owned()),
        };
        let cause = Cause {
            workflow: Some(run.workflow),
            instance: Some(run.id),
            ..Cause::default()
        };
        // Only the engine records what became of a run; that the person may close it was asked before.
        let engine = Caller {
            actor: caller.actor.clone(),
            roles: vec![Role::Workflow],
        };
        let told = crate::builtin::change(self, draft, &engine, &cause, case, vec![record], &[]);
        match told.await {
            Ok(_) => Ok(()),
            Err(error @ (ExecuteError::Engine(_) | ExecuteError::Conflict)) => Err(error),
            Err(error) => {
                tracing::warn!(incident = %incident.id, %error, "the case does not say that an incident was closed");
                Ok(())
            }
        }
    }
}

/// Whether a person can still decide about the run of an incident.
fn can_go_on(run: &InstanceRow) -> bool {
    match run.status {
        InstanceStatus::Completed | InstanceStatus::Cancelled => false,
        // The run that awaited it has taken its error.
        InstanceStatus::Faulted => !awaited(run),
        InstanceStatus::Ready | InstanceStatus::Waiting | InstanceStatus::Suspended => true,
    }
}
