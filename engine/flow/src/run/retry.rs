//! Tries, catches and tries again.

use super::scope::Place;
use super::{Progress, Run};
use crate::effect::Effect;
use crate::input::WorkflowError;
use crate::moment::TaskMoment;
use crate::state::{ListFrame, Phase, TryFrame};
use sagsgang_definition::workflow::{Backoff, Catch, ErrorFilter, Retry, Then, Try, type_matches};
use sagsgang_definition::{Data, Span};
use sagsgang_domain::Timestamp;

impl Phase {
    /// The whole list again, with the same visits and therefore the same idempotency keys.
    fn again(input: &Data) -> Self {
        Phase::Trying {
            list: ListFrame::new(input.clone()),
            timer: None,
        }
    }
}

/// What is done about an error.
enum Answer {
    /// Nothing; it goes on up.
    Pass,
    /// The body of `catch` runs, or the error is swallowed.
    Catch,
    /// The list runs again at this time.
    Again(Timestamp),
}

impl<'w> Run<'w> {
    pub(super) fn begin_trying(&self, place: Place<'_>) -> TryFrame {
        TryFrame {
            failed: 0,
            began: self.context.now,
            first_error: None,
            phase: Phase::again(place.input),
        }
    }

    /// Starts the timer that bounds one attempt.
    fn start_attempt(
        &mut self,
        retry: Option<&Retry>,
        place: Place<'_>,
        attempt: u32,
    ) -> Result<Option<String>, WorkflowError> {
        let Some(duration) = retry.and_then(|retry| retry.attempt_duration.as_ref()) else {
            return Ok(None);
        };
        let due = self
            .span(duration, place)?
            .after(self.context.now, &self.definition.zone);
        let key = self.key(&format!("attempt {attempt}"));
        self.effects.push(Effect::StartTimer {
            key: key.clone(),
            due,
        });
        Ok(Some(key))
    }

    pub(super) fn attempt(
        &mut self,
        attempt: &'w Try,
        place: Place<'_>,
        frame: &mut TryFrame,
    ) -> Progress {
        loop {
            let error = match &mut frame.phase {
                Phase::Trying { list, timer } => {
                    if timer.is_none() {
                        // An error took it away; a person lets the attempt go on.
                        let retry = attempt.catch.retry.as_deref();
                        *timer = match self.start_attempt(retry, place, frame.failed) {
                            Ok(timer) => timer,
                            Err(error) => return Progress::failed(error),
                        };
                    }
                    let progress = if timer.is_some() && self.timer_fired(timer.as_deref()) {
                        *timer = None;
                        self.stop_list(list);
                        list.task = None;
                        Progress::failed(WorkflowError::standard(
                            "timeout",
                            "the attempt took longer than it may",
                        ))
                    } else {
                        self.list(&attempt.body, list)
                    };
                    match progress {
                        Progress::Waiting | Progress::Yielded => return progress,
                        ended => {
                            if let Some(key) = timer.take() {
                                self.effects.push(Effect::CancelTimer { key });
                            }
                            match ended {
                                Progress::Failed(error) => *error,
                                other => return other,
                            }
                        }
                    }
                }
                Phase::Delaying { key, .. } => {
                    if !self.timer_fired(Some(key)) {
                        return Progress::Waiting;
                    }
                    frame.phase = Phase::again(place.input);
                    continue;
                }
                Phase::Catching { list, error } => return self.catch(&attempt.catch, list, error),
            };
            if let Some(progress) = self.handle(attempt, place, frame, error) {
                return progress;
            }
        }
    }

    /// Decides about an error; `None` when the frame has a new phase to go on with.
    fn handle(
        &mut self,
        attempt: &'w Try,
        place: Place<'_>,
        frame: &mut TryFrame,
        error: WorkflowError,
    ) -> Option<Progress> {
        let answer = match self.answer(&attempt.catch, place, frame, &error) {
            Ok(answer) => answer,
            Err(error) => return Some(Progress::failed(error)),
        };
        if matches!(answer, Answer::Pass) {
            return Some(Progress::failed(error));
        }
        // The error is dealt with here, so nothing that it left behind is wanted any more.
        self.failed = None;
        if let Phase::Trying { list, .. } = &frame.phase {
            self.stop_list(list);
        }
        match answer {
            Answer::Pass => {}
            Answer::Catch => {
                frame.phase = Phase::Catching {
                    list: ListFrame::new(place.input.clone()),
                    error,
                };
            }
            Answer::Again(due) => {
                frame.failed += 1;
                self.note(place.task, TaskMoment::Retried);
                frame.first_error.get_or_insert_with(|| error.clone());
                if due > self.context.now {
                    let key = self.key(&format!("retry {}", frame.failed));
                    self.effects.push(Effect::StartTimer {
                        key: key.clone(),
                        due,
                    });
                    frame.phase = Phase::Delaying { key, due, error };
                    return Some(Progress::Waiting);
                }
                frame.phase = Phase::again(place.input);
            }
        }
        None
    }

