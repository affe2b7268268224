//! Runs one task: condition, input, what its kind does, output, context, and what comes next.

use super::scope::Place;
use super::{Delivery, Progress, Run};
use crate::effect::{Effect, WorkflowRef};
use crate::input::WorkflowError;
use crate::key::Segment;
use crate::moment::TaskMoment;
use crate::state::{Body, Branch, HeldTask, ListFrame, TaskFrame};
use crate::step::admitted;
use sagsgang_definition::Data;
use sagsgang_definition::workflow::{
    Call, FunctionRef, RunWorkflow, Target, Task, TaskId, TaskKind, Then,
};
use serde_json::Value;

impl<'w> Run<'w> {
    /// Runs a task from where it stands, or begins it.
    pub(super) fn task(
        &mut self,
        id: TaskId,
        raw: &Data,
        slot: &mut Option<Box<TaskFrame>>,
        visit: u32,
    ) -> Progress {
        let task = self.definition.task(id);
        self.path.push(Segment {
            reference: &task.reference,
            name: &task.name,
            visit,
        });
        let progress = match self.decided() {
            Some(Decided::Skip(output)) => self.skip(task, raw, output, slot),
            Some(Decided::Retry) | None => match slot.take() {
                Some(frame) => self.resume(task, raw, frame, slot),
                None => self.begin(id, task, raw, slot),
            },
        };
        let progress = match progress {
            Progress::Failed(error) => {
                self.note(task, TaskMoment::Faulted);
                self.note_failure(task);
                Progress::failed(error.at(&task.reference))
            }
            other => other,
        };
        self.path.pop();
        progress
    }

    /// A person's decision about the current task, if the step brings one.
    fn decided(&mut self) -> Option<Decided> {
        let (Delivery::Retry { key: wanted, .. } | Delivery::Skip { key: wanted, .. }) =
            self.delivery.as_ref()?
        else {
            return None;
        };
        if self.key("") != *wanted {
            return None;
        }
        match self.delivery.take()? {
            Delivery::Retry { input, .. } => {
                self.edited = input;
                Some(Decided::Retry)
            }
            Delivery::Skip { output, then, .. } => {
                self.jump = then;
                Some(Decided::Skip(output))
            }
            _ => None,
        }
    }

    /// Takes a value as what the task gave.
    fn skip(
        &mut self,
        task: &'w Task,
        raw: &Data,
        output: Data,
        slot: &mut Option<Box<TaskFrame>>,
    ) -> Progress {
        let started_at = slot
            .as_ref()
            .map_or(self.context.now, |frame| frame.started_at);
        if let Some(frame) = slot.take() {
            self.stop(&frame.body);
        }
        let input = match self.take_task(task, raw) {
            Ok(input) => input,
            Err(error) => return Progress::failed(error),
        };
        let place = Place {
            task,
            input: input.as_ref().unwrap_or(raw),
            started_at,
        };
        self.finish(task, place, output, Then::Continue)
    }

    /// Remembers where an error arose, unless it comes from further down.
    fn note_failure(&mut self, task: &Task) {
        if self.failed.is_none() {
            self.failed = Some(HeldTask {
                key: self.key(""),
                name: task.name.clone(),
                reference: task.reference.clone(),
            });
        }
    }

