//! Texts that somebody writes and has not published yet. They are no part of the configuration, and nothing runs by them.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_store::DraftText;

impl Engine {
    /// A draft by its name, which says whose it is and of what.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn draft_text(&self, name: &str) -> Result<Option<DraftText>, EngineError> {
        Ok(self.store.draft_text(name).await?)
    }

    /// Keeps a draft in the place of the one before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_draft_text(
        &self,
        name: &str,
        text: &str,
        by: &str,
    ) -> Result<DraftText, EngineError> {
        let draft = DraftText {
            name: name.to_owned(),
            text: text.to_owned(),
            at: self.now(),
            by: by.to_owned(),
        };
        self.store.keep_draft_text(&draft).await?;
        Ok(draft)
    }

    /// Forgets a draft.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_draft_text(&self, name: &str) -> Result<(), EngineError> {
        Ok(self.store.drop_draft_text(name).await?)
    }
}
