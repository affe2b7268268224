//! Bytes that look random and are equal when a call is tried again.

use super::{Call, Refusal};
use crate::grant::Capability;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const MOST_BYTES: u64 = 1_024;

impl Call {
    /// Bytes drawn from the idempotency key, at most 1,024.
    pub(crate) fn random(&mut self, length: u32) -> Result<Vec<u8>, Refusal> {
        self.require(Capability::Random)?;
        let length = u64::from(length).min(MOST_BYTES);
        let blocks = (self.drawn_bytes / 32)..;
        let bytes: Vec<u8> = blocks
            .flat_map(|block| draw(&self.context.idempotency_key, "random", block))
            .take(usize::try_from(length).unwrap_or_default())
            .collect();
        // Rounded up to whole blocks, so that no two draws share bytes.
        self.drawn_bytes += length.div_ceil(32) * 32;
        Ok(bytes)
    }

    /// The id of the call's next document: the same when the call is tried again at the same moment.
    pub(super) fn next_document_id(&self) -> Uuid {
        let index = self.collected.documents.len() as u64;
        let drawn = draw(&self.context.idempotency_key, "document", index);
        let mut random = [0; 10];
        random.copy_from_slice(&drawn[..10]);
        let millis = u64::try_from(self.context.now.as_micros() / 1_000).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

fn draw(key: &str, purpose: &str, block: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(purpose);
    hash.update(block.to_be_bytes());
    hash.update(key);
    hash.finalize().into()
}
