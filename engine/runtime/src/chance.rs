//! Real chance: ids in the order of time, and salts that nobody can guess.

use rand::rngs::{OsRng, StdRng};
use rand::{RngCore, SeedableRng, TryRngCore};
use sagsgang_domain::{Chance, Timestamp};
use std::sync::Mutex;
use uuid::{ContextV7, Timestamp as UuidTime, Uuid};

/// Ids that rise within this process, also within one millisecond.
static ORDER: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// Chance for one decision.
pub(crate) struct RealChance {
    now: Timestamp,
    random: StdRng,
}

impl RealChance {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            now,
            random: StdRng::from_os_rng(),
        }
    }
}

impl Chance for RealChance {
    fn id(&mut self) -> Uuid {
        new_id(self.now)
    }

    fn salt(&mut self) -> [u8; 16] {
        let mut salt = [0; 16];
        self.random.fill_bytes(&mut salt);
        salt
    }
}

/// A fresh id.
pub(crate) fn new_id(now: Timestamp) -> Uuid {
    let micros = now.as_micros().unsigned_abs();
    let nanos = u32::try_from(micros % 1_000_000).unwrap_or(0) * 1_000;
    let order = ORDER
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    Uuid::new_v7(UuidTime::from_unix(&*order, micros / 1_000_000, nanos))
}

/// Bytes for secrets, straight from the operating system.
///
/// # Panics
/// When the operating system has no randomness to give; nothing secret can be made then.
pub(crate) fn secret<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng
        .try_fill_bytes(&mut bytes)
        .expect("the operating system gives randomness");
    bytes
}
