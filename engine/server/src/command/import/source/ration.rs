//! A row has a longest length, so that a quotation mark that is never closed does not swallow the rest of the file.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Bytes that one row may have.
pub(super) const LONGEST_ROW: u64 = 8 * 1024 * 1024;

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
    cause: &'static str,
}

impl<R> Rationed<R> {
    pub(super) fn new(inner: R, cause: &'static str) -> (Self, Ration) {
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
            let mebibytes = LONGEST_ROW / 1024 / 1024;
            return Err(io::Error::other(format!(
                "it is longer than {mebibytes} MiB; probably {}",
                self.cause
            )));
        }
        let count = self.inner.read(into)?;
        self.ration
            .0
            .store(left.saturating_sub(count as u64), Relaxed);
        Ok(count)
    }
}
