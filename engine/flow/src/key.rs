//! Idempotency keys: `hash(instance, frame path, visit)`.

use sagsgang_domain::InstanceId;
use sha2::{Digest, Sha256};

/// A frame on the way from the root to the one that runs now.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'w> {
    /// JSON Pointer to the task.
    pub reference: &'w str,
    /// How often its list has jumped back before, or which item of a loop it belongs to.
    pub visit: u32,
}

/// The key of the innermost frame. `purpose` tells several waits of one frame apart.
pub(crate) fn key(instance: InstanceId, path: &[Segment<'_>], purpose: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(instance.0.as_bytes());
    for segment in path {
        hash.update(segment.reference.as_bytes());
        hash.update([0]);
        hash.update(segment.visit.to_le_bytes());
    }
    hash.update(purpose.as_bytes());
    hex::encode(&hash.finalize()[..16])
}
