//! Finding by words, within the rights of who asks.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::{Caller, Right};
use sagsgang_store::{Page, SearchHit, SearchKind, SearchOrder};

/// Answers that can be paged through; who needs more asks with more words.
const DEEPEST: u32 = 10_000;

impl Engine {
    /// What has all the words, of those kinds that the caller may read. An `after` that is not ours begins at the start.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search(
        &self,
        caller: &Caller,
        text: &str,
        kinds: &[SearchKind],
        order: SearchOrder,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<SearchHit>, EngineError> {
        let kinds: Vec<SearchKind> = kinds
            .iter()
            .copied()
            .filter(|kind| caller.may(right(*kind)))
            .collect();
        let skip = after.and_then(|after| after.parse().ok()).unwrap_or(0);
        if kinds.is_empty() || skip >= DEEPEST {
            return Ok(Page {
                items: Vec::new(),
                next: None,
            });
        }
        let more = limit.saturating_add(1);
        let mut items = self.store.search(text, &kinds, order, skip, more).await?;
        let next = (items.len() > limit as usize).then(|| (skip + limit).to_string());
        items.truncate(limit as usize);
        Ok(Page { items, next })
    }
}

/// What reading such a thing takes.
fn right(kind: SearchKind) -> Right {
    match kind {
        SearchKind::Case | SearchKind::Note => Right::ReadCases,
        SearchKind::Message => Right::ReadInbox,
        SearchKind::Property
        | SearchKind::Container
        | SearchKind::Agreement
        | SearchKind::Contact => Right::ReadRegisters,
    }
}
