//! Runs one task: condition, input, what its kind does, output, context, and what comes next.

use super::scope::Place;
use super::{Delivery, Progress, Run};
use crate::effect::Effect;
use crate::input::WorkflowError;
use crate::key::Segment;
use crate::state::{Body, Branch, ListFrame, TaskFrame};
use sagsgang_definition::workflow::{
    Call, ErrorTemplate, ForTask, Target, Task, TaskId, TaskKind, TaskList, Then,
};
use sagsgang_definition::{Data, Template};

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
            visit,
        });
        let progress = match slot.take() {
            Some(frame) => self.resume(task, raw, frame, slot),
            None => self.begin(id, task, raw, slot),
        };
        self.path.pop();
        match progress {
            Progress::Failed(error) => Progress::failed(error.at(&task.reference)),
            other => other,
        }
    }

    fn begin(
        &mut self,
        id: TaskId,
        task: &'w Task,
        raw: &Data,
        slot: &mut Option<Box<TaskFrame>>,
    ) -> Progress {
        if self.budget == 0 {
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
        let input = match self.take_task(task, raw) {
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
        let TaskFrame {
            started_at,
            ref input,
            ..
        } = *frame;
        let input = input.as_ref().unwrap_or(raw).clone();
        let place = Place {
            task,
            input: &input,
            started_at,
        };
        let progress = self.body(task, place, &mut frame.body);
        if matches!(progress, Progress::Waiting | Progress::Yielded) {
            *slot = Some(frame);
            return progress;
        }
        if let Some(key) = frame.timeout.take() {
            self.effects.push(Effect::CancelTimer { key });
        }
        match progress {
            Progress::Done { value, then } => self.finish(task, place, value, then),
            other => other,
        }
    }

    /// Output, context and what comes next. A body that says something other than "continue" is obeyed.
    fn finish(&mut self, task: &Task, place: Place<'_>, value: Data, then: Then) -> Progress {
        match self.give_task(&task.output, &task.export, value, place) {
            Ok(value) => {
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
        self.delivery
            .take_if(|delivery| matches!(delivery, Delivery::Timer { key } if wanted == Some(*key)))
            .is_some()
    }
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
            TaskKind::Try(_) => Body::Try(Box::new(self.begin_trying(task, place)?)),
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
            TaskKind::Run(_) | TaskKind::Refused => return Err(not_runnable()),
        };
        Ok(Entered::Body(body))
    }

    fn body(&mut self, task: &'w Task, place: Place<'_>, body: &mut Body) -> Progress {
        match (&task.kind, body) {
            (TaskKind::Call(_), Body::Call { key, .. }) => self.await_call(key),
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
        let with = self.fill(&call.with, place.input, place)?;
        let function = match &call.target {
            Target::Function(function) => function.clone(),
            Target::Local(_) => {
                return Ok(Body::Function {
                    input: with,
                    task: None,
                });
            }
            Target::NotYet(_) => return Err(not_runnable()),
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
            with: with.to_json(),
            timeout_ms,
        });
        Ok(Body::Call { key, function })
    }

    fn await_call(&mut self, wanted: &str) -> Progress {
        let delivery = self
            .delivery
            .take_if(|delivery| matches!(delivery, Delivery::Call { key, .. } if *key == wanted));
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

    fn iterate(
        &mut self,
        each: &'w ForTask,
        place: Place<'_>,
        items: &Data,
        index: &mut u32,
        frame: &mut ListFrame,
    ) -> Progress {
        loop {
            let Some(item) = items
                .items()
                .and_then(|mut items| items.nth(*index as usize))
            else {
                return Progress::Done {
                    value: frame.value.clone(),
                    then: Then::Continue,
                };
            };
            if self.budget == 0 && self.delivery.is_none() {
                return Progress::Yielded;
            }
            let count = *index;
            let progress = self.with_local(&each.each, item, |run| {
                run.with_local(&each.at, Data::from(i64::from(count)), |run| {
                    let begins = frame.at == 0 && frame.round == 0 && frame.task.is_none();
                    if begins {
                        // An empty body must not turn round without end in one step.
                        run.budget = run.budget.saturating_sub(1);
                        match run.holds(each.condition.as_ref(), &frame.value, place) {
                            Ok(true) => {}
                            Ok(false) => return None,
                            Err(error) => return Some(Progress::failed(error)),
                        }
                    }
                    run.path.push(Segment {
                        reference: "",
                        visit: count,
                    });
                    let progress = run.list(&each.body, frame);
                    run.path.pop();
                    Some(progress)
                })
            });
            match progress {
                None => {
                    return Progress::Done {
                        value: frame.value.clone(),
                        then: Then::Continue,
                    };
                }
                Some(Progress::Done {
                    value,
                    then: Then::End,
                }) => {
                    return Progress::Done {
                        value,
                        then: Then::End,
                    };
                }
                Some(Progress::Done { value, .. }) => {
                    *index += 1;
                    *frame = ListFrame::new(value);
                }
                Some(other) => return other,
            }
        }
    }

    fn fork(
        &mut self,
        branches: &'w TaskList,
        compete: bool,
        input: &Data,
        frames: &mut [Branch],
    ) -> Progress {
        let mut yielded = false;
        for (place, id) in branches.0.iter().enumerate() {
            let Branch::Running(task) = &mut frames[place] else {
                continue;
            };
            match self.task(*id, input, task, 0) {
                Progress::Done {
                    value,
                    then: Then::End,
                } => {
                    self.stop_branches(frames, place);
                    return Progress::Done {
                        value,
                        then: Then::End,
                    };
                }
                Progress::Done { value, .. } if compete => {
                    self.stop_branches(frames, place);
                    return Progress::Done {
                        value,
                        then: Then::Continue,
                    };
                }
                Progress::Done { value, .. } => frames[place] = Branch::Done(value),
                Progress::Failed(error) => {
                    self.stop_branches(frames, place);
                    return Progress::Failed(error);
                }
                Progress::Yielded => yielded = true,
                Progress::Waiting => {}
            }
        }
        let outputs: Vec<Data> = frames
            .iter()
            .filter_map(|branch| match branch {
                Branch::Done(value) => Some(value.clone()),
                Branch::Running(_) => None,
            })
            .collect();
        match (outputs.len() == frames.len(), yielded) {
            (true, _) => Progress::Done {
                value: Data::array(outputs),
                then: Then::Continue,
            },
            (false, true) => Progress::Yielded,
            (false, false) => Progress::Waiting,
        }
    }

    /// The error that a `raise` task describes.
    fn raise(
        &self,
        error: &ErrorTemplate,
        place: Place<'_>,
    ) -> Result<WorkflowError, WorkflowError> {
        let text = |template: &Template| {
            let value = self.fill(template, place.input, place)?;
            Ok::<String, WorkflowError>(
                value
                    .as_str()
                    .map_or_else(|| value.to_json().to_string(), str::to_owned),
            )
        };
        Ok(WorkflowError {
            r#type: text(&error.r#type)?,
            status: error.status,
            title: error.title.as_ref().map(text).transpose()?,
            detail: error.detail.as_ref().map(text).transpose()?,
            instance: error.instance.as_ref().map(text).transpose()?,
        })
    }

    /// Sends an event; what its author left out is filled in so that the same visit always sends the same event.
    fn emit(&mut self, template: &Template, place: Place<'_>) -> Result<Data, WorkflowError> {
        let serde_json::Value::Object(mut event) =
            self.fill(template, place.input, place)?.to_json()
        else {
            return Err(WorkflowError::standard(
                "expression",
                "an event must be an object",
            ));
        };
        let document = &self.definition.document;
        let defaults = [
            ("specversion", "1.0".to_owned()),
            ("id", self.key("")),
            (
                "source",
                format!("/workflows/{}/{}", document.namespace, document.name),
            ),
            ("time", self.context.now.to_string()),
        ];
        for (name, value) in defaults {
            event
                .entry(name)
                .or_insert(serde_json::Value::String(value));
        }
        let event = serde_json::Value::Object(event);
        self.effects.push(Effect::Emit {
            event: event.clone(),
        });
        Ok(Data::from_json(&event))
    }
}

fn not_runnable() -> WorkflowError {
    WorkflowError::standard(
        "configuration",
        "this version cannot run the task; the check before publishing says so",
    )
}
