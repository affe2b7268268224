//! The plugin's own small store. Writes wait for the end of the call, and are kept with everything else that comes of it.

use super::{Call, Refusal};
use crate::grant::Capability;

const MOST_KEY_BYTES: usize = 256;
/// What is said of a plugin that has used up what it may keep.
pub(crate) const NO_ROOM: &str = "the plugin's store has no room left for this";

impl Call {
    /// A value, as this call would leave it. What others write meanwhile it does not see.
    pub(crate) async fn kv_get(&mut self, key: String) -> Result<Option<Vec<u8>>, Refusal> {
        self.check_key(&key)?;
        if let Some(written) = self.collected.kv_writes.get(&key) {
            return Ok(written.clone());
        }
        if let Some(read) = self.values.get(&key) {
            return Ok(read.clone());
        }
        let read = self.rim.services.kv_get(&self.terms.plugin, &key).await?;
        self.values.insert(key, read.clone());
        Ok(read)
    }

    /// Puts or removes a value.
    pub(crate) fn kv_write(&mut self, key: String, value: Option<Vec<u8>>) -> Result<(), Refusal> {
        self.check_key(&key)?;
        let most = self.terms.limits.kv_value_bytes;
        if value.as_ref().is_some_and(|value| value.len() > most) {
            return Err(Refusal::too_large(format!(
                "a value has at most {} KiB",
                most / 1024
            )));
        }
        self.collected.kv_writes.insert(key, value);
        let written = self.collected.kv_writes.iter();
        let bytes: usize = written
            .map(|(key, value)| key.len() + value.as_ref().map_or(0, Vec::len))
            .sum();
        match bytes as u64 <= self.terms.grant.kv_bytes {
            true => Ok(()),
            false => Err(Refusal::too_large(NO_ROOM)),
        }
    }

    fn check_key(&self, key: &str) -> Result<(), Refusal> {
        self.require(Capability::Kv)?;
        match key.len() {
            0 => Err(Refusal::invalid("a key has at least one byte")),
            1..=MOST_KEY_BYTES => Ok(()),
            _ => Err(Refusal::too_large("a key has at most 256 bytes")),
        }
    }
}
