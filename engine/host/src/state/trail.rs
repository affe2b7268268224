//! What a call leaves for people to read: its log and its requests to the outside.
//!
//! It is shared with whoever waits for the call, since a call that runs out of time is dropped with all that it holds, and
//! just then somebody wants to know where it stood.

use crate::call::{HttpAttempt, LogLevel, LogLine};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What stands as the error of a request until its answer is there.
const UNANSWERED: &str = "there was no answer before the call ended";

/// The log and the requests of one call so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    log: Vec<LogLine>,
    log_bytes: usize,
    log_dropped: usize,
    attempts: Vec<HttpAttempt>,
}

impl Trail {
    /// Adds a line to the log, as far as there is room.
    pub(crate) fn log(&self, line: LogLine, most_bytes: usize) {
        let mut inner = self.inner();
        inner.log_bytes = inner.log_bytes.saturating_add(line.message.len());
        if inner.log_bytes <= most_bytes {
            inner.log.push(line);
        } else {
            inner.log_dropped += 1;
        }
    }

    /// The latest error that the plugin wrote of.
    pub(crate) fn last_words(&self) -> Option<String> {
        let inner = self.inner();
        let mut latest_first = inner.log.iter().rev();
        latest_first
            .find(|line| line.level == LogLevel::Error)
            .map(|line| line.message.clone())
    }

    /// How many requests were begun.
    pub(crate) fn requests(&self) -> usize {
        self.inner().attempts.len()
    }

    /// Notes a request that begins; the place to give to [`Trail::answered`].
    pub(crate) fn asked(&self, method: String, url: String) -> usize {
        let mut inner = self.inner();
        inner.attempts.push(HttpAttempt {
            method,
            url,
            status: None,
            error: Some(UNANSWERED.to_owned()),
            duration_ms: 0,
            bytes: 0,
        });
        inner.attempts.len() - 1
    }

    /// Notes what became of a request: status and size of the answer, or why there is none.
    pub(crate) fn answered(
        &self,
        place: usize,
        duration_ms: u64,
        answer: Result<(u16, u64), String>,
    ) {
        let mut inner = self.inner();
        let Some(attempt) = inner.attempts.get_mut(place) else {
            return;
        };
        attempt.duration_ms = duration_ms;
        match answer {
            Ok((status, bytes)) => {
                (attempt.status, attempt.bytes, attempt.error) = (Some(status), bytes, None);
            }
            Err(error) => attempt.error = Some(error),
        }
    }

    /// Takes everything out, with a last word where lines were dropped.
    pub(crate) fn take(&self) -> (Vec<LogLine>, Vec<HttpAttempt>) {
        let mut taken = std::mem::take(&mut *self.inner());
        if taken.log_dropped > 0 {
            let message = format!(
                "{} more lines were dropped: the log of a call is bounded",
                taken.log_dropped
            );
            taken.log.push(LogLine {
                level: LogLevel::Warn,
                message,
            });
        }
        (taken.log, taken.attempts)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