    fn catch(&mut self, catch: &'w Catch, list: &mut ListFrame, error: &WorkflowError) -> Progress {
        let progress = match &catch.body {
            Some(body) => {
                self.with_local(&catch.name, error_data(error), |run| run.list(body, list))
            }
            None => Progress::Done {
                value: list.value.clone(),
                then: Then::Continue,
            },
        };
        match progress {
            Progress::Done {
                value,
                then: Then::Continue,
            } => Progress::Done {
                value,
                then: catch.then.unwrap_or_default(),
            },
            other => other,
        }
    }

    fn answer(
        &mut self,
        catch: &'w Catch,
        place: Place<'_>,
        frame: &TryFrame,
        error: &WorkflowError,
    ) -> Result<Answer, WorkflowError> {
        if error.is_for_a_person() || !filtered(&catch.filter, error) {
            return Ok(Answer::Pass);
        }
        self.with_local(&catch.name, error_data(error), |run| {
            let input = place.input;
            let refused = |run: &Self, when: &Option<_>| match when {
                Some(when) => run
                    .evaluate(when, input, place)
                    .map(|value| value.is_true()),
                None => Ok(false),
            };
            if !run.holds(catch.when.as_ref(), input, place)? || refused(run, &catch.except_when)? {
                return Ok(Answer::Pass);
            }
            let Some(retry) = &catch.retry else {
                return Ok(Answer::Catch);
            };
            // Without a body, an error that is not tried again has not been handled.
            let given_up = if catch.body.is_some() {
                Answer::Catch
            } else {
                Answer::Pass
            };
            if !run.holds(retry.when.as_ref(), input, place)? || refused(run, &retry.except_when)? {
                return Ok(given_up);
            }
            if retry.attempts.is_some_and(|most| frame.failed >= most) {
                return Ok(given_up);
            }
            let due = run.next_attempt(retry, place, frame.failed)?;
            let due = due.max(run.not_before(error));
            let latest = match &retry.total_duration {
                Some(total) => Some(
                    run.span(total, place)?
                        .after(frame.began, &run.definition.zone),
                ),
                None => None,
            };
            Ok(if latest.is_some_and(|latest| due > latest) {
                given_up
            } else {
                Answer::Again(due)
            })
        })
    }

    fn next_attempt(
        &self,
        retry: &Retry,
        place: Place<'_>,
        failed: u32,
    ) -> Result<Timestamp, WorkflowError> {
        let delay = retry
            .delay
            .as_ref()
            .map(|delay| self.span(delay, place))
            .transpose()?
            .unwrap_or_default();
        let factor = match retry.backoff {
            Backoff::Constant => 1,
            Backoff::Linear => i64::from(failed) + 1,
            Backoff::Exponential => 1_i64 << failed.min(40),
        };
        let mut due = delay
            .times(factor)
            .after(self.context.now, &self.definition.zone);
        if let Some((from, to)) = &retry.jitter {
            due = due.plus_micros(self.jitter(
                self.span(from, place)?,
                self.span(to, place)?,
                failed,
            ));
        }
        Ok(due)
    }

    /// From when on trying again may help, as far as the error says.
    fn not_before(&self, error: &WorkflowError) -> Timestamp {
        let wait = error.retry_after_ms.unwrap_or_default();
        let wait = i64::try_from(wait).unwrap_or(i64::MAX);
        self.context.now.plus_micros(wait.saturating_mul(1_000))
    }

    /// A wait between two bounds, spread over instances by their keys: chance would make the step impure.
    fn jitter(&self, from: Span, to: Span, failed: u32) -> i64 {
        let key = self.key(&format!("jitter {failed}"));
        let number = key.bytes().fold(0_u64, |number, byte| {
            number.wrapping_mul(31).wrapping_add(u64::from(byte))
        });
        let width = to.micros.saturating_sub(from.micros).max(0).unsigned_abs();
        let offset = if width == 0 { 0 } else { number % (width + 1) };
        from.micros
            .saturating_add(i64::try_from(offset).unwrap_or(0))
    }
}

fn filtered(filter: &ErrorFilter, error: &WorkflowError) -> bool {
    let text = |wanted: &Option<String>, found: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| Some(wanted) == found)
    };
    filter
        .r#type
        .as_deref()
        .is_none_or(|wanted| type_matches(wanted, &error.r#type))
        && filter.status.is_none_or(|status| status == error.status)
        && text(&filter.instance, error.instance.as_deref())
        && text(&filter.title, error.title.as_deref())
        && text(&filter.detail, error.detail.as_deref())
}

/// The error as expressions see it.
fn error_data(error: &WorkflowError) -> Data {
    let text = |text: &Option<String>| text.as_deref().map_or(Data::NULL, Data::from);
    Data::object([
        ("type", Data::from(error.r#type.as_str())),
        ("status", Data::from(i64::from(error.status))),
        ("title", text(&error.title)),
        ("detail", text(&error.detail)),
        ("instance", text(&error.instance)),
    ])
}