    fn begin(
        &mut self,
        id: TaskId,
        task: &'w Task,
        raw: &Data,
        slot: &mut Option<Box<TaskFrame>>,
    ) -> Progress {
        if self.is_tired() {
            return Progress::Yielded;
        }
        self.budget -= 1;
        let started_at = self.context.now;
        match self.holds(
            task.condition.as_ref(),
            raw,
            Place {
                task,
                input: raw,
                started_at,
            },
        ) {
            Ok(true) => {}
            // A task that does not run does not decide what comes next either.
            Ok(false) => {
                return Progress::Done {
                    value: raw.clone(),
                    then: Then::Continue,
                };
            }
            Err(error) => return Progress::failed(error),
        }
        self.state.remember(&task.name);
        self.note(task, TaskMoment::Started);
        let edited = match task.kind {
            TaskKind::Call(_) => None, // its arguments are edited
            _ => self.edited.take(),
        };
        let input = match edited.map_or_else(|| self.take_task(task, raw), |input| Ok(Some(input)))
        {
            Ok(input) => input,
            Err(error) => return Progress::failed(error),
        };
        let place = Place {
            task,
            input: input.as_ref().unwrap_or(raw),
            started_at,
        };
        match self.enter(task, place) {
            Ok(Entered::Done { value, then }) => self.finish(task, place, value, then),
            Ok(Entered::Body(body)) => {
                let timeout = match self.start_timeout(task, place) {
                    Ok(timeout) => timeout,
                    Err(error) => return Progress::failed(error),
                };
                let frame = Box::new(TaskFrame {
                    id,
                    started_at,
                    input: input.clone(),
                    timeout,
                    body,
                });
                self.resume(task, raw, frame, slot)
            }
            Err(error) => Progress::failed(error),
        }
    }

    fn resume(
        &mut self,
        task: &'w Task,
        raw: &Data,
        mut frame: Box<TaskFrame>,
        slot: &mut Option<Box<TaskFrame>>,
    ) -> Progress {
        if frame.timeout.is_some() && self.timer_fired(frame.timeout.as_deref()) {
            self.stop(&frame.body);
            let error = WorkflowError::standard(
                "timeout",
                format!("`{}` took longer than it may", task.name),
            );
            return Progress::failed(error);
        }
        let started_at = frame.started_at;
        let input = frame.input.as_ref().unwrap_or(raw).clone();
        let place = Place {
            task,
            input: &input,
            started_at,
        };
        // An error took it away; a person lets the task go on.
        if frame.timeout.is_none() && task.timeout.is_some() {
            frame.timeout = match self.start_timeout(task, place) {
                Ok(timeout) => timeout,
                Err(error) => return Progress::failed(error),
            };
        }
        let progress = self.body(task, place, &mut frame.body);
        if matches!(progress, Progress::Waiting | Progress::Yielded) {
            *slot = Some(frame);
            return progress;
        }
        if let Some(key) = frame.timeout.take() {
            self.effects.push(Effect::CancelTimer { key });
        }
        let progress = match progress {
            Progress::Done { value, then } => self.finish(task, place, value, then),
            other => other,
        };
        // Nobody may catch the error, and then a person decides about it where it arose.
        if matches!(progress, Progress::Failed(_)) && frame.body.leads_further() {
            *slot = Some(frame);
        }
        progress
    }

    /// Output, context and what comes next. A body that says something other than "continue" is obeyed.
    fn finish(&mut self, task: &Task, place: Place<'_>, value: Data, then: Then) -> Progress {
        // These put values together without any expression that would be stopped.
        let value = match task.kind {
            TaskKind::Fork { .. } | TaskKind::Listen(_) => {
                admitted(value, self.context, "the output")
            }
            _ => Ok(value),
        };
        let value = match value {
            Ok(value) => value,
            Err(error) => return Progress::failed(error),
        };
        match self.give_task(&task.output, &task.export, value, place) {
            Ok(value) => {
                self.note(task, TaskMoment::Completed);
                let then = if then == Then::Continue {
                    task.then
                } else {
                    then
                };
                Progress::Done { value, then }
            }
            Err(error) => Progress::failed(error),
        }
    }

    fn start_timeout(
        &mut self,
        task: &Task,
        place: Place<'_>,
    ) -> Result<Option<String>, WorkflowError> {
        let Some(timeout) = &task.timeout else {
            return Ok(None);
        };
        let due = self
            .span(timeout, place)?
            .after(self.context.now, &self.definition.zone);
        let key = self.key("timeout");
        self.effects.push(Effect::StartTimer {
            key: key.clone(),
            due,
        });
        Ok(Some(key))
    }

