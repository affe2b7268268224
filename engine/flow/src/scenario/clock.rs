//! Scenarios in which time passes and the clock starts the workflow.

use super::{Failure, Stage};
use crate::dry::DryRun;
use crate::schedule::{due, first_due};
use crate::state::Status;
use sagsgang_definition::scenario::{Passing, Placed};
use sagsgang_definition::workflow::Clock;
use sagsgang_definition::{Sentence, say};
use sagsgang_domain::Timestamp;
use serde_json::json;

/// Starts that a scenario may have; more than this is a mistake in the scenario or in the schedule.
const MOST_STARTS: usize = 1_000;

/// What the clock started.
pub(super) struct Passed {
    /// The times for which runs started, in order.
    pub(super) starts: Vec<Timestamp>,
    /// The last run, with the moment at which it started and how many calls had been made before it.
    pub(super) last: Option<(DryRun, Timestamp, usize)>,
}

/// Lets time pass from a moment on.
pub(super) fn pass(
    stage: &mut Stage<'_>,
    passing: &Passing,
    from: Timestamp,
) -> Result<Passed, Failure> {
    let fail = |message: Sentence| Failure {
        at: passing.span.at,
        message,
    };
    let workflow = stage.definition;
    let Some(clock) = workflow.clock() else {
        let message = "the workflow does not start by the clock: it has no `cron`, `every` or `after` under `schedule`";
        return Err(fail(message.into()));
    };
    let end = passing.span.value.after(from, &workflow.zone);
    let stopped = passing.stopped.map(|stopped| {
        let begin = stopped.after.after(from, &workflow.zone);
        (begin, stopped.lasts.after(begin, &workflow.zone))
    });
    let mut passed = Passed {
        starts: Vec::new(),
        last: None,
    };
    let (mut next, mut busy) = (first_due(workflow, clock, from), Busy::No);
    let mut looked = from;
    while let Some(time) = next {
        let mut now = time.max(looked);
        if let Some((begin, over)) = stopped
            && (begin..over).contains(&now)
        {
            now = over;
        }
        if now > end {
            break;
        }
        let Some(plan) = due(workflow, clock, time, now, busy.at(now)) else {
            // It waits for the run before; one that waits for ever is waited for as long.
            match busy {
                Busy::Until(over) => looked = over,
                Busy::No | Busy::Forever => break,
            }
            continue;
        };
        for start in plan.starts {
            if passed.starts.len() == MOST_STARTS {
                return Err(fail(say!(
                    "the clock starts it more than {most} times; let less time pass",
                    most = MOST_STARTS
                )));
            }
            let calls = stage.answers.calls.len();
            let ran = stage.run(json!({ "scheduledFor": start }), now);
            busy = busy.or(&ran, now).through(stopped);
            passed.starts.push(start);
            passed.last = Some((ran, now, calls));
        }
        next = match (clock, busy) {
            (Clock::After(span), Busy::Until(over)) => Some(span.after(over, &workflow.zone)),
            (Clock::After(span), Busy::No) => Some(span.after(now, &workflow.zone)),
            (Clock::After(_), Busy::Forever) => None,
            (Clock::Cron(_) | Clock::Every(_), _) => plan.next,
        };
        looked = now;
    }
    Ok(passed)
}

/// Whether the runs so far go on.
#[derive(Clone, Copy)]
enum Busy {
    No,
    Until(Timestamp),
    Forever,
}

impl Busy {
    fn at(self, now: Timestamp) -> bool {
        match self {
            Busy::No => false,
            Busy::Until(over) => over > now,
            Busy::Forever => true,
        }
    }

    /// What would end while nothing runs ends when all goes on.
    fn through(self, stopped: Option<(Timestamp, Timestamp)>) -> Self {
        match (self, stopped) {
            (Busy::Until(end), Some((begin, over))) if (begin..over).contains(&end) => {
                Busy::Until(over)
            }
            _ => self,
        }
    }

    /// With another run.
    fn or(self, ran: &DryRun, now: Timestamp) -> Self {
        match (self, ran.status) {
            (Busy::Forever, _) | (_, Status::Running | Status::Waiting) => Busy::Forever,
            (Busy::Until(over), _) => Busy::Until(over.max(ran.ended_at)),
            (Busy::No, _) if ran.ended_at > now => Busy::Until(ran.ended_at),
            (Busy::No, _) => Busy::No,
        }
    }
}

/// Whether the clock started it for the times that are expected.
pub(super) fn compare(
    expected: Option<&Placed<Vec<Timestamp>>>,
    starts: &[Timestamp],
) -> Option<Failure> {
    let expected = expected.filter(|expected| expected.value != starts)?;
    let words = |moments: &[Timestamp]| match moments {
        [] => "—".to_owned(),
        _ => {
            let words: Vec<String> = moments.iter().map(ToString::to_string).collect();
            words.join(", ")
        }
    };
    Some(Failure {
        at: expected.at,
        message: say!(
            "expected starts for {wanted}; found {found}",
            wanted = words(&expected.value),
            found = words(starts)
        ),
    })
}
