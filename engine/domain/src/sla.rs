//! Clocks of promises (SLA): how long a case may take, counted on a calendar.
//!
//! A clock belongs to the case and lives in it. It is a ledger: a budget, what of it is consumed, and since when it runs.
//! While a status suspends it nothing is consumed. When the clock should strike (its due time and its rungs) is
//! projected whenever it begins to run, so that the engine only has to look for the earliest of those moments.
//!
//! A budget in hours is due at the very moment; one in days at the end of the last day where the calendar holds.

use crate::calendar::Calendar;
use crate::case::Case;
use crate::case_type::CaseType;
use crate::event::Event;
use crate::migration::ClockMove;
use crate::time::Timestamp;
use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

const HOUR: i64 = 3_600_000_000;

/// The clock that gives the case its due time; where there is none of this name, the first one does.
const LEADING: &str = "resolve";

/// A `start` that means the creation of the case, whatever its first status is called.
pub const CREATION: &str = "created";

/// An amount of time with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Budget {
    /// Hours of sixty minutes.
    Hours(u32),
    /// Hours within the calendar's open hours.
    Workhours(u32),
    /// Calendar days.
    Days(u32),
    /// Days on which the calendar is open.
    Workdays(u32),
}

/// What a case type says of a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClockRule {
    /// Name such as `resolve`.
    pub name: String,
    /// The status in which it begins to run; `created` is the creation of the case.
    pub start: String,
    /// Statuses in which it is stopped; final ones stop it too.
    #[serde(default)]
    pub stop: Vec<String>,
    /// How long the case may take.
    pub budget: Budget,
    /// Other budgets for some priorities, in the same unit.
    #[serde(default)]
    pub by_priority: BTreeMap<String, Budget>,
    /// Moments on the way that workflows hear of.
    #[serde(default)]
    pub rungs: Vec<RungRule>,
}

/// A moment on a clock that workflows hear of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RungRule {
    /// Name such as `warn`.
    pub name: String,
    /// When.
    pub at: RungAt,
}

/// When a rung is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RungAt {
    /// When so many hundredths of the budget are consumed.
    Percent(u32),
    /// So much time after the case was due.
    After(Budget),
}

/// Whether a clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockState {
    /// Time is consumed.
    Running,
    /// A status suspends it.
    Suspended,
    /// The promise is kept or given up; a case that is opened again sets it going again.
    Stopped,
}

/// A clock of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Clock {
    /// Whether it runs.
    pub state: ClockState,
    /// How long the case may take.
    pub budget: Budget,
    /// What was consumed until it last began to run: microseconds for a budget in hours, else days.
    pub consumed: i64,
    /// Since when it runs, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running_since: Option<Timestamp>,
    /// When the case is due. While the clock does not run this is what was last projected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Moments on the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rungs: Vec<Rung>,
}

/// A moment on a clock of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// Name.
    pub name: String,
    /// When it is reached if the clock goes on running; `None` where the calendar has not so much time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// It was reached.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fired: bool,
}

/// Why a clock changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockReason {
    /// The status changed.
    Status,
    /// The priority changed, and with it the budget.
    Priority,
    /// The calendar changed.
    Calendar,
}

impl Budget {
    /// The number of units.
    pub fn amount(self) -> u32 {
        match self {
            Self::Hours(n) | Self::Workhours(n) | Self::Days(n) | Self::Workdays(n) => n,
        }
    }

    /// Whether two budgets are counted in the same unit.
    pub fn has_unit_of(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }

    /// The whole of it as the ledger counts: microseconds or days.
    fn whole(self) -> i64 {
        match self {
            Self::Hours(n) | Self::Workhours(n) => i64::from(n).saturating_mul(HOUR),
            Self::Days(n) | Self::Workdays(n) => i64::from(n),
        }
    }

    /// The moment at which so much of the unit has passed since another one.
    fn after(self, since: Timestamp, amount: i64, calendar: &Calendar) -> Option<Timestamp> {
        let days = u32::try_from(amount.max(0)).unwrap_or(u32::MAX);
        let date = since.in_zone(&calendar.zone).date();
        let day = match self {
            Self::Hours(_) => return Some(since.plus_micros(amount)),
            Self::Workhours(_) => return calendar.add_work(since, amount),
            Self::Days(_) => date.checked_add(i64::from(days).days()).ok()?,
            Self::Workdays(_) => calendar.add_workdays(date, days)?,
        };
        Timestamp::end_of_day(day, &calendar.zone)
    }