    /// Whether the step brings the timer of this key.
    pub(super) fn timer_fired(&mut self, wanted: Option<&str>) -> bool {
        let is_it =
            |one: &Delivery<'_>| matches!(one, Delivery::Timer { key } if wanted == Some(*key));
        self.take_delivery(is_it).is_some()
    }
}

/// What a person decided about the current task.
enum Decided {
    Retry,
    Skip(Data),
}

/// What entering a task came to.
enum Entered {
    Done { value: Data, then: Then },
    Body(Body),
}

impl<'w> Run<'w> {
    fn enter(&mut self, task: &'w Task, place: Place<'_>) -> Result<Entered, WorkflowError> {
        let input = place.input;
        let done = |value| {
            Ok(Entered::Done {
                value,
                then: Then::Continue,
            })
        };
        let body = match &task.kind {
            TaskKind::Set(template) => return done(self.fill(template, input, place)?),
            TaskKind::Switch(cases) => {
                for case in cases {
                    if self.holds(case.when.as_ref(), input, place)? {
                        let then = if case.then == Then::Continue {
                            task.then
                        } else {
                            case.then
                        };
                        return Ok(Entered::Done {
                            value: input.clone(),
                            then,
                        });
                    }
                }
                return done(input.clone());
            }
            TaskKind::Raise(error) => return Err(self.raise(error, place)?),
            TaskKind::Emit(template) => return done(self.emit(template, place)?),
            TaskKind::Call(call) => self.call(task, call, place)?,
            TaskKind::Do(_) => Body::Do(ListFrame::new(input.clone())),
            TaskKind::For(each) => {
                let items = self.fill(&each.items, input, place)?;
                if items.items().is_none() && !items.is_null() {
                    return Err(WorkflowError::standard("expression", "`in` gave no list"));
                }
                Body::For {
                    items,
                    index: 0,
                    list: ListFrame::new(input.clone()),
                }
            }
            TaskKind::Fork { branches, .. } => {
                Body::Fork(branches.0.iter().map(|_| Branch::Running(None)).collect())
            }
            TaskKind::Listen(listen) => {
                Body::Listen(Box::new(self.begin_listening(task, listen, place)?))
            }
            TaskKind::Try(_) => Body::Try(Box::new(self.begin_trying(place))),
            TaskKind::Wait(duration) => {
                let due = self
                    .span(duration, place)?
                    .after(self.context.now, &self.definition.zone);
                if due <= self.context.now {
                    return done(input.clone());
                }
                let key = self.key("");
                self.effects.push(Effect::StartTimer {
                    key: key.clone(),
                    due,
                });
                Body::Wait { key, due }
            }
            TaskKind::Run(run) => {
                let Some(body) = self.run_workflow(task, run, place)? else {
                    return done(input.clone());
                };
                body
            }
            TaskKind::Refused => return Err(not_runnable()),
        };
        Ok(Entered::Body(body))
    }

    fn body(&mut self, task: &'w Task, place: Place<'_>, body: &mut Body) -> Progress {
        match (&task.kind, body) {
            (TaskKind::Call(_), Body::Call { key, .. })
            | (TaskKind::Run(_), Body::Run { key, .. }) => self.await_call(key),
            (
                TaskKind::Call(Call {
                    target: Target::Local(name),
                    ..
                }),
                Body::Function { input, task },
            ) => {
                match self.definition.functions.get(name) {
                    Some(id) => match self.task(*id, input, task, 0) {
                        // The flow of a function ends with it, except for `end`.
                        Progress::Done {
                            value,
                            then: Then::End,
                        } => Progress::Done {
                            value,
                            then: Then::End,
                        },
                        Progress::Done { value, .. } => Progress::Done {
                            value,
                            then: Then::Continue,
                        },
                        other => other,
                    },
                    None => Progress::failed(not_runnable()),
                }
            }
            (TaskKind::Do(list), Body::Do(frame)) => self.list(list, frame),
            (TaskKind::For(each), Body::For { items, index, list }) => {
                self.iterate(each, place, items, index, list)
            }
            (TaskKind::Fork { branches, compete }, Body::Fork(frames)) => {
                self.fork(branches, *compete, place.input, frames)
            }
            (TaskKind::Listen(listen), Body::Listen(frame)) => {
                self.listen(task, listen, place, frame)
            }
            (TaskKind::Try(attempt), Body::Try(frame)) => self.attempt(attempt, place, frame),
            (TaskKind::Wait(_), Body::Wait { key, .. }) => {
                if self.timer_fired(Some(key)) {
                    Progress::Done {
                        value: place.input.clone(),
                        then: Then::Continue,
                    }
                } else {
                    Progress::Waiting
                }
            }
            _ => Progress::failed(WorkflowError::standard(
                "runtime",
                "the state does not belong to this version of the definition",
            )),
        }
    }

