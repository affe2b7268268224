//! The tags there are.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_store::TagCount;

impl Engine {
    /// Tags that begin with a text, in their order, after one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tags(
        &self,
        beginning: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<TagCount>, EngineError> {
        Ok(self.store.tags(beginning.trim(), after, limit).await?)
    }
}