    /// How much of the unit lies between two moments.
    fn between(self, from: Timestamp, to: Timestamp, calendar: &Calendar) -> i64 {
        let date = |moment: Timestamp| moment.in_zone(&calendar.zone).date();
        match self {
            Self::Hours(_) => (to.as_micros() - from.as_micros()).max(0),
            Self::Workhours(_) => calendar.work_between(from, to),
            Self::Days(_) => {
                let days = date(from).until(date(to)).map(|span| span.get_days());
                i64::from(days.unwrap_or_default().max(0))
            }
            Self::Workdays(_) => i64::from(calendar.workdays_between(date(from), date(to))),
        }
    }
}

impl Clock {
    /// A clock that has not begun to run.
    fn still(budget: Budget) -> Self {
        Self {
            state: ClockState::Suspended,
            budget,
            consumed: 0,
            running_since: None,
            due: None,
            rungs: Vec::new(),
        }
    }

    /// The earliest moment at which something has to happen; `None` for a clock that does not run.
    pub fn next(&self) -> Option<Timestamp> {
        let waiting = self.rungs.iter().filter(|rung| !rung.fired);
        match self.state {
            ClockState::Running => waiting.filter_map(|rung| rung.at).min(),
            _ => None,
        }
    }

    fn consumed_at(&self, now: Timestamp, calendar: &Calendar) -> i64 {
        let running = self
            .running_since
            .map(|since| self.budget.between(since, now, calendar));
        self.consumed.saturating_add(running.unwrap_or_default())
    }

    /// Works out when the clock strikes, from where its ledger stands.
    fn project(&mut self, rule: &ClockRule, calendar: &Calendar) {
        let Some(since) = self.running_since else {
            return;
        };
        let (budget, consumed) = (self.budget, self.consumed);
        let until = |amount: i64| budget.after(since, amount - consumed, calendar);
        self.due = until(budget.whole());
        let reached = |name: &str| {
            self.rungs
                .iter()
                .any(|rung| rung.name == name && rung.fired)
        };
        let at = |at: RungAt| match at {
            RungAt::Percent(percent) => {
                until(budget.whole().saturating_mul(i64::from(percent)) / 100)
            }
            RungAt::After(late) => late.after(self.due?, late.whole(), calendar),
        };
        let rungs = rule.rungs.iter().map(|rung| Rung {
            name: rung.name.clone(),
            at: at(rung.at),
            fired: reached(&rung.name),
        });
        self.rungs = rungs.collect();
    }

    /// The clock after it was set to a state and a budget.
    fn moved(
        &self,
        state: ClockState,
        budget: Budget,
        rule: &ClockRule,
        calendar: &Calendar,
        now: Timestamp,
    ) -> Self {
        let mut next = self.clone();
        // What was consumed of another unit says nothing of this one.
        next.consumed = match budget.has_unit_of(self.budget) {
            true => self.consumed_at(now, calendar),
            false => 0,
        };
        next.budget = budget;
        next.state = state;
        next.running_since = (state == ClockState::Running).then_some(now);
        next.project(rule, calendar);
        next
    }
}

/// What the clocks of a case do when it has become what it is: started, suspended, going on, stopped, or with another
/// budget. Nothing for a case type without clocks or without its calendar.
pub(crate) fn follow(case: &Case, case_type: &CaseType, now: Timestamp) -> Vec<Event> {
    changes(case, case_type, now, false)
        .into_iter()
        .map(|(name, clock, reason)| Event::ClockChanged {
            clock: name,
            now: clock,
            reason,
        })
        .collect()
}

/// The clocks with which a case begins.
pub(crate) fn begin(case: &Case, case_type: &CaseType, now: Timestamp) -> BTreeMap<String, Clock> {
    changes(case, case_type, now, true)
        .into_iter()
        .map(|(name, clock, _)| (name, clock))
        .collect()
}

/// Rungs that are reached.
pub(crate) fn fire(case: &Case, now: Timestamp) -> Vec<Event> {
    let running = case.clocks.iter();
    let mut reached: Vec<_> = running
        .filter(|(_, clock)| clock.state == ClockState::Running)
        .flat_map(|(name, clock)| clock.rungs.iter().map(move |rung| (name, clock, rung)))
        .filter(|(_, _, rung)| !rung.fired && rung.at.is_some_and(|at| at <= now))
        .collect();
    reached.sort_by_key(|(_, _, rung)| rung.at);
    reached
        .into_iter()
        .map(|(name, clock, rung)| Event::RungReached {
            clock: name.clone(),
            rung: rung.name.clone(),
            due: clock.due,
        })
        .collect()
}

