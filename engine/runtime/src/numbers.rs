//! Case numbers: reserved in blocks, so that giving one costs no commit of its own.
//!
//! A block is one number while cases come slowly, and doubles while they come quickly. After a crash the rest of a block
//! stays unused; in calm times there is no rest.

use crate::error::EngineError;
use sagsgang_domain::Timestamp;
use sagsgang_store::Store;
use std::collections::HashMap;
use tokio::sync::Mutex;

/// A block that lasted longer than this is followed by a block of one.
const QUICK_MICROS: i64 = 1_000_000;
/// The largest block.
const LARGEST: u32 = 256;

#[derive(Default)]
pub(crate) struct Numbers {
    blocks: Mutex<HashMap<String, Block>>,
}

struct Block {
    next: u64,
    end: u64,
    size: u32,
    since: Timestamp,
}

impl Numbers {
    /// The next number of a counter. `now` is when it is asked for: it decides how many are reserved.
    pub(crate) async fn next(
        &self,
        store: &Store,
        counter: &str,
        now: Timestamp,
    ) -> Result<u64, EngineError> {
        let mut blocks = self.blocks.lock().await;
        let block = blocks.get(counter);
        if block.is_none_or(|block| block.next == block.end) {
            let size = match block {
                Some(block) if now.as_micros() - block.since.as_micros() < QUICK_MICROS => {
                    (block.size * 2).min(LARGEST)
                }
                _ => 1,
            };
            let first = store.reserve(counter, size).await?;
            let fresh = Block {
                next: first,
                end: first + u64::from(size),
                size,
                since: now,
            };
            blocks.insert(counter.to_owned(), fresh);
        }
        let block = blocks.get_mut(counter).ok_or(EngineError::Stopping)?;
        block.next += 1;
        Ok(block.next - 1)
    }
}
