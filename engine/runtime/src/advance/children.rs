//! Runs that a run starts: their start, their end as an input of the run that awaits it, and their cancellation.

use super::effects::Transition;
use super::store_error;
use crate::follow::{DEEPEST, id_from};
use sagsgang_domain::{CaseId, InstanceId, Timestamp};
use sagsgang_flow::{Input, Outcome, WorkflowError, WorkflowRef};
use sagsgang_store::{CommitError, InstanceRow, JsonText, Parent, PendingInput};
use serde_json::Value;
use sha2::{Digest, Sha256};

impl Transition<'_> {
    /// Starts a run in the same commit. The answer is an input only where the run could not be started.
    pub(super) async fn run_child(
        &mut self,
        key: String,
        workflow: &WorkflowRef,
        input: Value,
        awaits: bool,
    ) -> Result<Option<Input>, CommitError> {
        let catalog = self.engine.catalog();
        let found = match workflow.version.as_str() {
            "latest" => catalog.active_workflow(&workflow.name),
            version => catalog.workflow(&workflow.name, version),
        };
        let refusal = match &found {
            None => Some(format!(
                "no workflow {} is published in version {}",
                workflow.name, workflow.version
            )),
            Some(_) if self.draft.depth >= DEEPEST => {
                let incident = self
                    .engine
                    .loop_incident(&self.draft, &workflow.name, self.run.case)
                    .await
                    .map_err(store_error)?;
                let detail = format!("workflows run each other without end: {}", incident.detail);
                self.draft.commit.incidents.push(incident);
                Some(detail)
            }
            Some(_) => None,
        };
        if let Some(published) = found.filter(|_| refusal.is_none()) {
            let case = case_in(&input).or(self.run.case);
            let version = published.workflow.document.version.clone();
            let id = self
                .engine
                .start_in(&mut self.draft, published.name(), version, case, input);
            if awaits {
                self.await_child(id, key);
            }
            return Ok(None);
        }
        let error = WorkflowError::standard("configuration", refusal.unwrap_or_default());
        if awaits {
            return Ok(Some(Input::CallDone {
                key,
                result: Err(error),
            }));
        }
        // Nobody waits for an answer, so a person has to hear of it.
        if self.draft.depth < DEEPEST {
            let incident = super::effects::incident(
                &self.run,
                "workflow-faulted",
                &error.to_string(),
                self.draft.now,
            );
            self.draft.commit.incidents.push(incident);
        }
        Ok(None)
    }

    /// Notes in the row of a run that was just started that its end is awaited.
    fn await_child(&mut self, id: InstanceId, key: String) {
        let parent = Parent {
            run: self.run.id,
            key: Some(key),
        };
        let written = self.draft.commit.instances.iter_mut();
        let started = self.draft.started.iter_mut().map(|(row, _)| row);
        for row in written.map(|write| &mut write.row).chain(started) {
            if row.id == id {
                row.parent = Some(parent.clone());
            }
        }
    }

    /// Cancels the run that is awaited under a key; one that this very commit would start is not started.
    pub(super) async fn cancel_children(&mut self, key: &str) -> Result<(), CommitError> {
        let run = self.run.id;
        let awaited = |row: &InstanceRow| {
            row.parent
                .as_ref()
                .is_some_and(|parent| parent.run == run && parent.key.as_deref() == Some(key))
        };
        let commit = &mut self.draft.commit;
        commit
            .instances
            .retain(|write| write.expected.is_some() || !awaited(&write.row));
        self.draft.started.retain(|(row, input)| {
            let keep = !awaited(row);
            if !keep {
                commit.inputs.retain(|other| other.id != input.id);
            }
            keep
        });
        for child in self.engine.store.awaited_instances(run, key).await? {
            if child.status.has_ended() {
                continue;
            }
            let reason = "the run that awaited it went on without it".to_owned();
            let input = Input::Cancel { reason };
            commit.inputs.push(PendingInput {
                id: crate::chance::new_id(self.draft.now),
                instance: child.id,
                input: JsonText::of(&input),
                at: self.draft.now,
            });
            self.draft.woken.push(child.id);
        }
        Ok(())
    }

    /// Gives the run that awaits this one its end. Whether there is one: then an error is its matter, and it can catch
    /// it, so that it is no incident here.
    pub(super) async fn tell_parent(&mut self, outcome: &Outcome) -> Result<bool, CommitError> {
        let Some(Parent {
            run,
            key: Some(key),
        }) = self.run.parent.clone()
        else {
            return Ok(false);
        };
        let waits = match self.engine.store.instance(run).await? {
            Some(parent) => !parent.status.has_ended(),
            // It began in the commit that is being made.
            None => true,
        };
        if waits {
            let input = end_input(self.run.id, run, key, outcome, self.draft.now);
            self.draft.give(input);
            self.draft.woken.push(run);
        }
        Ok(waits)
    }
}

/// The end of a run as an input of the run that awaits it. Its id comes from what it is, so that it is given once.
pub(super) fn end_input(
    child: InstanceId,
    parent: InstanceId,
    key: String,
    outcome: &Outcome,
    now: Timestamp,
) -> PendingInput {
    let mut digest = Sha256::new();
    digest.update(child.0.as_bytes());
    digest.update(b"ended");
    let input = Input::CallDone {
        key,
        result: outcome.as_result(),
    };
    PendingInput {
        id: id_from(digest),
        instance: parent,
        input: JsonText::of(&input),
        at: now,
    }
}

/// The case that an input names: `caseId`, or the id of `case`.
pub(crate) fn case_in(input: &Value) -> Option<CaseId> {
    [&input["caseId"], &input["case"]["id"], &input["case"]]
        .into_iter()
        .find_map(|value| value.as_str()?.parse().ok())
}