/// Projects the clocks that run again, after their calendar has changed.
pub(crate) fn recalculate(case: &Case, case_type: &CaseType) -> Vec<Event> {
    let Some(calendar) = case_type.calendar.as_deref() else {
        return Vec::new();
    };
    let rules = case_type.clocks.iter();
    let changed = rules.filter_map(|rule| {
        let clock = case.clocks.get(&rule.name)?;
        let mut next = clock.clone();
        next.project(rule, calendar);
        (next != *clock).then(|| Event::ClockChanged {
            clock: rule.name.clone(),
            now: next,
            reason: ClockReason::Calendar,
        })
    });
    changed.collect()
}

/// What becomes of the clocks of a case that has come to another version of its case type: a clock that the version does
/// not have ends, one that it has goes on by its rules, and one that is new begins now. `before` are the clocks that the
/// case had; `case` is the case in its new version. Clocks that stay as they are are left out.
pub(crate) fn migrate(
    before: &BTreeMap<String, Clock>,
    case: &Case,
    case_type: &CaseType,
    now: Timestamp,
) -> BTreeMap<String, ClockMove> {
    let mut after = BTreeMap::new();
    if let Some(calendar) = case_type.calendar.as_deref() {
        for rule in &case_type.clocks {
            let known = case.clocks.get(&rule.name);
            if let Some(clock) = moved_to(rule, known, case, case_type, calendar, now) {
                after.insert(rule.name.clone(), clock);
            }
        }
    }
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let moves = names.into_iter().map(|name| {
        let moved = ClockMove {
            from: before.get(name).cloned(),
            to: after.get(name).cloned(),
        };
        (name.clone(), moved)
    });
    moves.filter(|(_, moved)| moved.from != moved.to).collect()
}

/// A clock by the rule of another version.
fn moved_to(
    rule: &ClockRule,
    known: Option<&Clock>,
    case: &Case,
    case_type: &CaseType,
    calendar: &Calendar,
    now: Timestamp,
) -> Option<Clock> {
    let state = state_in(&case.status, rule, case_type);
    let by_priority = rule.by_priority.get(&case.priority);
    let budget = by_priority.copied().unwrap_or(rule.budget);
    match known {
        Some(clock) if clock.state == state && clock.budget == budget => {
            let mut next = clock.clone();
            next.project(rule, calendar);
            Some(next)
        }
        Some(clock) => Some(clock.moved(state, budget, rule, calendar, now)),
        None => {
            let starts = rule.start == CREATION || case.status == rule.start;
            (starts && state != ClockState::Stopped)
                .then(|| Clock::still(budget).moved(state, budget, rule, calendar, now))
        }
    }
}

/// The clock that gives a case its due time: the one named `resolve`, else the first.
pub fn leading(clocks: &BTreeMap<String, Clock>) -> Option<&Clock> {
    clocks.get(LEADING).or_else(|| clocks.values().next())
}

/// When a case is due by its clocks.
pub(crate) fn due(clocks: &BTreeMap<String, Clock>) -> Option<Timestamp> {
    leading(clocks).and_then(|clock| clock.due)
}

fn changes(
    case: &Case,
    case_type: &CaseType,
    now: Timestamp,
    creation: bool,
) -> Vec<(String, Clock, ClockReason)> {
    let Some(calendar) = case_type.calendar.as_deref() else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    for rule in &case_type.clocks {
        let state = state_in(&case.status, rule, case_type);
        let by_priority = rule.by_priority.get(&case.priority);
        let budget = by_priority.copied().unwrap_or(rule.budget);
        let next = match case.clocks.get(&rule.name) {
            Some(clock) if clock.state == state && clock.budget == budget => continue,
            Some(clock) => clock.moved(state, budget, rule, calendar, now),
            None => {
                let starts = case.status == rule.start || (creation && rule.start == CREATION);
                if !starts || state == ClockState::Stopped {
                    continue;
                }
                Clock::still(budget).moved(state, budget, rule, calendar, now)
            }
        };
        let reason = match case.clocks.get(&rule.name) {
            Some(clock) if clock.state == state => ClockReason::Priority,
            _ => ClockReason::Status,
        };
        changes.push((rule.name.clone(), next, reason));
    }
    changes
}

fn state_in(status: &str, rule: &ClockRule, case_type: &CaseType) -> ClockState {
    let suspends = |name: &str| {
        let status = case_type.status(status);
        status.is_some_and(|status| status.suspends.iter().any(|clock| clock == name))
    };
    if case_type.is_final(status) || rule.stop.iter().any(|stop| stop == status) {
        ClockState::Stopped
    } else if suspends(&rule.name) {
        ClockState::Suspended
    } else {
        ClockState::Running
    }
}

#[cfg(test)]
mod tests;