    fn call(&mut self, task: &Task, call: &Call, place: Place<'_>) -> Result<Body, WorkflowError> {
        let with = match self.edited.take() {
            Some(edited) => edited,
            None => self.fill(&call.with, place.input, place)?,
        };
        let function = match &call.target {
            Target::Function(function) => function.clone(),
            Target::Local(_) => {
                return Ok(Body::Function {
                    input: with,
                    task: None,
                });
            }
            Target::Refused(_) => return Err(not_runnable()),
        };
        let key = self.key("");
        let timeout_ms = match &task.timeout {
            Some(timeout) => {
                let due = self
                    .span(timeout, place)?
                    .after(self.context.now, &self.definition.zone);
                u64::try_from((due.as_micros() - self.context.now.as_micros()) / 1_000).ok()
            }
            None => None,
        };
        self.effects.push(Effect::Call {
            key: key.clone(),
            path: task.reference.to_string(),
            visit: self.path.last().map_or(0, |segment| segment.visit),
            task: task.name.to_string(),
            function: function.clone(),
            with: self.with_secrets(&function, with.to_json()),
            configuration: call.configuration.as_ref().map(|named| named.name.clone()),
            timeout_ms,
        });
        Ok(Body::Call { key, function })
    }

    /// The protocols get the names of the secrets that the workflow declares, and no others.
    fn with_secrets(&self, function: &FunctionRef, mut with: Value) -> Value {
        let is_protocol = ["http", "openapi"].contains(&function.name.as_str());
        let secrets = &self.definition.secrets;
        if let (true, None, false, Value::Object(arguments)) = (
            is_protocol,
            &function.version,
            secrets.is_empty(),
            &mut with,
        ) {
            arguments.insert("secrets".to_owned(), secrets.clone().into());
        }
        with
    }

    /// Starts a run of another workflow; nothing to wait for where its end is not awaited.
    fn run_workflow(
        &mut self,
        task: &Task,
        run: &RunWorkflow,
        place: Place<'_>,
    ) -> Result<Option<Body>, WorkflowError> {
        let input = self.fill(&run.input, place.input, place)?.to_json();
        let key = self.key("");
        let workflow = WorkflowRef {
            name: format!("{}/{}", run.namespace, run.name),
            version: run.version.clone(),
        };
        self.effects.push(Effect::Run {
            key: key.clone(),
            path: task.reference.to_string(),
            task: task.name.to_string(),
            workflow: workflow.clone(),
            input,
            awaits: run.awaits,
        });
        Ok(run.awaits.then_some(Body::Run { key, workflow }))
    }

    fn await_call(&mut self, wanted: &str) -> Progress {
        let is_it =
            |one: &Delivery<'_>| matches!(one, Delivery::Call { key, .. } if *key == wanted);
        let delivery = self.take_delivery(is_it);
        match delivery {
            Some(Delivery::Call {
                result: Ok(value), ..
            }) => Progress::Done {
                value,
                then: Then::Continue,
            },
            Some(Delivery::Call {
                result: Err(error), ..
            }) => Progress::failed(error),
            _ => Progress::Waiting,
        }
    }
}

fn not_runnable() -> WorkflowError {
    WorkflowError::standard(
        "configuration",
        "this version cannot run the task; the check before publishing says so",
    )
}
