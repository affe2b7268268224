//! The classification of municipal tasks, as it was brought in.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::classification::classified;
use sagsgang_domain::{CaseType, KleEntry};

impl Engine {
    /// Subjects and facets by code, after one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kle(&self, after: Option<&str>, limit: u32) -> Result<Vec<KleEntry>, EngineError> {
        let after = after.unwrap_or_default();
        Ok(self.store.kle_page(after, limit).await?)
    }

    /// The classification of a case type in one line, with the titles that have been brought in; `None` for a case type that
    /// has none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn classification(
        &self,
        case_type: &CaseType,
    ) -> Result<Option<String>, EngineError> {
        let Some(kle) = &case_type.kle else {
            return Ok(None);
        };
        let known = self.store.kle_named(&[&kle.subject, &kle.facet]).await?;
        Ok(Some(classified(kle, &known)))
    }
}
