//! How a plugin is doing, and the breaker that switches it off before it becomes everybody's problem.

use crate::call::{DoneCall, FailedCall, PluginError};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// So many broken promises within [`WINDOW`] open the breaker.
const TRIPS: usize = 5;
const WINDOW: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// After so many pauses without a success in between, only a person closes the breaker.
const PAUSES: u32 = 3;
/// Durations kept for the percentiles.
const SAMPLES: usize = 512;
/// Failed calls kept with their logs, at most 64 KiB of text each.
const FAILED_CALLS: usize = 10;
/// Calls that went well and left something to read, at most as much of it each.
const DONE_CALLS: usize = 20;

/// What the page of a plugin shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// Calls since the start.
    pub calls: u64,
    /// Calls that failed, a plugin's own refusals included.
    pub failures: u64,
    /// Half of the latest calls took at most so many microseconds.
    pub p50_us: u64,
    /// All but one in a hundred of the latest calls took at most so many microseconds.
    pub p99_us: u64,
    /// The most linear memory that one of the calls held which went well, in bytes.
    pub memory_bytes: u64,
    /// The latest failure in words.
    pub last_error: Option<String>,
    /// Whether the newest call failed.
    pub is_failing: bool,
    /// Whether the plugin may be called.
    pub breaker: BreakerState,
}

/// Whether a plugin may be called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BreakerState {
    /// Calls go through.
    #[default]
    Closed,
    /// Calls are refused for a while; then one failure is enough to refuse again.
    Pausing,
    /// Calls are refused until a person closes the breaker.
    Open,
}

/// Counts the calls of one plugin, over all its versions.
#[derive(Debug, Default)]
pub(crate) struct Monitor {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    calls: u64,
    failures: u64,
    memory_bytes: u64,
    last_error: Option<String>,
    is_failing: bool,
    durations_us: VecDeque<u64>,
    failed_calls: VecDeque<FailedCall>,
    done_calls: VecDeque<DoneCall>,
    trips: VecDeque<Instant>,
    pauses: u32,
    paused_until: Option<Instant>,
}

impl Monitor {
    /// Whether a call may begin; else when to ask again (`None`: a person has to act).
    pub(crate) fn admit(&self, now: Instant) -> Result<(), Option<Duration>> {
        let inner = self.inner();
        match inner.paused_until {
            Some(_) if inner.pauses > PAUSES => Err(None),
            Some(until) if until > now => Err(Some(until - now)),
            _ => Ok(()),
        }
    }

