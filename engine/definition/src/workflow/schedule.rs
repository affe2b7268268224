//! What starts a workflow by itself.

use super::event::{Read, Strategy};
use crate::cron::Cron;
use crate::span::Span;
use jiff::tz::TimeZone;
use sagsgang_domain::Timestamp;

/// The `schedule` section.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    /// Starts by the clock.
    pub clock: Option<Clock>,
    /// Starts on events.
    pub on: Option<Strategy>,
    /// How the events become the input.
    pub read: Read,
}

/// When a workflow starts by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clock {
    /// At the times of a cron expression.
    Cron(Cron),
    /// At a fixed interval.
    Every(Span),
    /// So long after the last run ended.
    After(Span),
}

/// What happens when a run is due while the one before has not ended: `metadata.overlap`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// Both run.
    #[default]
    Allow,
    /// The later one does not run.
    Skip,
    /// The later one waits for the end of the one before.
    Queue,
}

/// What happens to times at which nothing could run: `metadata.catchUp`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CatchUp {
    /// Nothing.
    None,
    /// One run for all of them.
    #[default]
    Once,
    /// A run for each of them.
    All,
}

impl Clock {
    /// The time after one that was due; a moment that has passed is no time any more. `None` where the end of the run
    /// decides.
    pub fn next(&self, due: Timestamp, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Clock::Cron(cron) => cron.after(due.max(now), zone),
            Clock::Every(span) if span.months == 0 => {
                let passed = now.as_micros().saturating_sub(due.as_micros()).max(0);
                let times = passed / span.micros.max(1) + 1;
                Some(due.plus_micros(span.micros.saturating_mul(times)))
            }
            // Counted from the first time, so that the end of a short month does not move the later ones.
            Clock::Every(span) => (1..)
                .map(|times| span.times(times).after(due, zone))
                .find(|time| *time > now && *time > due),
            Clock::After(_) => None,
        }
    }

    /// The time after one that was due, whether or not it has passed.
    pub fn following(&self, due: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        self.next(due, due, zone)
    }

    /// The rule in words that are equal only for equal rules, with the zone where it matters.
    pub fn rule(&self, zone: &TimeZone) -> String {
        let zone = zone.iana_name().unwrap_or("UTC");
        match self {
            Clock::Cron(cron) => format!("cron {} {zone}", cron.text()),
            Clock::Every(span) => format!("every {} {} {zone}", span.months, span.micros),
            Clock::After(span) => format!("after {} {} {zone}", span.months, span.micros),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_interval_keeps_its_beat_and_a_clock_that_goes_back_changes_nothing() {
        let zone = TimeZone::UTC;
        let every = Clock::Every(Span {
            months: 0,
            micros: 60_000_000,
        });
        let due = at("2026-11-24T12:00:00Z");
        let next = |now| every.next(due, at(now), &zone).unwrap().to_string();
        assert_eq!(next("2026-11-24T12:00:07Z"), "2026-11-24T12:01:00Z");
        assert_eq!(next("2026-11-24T12:10:30Z"), "2026-11-24T12:11:00Z");
        assert_eq!(next("2026-11-24T11:00:00Z"), "2026-11-24T12:01:00Z");
        let monthly = Clock::Every(Span {
            months: 1,
            micros: 0,
        });
        let due = at("2026-01-31T12:00:00Z");
        let next = |now| monthly.next(due, at(now), &zone).unwrap().to_string();
        assert_eq!(next("2026-01-31T12:00:00Z"), "2026-02-28T12:00:00Z");
        assert_eq!(next("2026-03-01T12:00:00Z"), "2026-03-31T12:00:00Z");
    }
}
