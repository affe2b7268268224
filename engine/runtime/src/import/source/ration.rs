//! A row has a longest length, so that a quotation mark that is never closed does not swallow the rest of the file.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Bytes that one row may have.
pub(super) const LONGEST_ROW: u64 = 8 * 1024 * 1024;

/// What probably made a row too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooLong {
    /// A quotation mark that is never closed.
    OpenQuotation,
    /// JSON objects on one line.
    NoLineBreak,
}

impl TooLong {
    /// Whether this is why reading failed.
    pub(super) fn within(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenQuotation => "a quotation mark is opened there and never closed",
            Self::NoLineBreak => "the objects are not on a line each: a line break is missing",
        })
    }
}

impl std::error::Error for TooLong {}

/// What may still be read before the next row has to begin.
#[derive(Clone)]
pub(super) struct Ration(Arc<AtomicU64>);

impl Ration {
    /// A row begins.
    pub(super) fn renew(&self) {
        self.0.store(LONGEST_ROW, Relaxed);
    }
}

/// A reader that fails where a row is too long.
pub(super) struct Rationed<R> {
    inner: R,
    ration: Ration,
    /// What probably made the row so long.
    cause: TooLong,
}

impl<R> Rationed<R> {
    pub(super) fn new(inner: R, cause: TooLong) -> (Self, Ration) {
        let ration = Ration(Arc::new(AtomicU64::new(LONGEST_ROW)));
        let own = ration.clone();
        let reader = Self {
            inner,
            ration: own,
            cause,
        };
        (reader, ration)
    }
}

impl<R: Read> Read for Rationed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.ration.0.load(Relaxed);
        if left == 0 {
            return Err(io::Error::other(self.cause));
        }
        let count = self.inner.read(into)?;
        self.ration
            .0
            .store(left.saturating_sub(count as u64), Relaxed);
        Ok(count)
    }
}
