//! Telling other systems how runs go: lifecycle events of the specification, queued for webhooks in the commit of the step.
//!
//! Those of workflows go to whoever hears of everything or asks for them; those of single tasks only to whoever asks for
//! them by name. They say which run and when, and nothing of its data: whoever wants that reads the run over the API.

use crate::draft::Draft;
use crate::engine::Engine;
use sagsgang_flow::{Effect, Input, Moment, Outcome, Status, Step};
use sagsgang_store::InstanceRow;
use serde_json::{Value, json};

/// How the types of the events begin and end, from the specification.
const PREFIX: &str = "io.serverlessworkflow";
const VERSION: &str = "v1";

/// What can happen to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunMoment {
    Started,
    Suspended,
    Resumed,
    Completed,
    Faulted,
    Cancelled,
}

impl RunMoment {
    fn word(self) -> &'static str {
        match self {
            RunMoment::Started => "started",
            RunMoment::Suspended => "suspended",
            RunMoment::Resumed => "resumed",
            RunMoment::Completed => "completed",
            RunMoment::Faulted => "faulted",
            RunMoment::Cancelled => "cancelled",
        }
    }
}

impl Engine {
    /// Tells of a step: that the run began or goes on after an error, what its tasks did, and that it ended.
    pub(crate) fn tell_of_step(
        &self,
        draft: &mut Draft,
        run: &InstanceRow,
        before: Option<Status>,
        input: &Input,
        step: &Step,
    ) {
        if !self.is_heard() {
            return;
        }
        match (before, input) {
            (None, Input::Start { .. }) => self.tell_of_run(draft, run, RunMoment::Started, None),
            (
                Some(Status::Faulted),
                Input::Retry { .. } | Input::Skip { .. } | Input::Jump { .. },
            ) => {
                self.tell_of_run(draft, run, RunMoment::Resumed, None);
            }
            _ => {}
        }
        for (place, moment) in step.moments.iter().enumerate() {
            self.tell_of_task(draft, run, place, moment);
        }
        for effect in &step.effects {
            let Effect::Ended(outcome) = effect else {
                continue;
            };
            let (moment, error) = match outcome {
                Outcome::Completed(_) => (RunMoment::Completed, None),
                Outcome::Cancelled => (RunMoment::Cancelled, None),
                Outcome::Faulted(error) => {
                    let error = json!({ "type": error.r#type, "status": error.status,
                        "instance": error.instance });
                    (RunMoment::Faulted, Some(error))
                }
            };
            self.tell_of_run(draft, run, moment, error);
        }
    }

    /// Tells that something happened to a run.
    pub(crate) fn tell_of_run(
        &self,
        draft: &mut Draft,
        run: &InstanceRow,
        moment: RunMoment,
        error: Option<Value>,
    ) {
        let word = moment.word();
        let kind = format!("{PREFIX}.workflow.{word}.{VERSION}");
        let at = draft.now;
        self.queue_for_webhooks(draft, &kind, true, || {
            let mut data = self.thin_run(run);
            data[format!("{word}At")] = json!(at);
            if let Some(error) = &error {
                data["error"] = error.clone();
            }
            self.run_event(run, &kind, word, at, &data)
        });
    }

    fn tell_of_task(&self, draft: &mut Draft, run: &InstanceRow, place: usize, moment: &Moment) {
        let word = moment.what.word();
        let kind = format!("{PREFIX}.task.{word}.{VERSION}");
        let at = draft.now;
        self.queue_for_webhooks(draft, &kind, false, || {
            let mut data = self.thin_run(run);
            data["workflow"] = data["name"].take();
            data["name"] = json!(moment.name);
            data["task"] = json!(moment.reference);
            data[format!("{word}At")] = json!(at);
            self.run_event(run, &kind, &format!("task/{place}"), at, &data)
        });
    }

    fn thin_run(&self, run: &InstanceRow) -> Value {
        let (namespace, name) = run.workflow.split_once('/').unwrap_or_default();
        json!({
            "name": format!("{name}-{}.{namespace}", run.id),
            "definition": { "namespace": namespace, "name": name, "version": run.version },
            "caseId": run.case,
            "href": format!("{}/api/v1/runs/{}", self.options.base_url, run.id),
        })
    }

    /// The CloudEvent. Its id comes from the place in the run's journal, so that it is the same however often it is told.
    fn run_event(
        &self,
        run: &InstanceRow,
        kind: &str,
        what: &str,
        at: sagsgang_domain::Timestamp,
        data: &Value,
    ) -> String {
        json!({
            "specversion": "1.0",
            "id": format!("{}/{}/{what}", run.id, run.seq),
            "source": self.options.base_url,
            "type": kind,
            "subject": run.id,
            "time": at,
            "datacontenttype": "application/json",
            "data": data,
        })
        .to_string()
    }
}
