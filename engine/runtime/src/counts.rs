//! What the engine has done since it started, for those who watch it.

use crate::engine::Engine;
use sagsgang_flow::Status;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters of the runs that came to an end.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    completed: AtomicU64,
    faulted: AtomicU64,
    cancelled: AtomicU64,
}

impl Ended {
    /// Counts a run that stands so now, where that is an end.
    pub(crate) fn count(&self, status: Status) {
        let counter = match status {
            Status::Completed => &self.completed,
            Status::Faulted => &self.faulted,
            Status::Cancelled => &self.cancelled,
            Status::Running | Status::Waiting => return,
        };
        counter.fetch_add(1, Relaxed);
    }
}

/// What was done since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Changes written.
    pub commits: u64,
    /// Transactions that they were written in, many at once where many came at once.
    pub transactions: u64,
    /// Runs that completed.
    pub completed: u64,
    /// Runs that an error stopped; one that stops twice counts twice.
    pub faulted: u64,
    /// Runs that were cancelled.
    pub cancelled: u64,
}

impl Engine {
    /// What was done since the start.
    pub fn counts(&self) -> Counts {
        let (commits, transactions) = self.store.commit_counts();
        Counts {
            commits,
            transactions,
            completed: self.ended.completed.load(Relaxed),
            faulted: self.ended.faulted.load(Relaxed),
            cancelled: self.ended.cancelled.load(Relaxed),
        }
    }
}
