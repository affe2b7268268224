//! Processor time of a call: the time during which a thread works on it. Waiting for the host or a turn costs nothing.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Instant;

/// Adds up the time of one call. Shared between the future that runs the call and the interruption inside it.
pub(crate) struct Meter {
    origin: Instant,
    spent_ns: AtomicU64,
    /// When the present turn began, in nanoseconds after the origin.
    turn_ns: AtomicU64,
}

impl Meter {
    pub(crate) fn new() -> Self {
        Self {
            origin: Instant::now(),
            spent_ns: AtomicU64::new(0),
            turn_ns: AtomicU64::new(0),
        }
    }

    /// Microseconds used in finished turns.
    pub(crate) fn spent_us(&self) -> u64 {
        self.spent_ns.load(Ordering::Relaxed) / 1_000
    }

    /// Microseconds used, the turn in progress included. Only meaningful inside a turn.
    pub(crate) fn spent_in_turn_us(&self) -> u64 {
        let turn = self
            .elapsed_ns()
            .saturating_sub(self.turn_ns.load(Ordering::Relaxed));
        (self.spent_ns.load(Ordering::Relaxed) + turn) / 1_000
    }

    fn elapsed_ns(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Runs a future on the meter.
pub(crate) fn metered<F: Future + Unpin>(meter: Arc<Meter>, inner: F) -> Metered<F> {
    Metered { meter, inner }
}

pub(crate) struct Metered<F> {
    meter: Arc<Meter>,
    inner: F,
}

impl<F: Future + Unpin> Future for Metered<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let began = self.meter.elapsed_ns();
        self.meter.turn_ns.store(began, Ordering::Relaxed);
        let polled = Pin::new(&mut self.inner).poll(context);
        let turn = self.meter.elapsed_ns().saturating_sub(began);
        self.meter.spent_ns.fetch_add(turn, Ordering::Relaxed);
        polled
    }
}
