//! Which runs a workflow that starts by the clock has to start: its rules for runs that would overlap and for times at
//! which nothing could run.

use sagsgang_definition::Workflow;
use sagsgang_definition::workflow::{CatchUp, Clock, Overlap};
use sagsgang_domain::Timestamp;

/// Runs that one decision starts of a workflow that catches up.
const AT_ONCE: usize = 100;
/// A start that is not later than this is on time, even for a workflow that catches up with nothing.
const ON_TIME_MICROS: i64 = 60_000_000;

/// What is to be done about a workflow that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Times for which a run starts now.
    pub starts: Vec<Timestamp>,
    /// When it is due next. `None` where the end of the run decides.
    pub next: Option<Timestamp>,
}

/// When a workflow is due first whose rule holds from a moment on.
pub fn first_due(workflow: &Workflow, clock: &Clock, from: Timestamp) -> Option<Timestamp> {
    match clock {
        Clock::After(_) => Some(from),
        Clock::Cron(_) | Clock::Every(_) => clock.following(from, &workflow.zone),
    }
}

/// What is to be done about a workflow that was due at a time and is looked at now, while the run before goes on (`busy`) or
/// does not. `None` where it stays due until that run has ended.
pub fn due(
    workflow: &Workflow,
    clock: &Clock,
    due: Timestamp,
    now: Timestamp,
    busy: bool,
) -> Option<Due> {
    let mut plan = missed(workflow, clock, due, now);
    match workflow.overlap {
        Overlap::Allow => {}
        // Whatever is due at the same moment would overlap too.
        Overlap::Skip => plan.starts.truncate(usize::from(!busy)),
        Overlap::Queue if busy => return None,
        Overlap::Queue if plan.starts.len() > 1 => {
            plan.starts.truncate(1);
            plan.next = clock.following(due, &workflow.zone);
        }
        Overlap::Queue => {}
    }
    Some(plan)
}

/// By the rule for times that were missed.
fn missed(workflow: &Workflow, clock: &Clock, due: Timestamp, now: Timestamp) -> Due {
    let late = now.as_micros().saturating_sub(due.as_micros());
    if matches!(clock, Clock::After(_)) {
        return Due {
            starts: vec![due],
            next: None,
        };
    }
    let next = clock.next(due, now, &workflow.zone);
    match workflow.catch_up {
        CatchUp::None if late > ON_TIME_MICROS => Due {
            starts: Vec::new(),
            next,
        },
        CatchUp::None | CatchUp::Once => Due {
            starts: vec![due],
            next,
        },
        CatchUp::All => {
            let mut starts = vec![due];
            let mut following = clock.following(due, &workflow.zone);
            while let (Some(time), true) = (following, starts.len() < AT_ONCE) {
                if time > now {
                    break;
                }
                starts.push(time);
                following = clock.following(time, &workflow.zone);
            }
            Due {
                starts,
                next: following,
            }
        }
    }
}