    /// Counts a call that ended.
    pub(crate) fn record(&self, now: Instant, duration: Duration, error: Option<&PluginError>) {
        let mut inner = self.inner();
        inner.calls += 1;
        inner.is_failing = error.is_some();
        if inner.durations_us.len() == SAMPLES {
            inner.durations_us.pop_front();
        }
        inner
            .durations_us
            .push_back(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX));
        match error {
            None => {
                inner.pauses = 0;
                inner.paused_until = None;
            }
            Some(error) => {
                inner.failures += 1;
                inner.last_error = Some(error.to_string());
                if error.is_broken_promise() {
                    inner.trip(now);
                }
            }
        }
    }

    /// Notes how much memory a call held that went well.
    pub(crate) fn remember(&self, memory_bytes: u64) {
        let mut inner = self.inner();
        inner.memory_bytes = inner.memory_bytes.max(memory_bytes);
    }

    /// Keeps what a failed call left to be read; the oldest makes room.
    pub(crate) fn keep(&self, failed: FailedCall) {
        let mut inner = self.inner();
        inner.failed_calls.truncate(FAILED_CALLS - 1);
        inner.failed_calls.push_front(failed);
    }

    /// Keeps what a call left to be read that went well; the oldest makes room.
    pub(crate) fn keep_done(&self, done: DoneCall) {
        let mut inner = self.inner();
        inner.done_calls.truncate(DONE_CALLS - 1);
        inner.done_calls.push_front(done);
    }

    /// The calls kept that went well, the newest first.
    pub(crate) fn done(&self) -> Vec<DoneCall> {
        self.inner().done_calls.iter().cloned().collect()
    }

    /// The failed calls kept, the newest first.
    pub(crate) fn failures(&self) -> Vec<FailedCall> {
        self.inner().failed_calls.iter().cloned().collect()
    }

    /// Closes the breaker.
    pub(crate) fn close(&self) {
        let mut inner = self.inner();
        inner.trips.clear();
        inner.pauses = 0;
        inner.paused_until = None;
    }

    pub(crate) fn health(&self, now: Instant) -> Health {
        let inner = self.inner();
        let mut sorted: Vec<u64> = inner.durations_us.iter().copied().collect();
        sorted.sort_unstable();
        let at = |hundredths: usize| {
            sorted
                .get((sorted.len() * hundredths / 100).min(sorted.len().saturating_sub(1)))
                .copied()
        };
        let breaker = match inner.paused_until {
            Some(_) if inner.pauses > PAUSES => BreakerState::Open,
            Some(until) if until > now => BreakerState::Pausing,
            _ => BreakerState::Closed,
        };
        Health {
            calls: inner.calls,
            failures: inner.failures,
            p50_us: at(50).unwrap_or(0),
            p99_us: at(99).unwrap_or(0),
            memory_bytes: inner.memory_bytes,
            last_error: inner.last_error.clone(),
            is_failing: inner.is_failing,
            breaker,
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn trip(&mut self, now: Instant) {
        self.trips.push_back(now);
        while self
            .trips
            .front()
            .is_some_and(|first| now.duration_since(*first) > WINDOW)
        {
            self.trips.pop_front();
        }
        let on_trial = self.paused_until.is_some_and(|until| until <= now);
        if self.trips.len() >= TRIPS || on_trial {
            self.trips.clear();
            self.paused_until = Some(now + FIRST_PAUSE * 2u32.pow(self.pauses.min(PAUSES)));
            self.pauses += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(monitor: &Monitor, now: Instant) {
        monitor.record(
            now,
            Duration::from_micros(10),
            Some(&PluginError::TimedOut(5)),
        );
    }

    #[test]
    fn five_broken_promises_pause_and_pauses_end_with_a_person() {
        let monitor = Monitor::default();
        let mut now = Instant::now();
        for _ in 0..4 {
            fail(&monitor, now);
        }
        assert_eq!(monitor.admit(now), Ok(()), "four are forgiven");
        fail(&monitor, now);
        assert_eq!(monitor.admit(now), Err(Some(FIRST_PAUSE)));
        assert_eq!(monitor.health(now).breaker, BreakerState::Pausing);
        for pause in [30, 60, 120] {
            now += Duration::from_secs(pause);
            assert_eq!(monitor.admit(now), Ok(()), "a trial after the pause");
            fail(&monitor, now);
        }
        now += Duration::from_secs(100_000);
        assert_eq!(monitor.admit(now), Err(None));
        assert_eq!(monitor.health(now).breaker, BreakerState::Open);
        monitor.close();
        assert_eq!(monitor.admit(now), Ok(()));
    }

    #[test]
    fn a_plugin_fails_until_a_call_goes_well() {
        let monitor = Monitor::default();
        let now = Instant::now();
        fail(&monitor, now);
        assert!(monitor.health(now).is_failing);
        monitor.record(now, Duration::from_micros(10), None);
        let health = monitor.health(now);
        assert!(!health.is_failing);
        assert!(health.last_error.is_some(), "it is still told");
    }

    #[test]
    fn failures_spread_over_time_and_refusals_do_not_open_it() {
        let monitor = Monitor::default();
        let mut now = Instant::now();
        for _ in 0..20 {
            fail(&monitor, now);
            now += Duration::from_secs(20);
        }
        for _ in 0..20 {
            monitor.record(
                now,
                Duration::from_micros(1),
                Some(&PluginError::BadOutput("x".into())),
            );
        }
        assert_eq!(monitor.admit(now), Ok(()));
        let health = monitor.health(now);
        assert_eq!((health.calls, health.failures), (40, 40));
        assert_eq!((health.p50_us, health.p99_us), (10, 10));
    }
}
