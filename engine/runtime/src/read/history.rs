//! The history of a case as people and programs read it: what was written before a contact was protected does not name
//! who it is.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::register::MASK;
use sagsgang_domain::{CaseId, ContactId, Entry, LinkKind};
use serde_json::Value;
use std::collections::HashSet;

impl Engine {
    /// Entries of a case's history after a place, in order. Contacts who are protected now are masked in all of them; the
    /// hash of an entry is still the one of what was written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn history(
        &self,
        case: CaseId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Entry>, EngineError> {
        let mut entries = self.store.history(case, after, limit).await?;
        self.mask_protected(&mut entries).await?;
        Ok(entries)
    }

    /// Masks in entries that are shown the contacts who are protected now.
    pub(crate) async fn mask_protected(&self, entries: &mut [Entry]) -> Result<(), EngineError> {
        let named: HashSet<ContactId> = entries.iter().filter_map(named_contact).collect();
        let mut protected = HashSet::new();
        for id in named {
            let contact = self.store.contact(id).await?;
            protected.extend(contact.filter(|one| one.protected).map(|one| one.id));
        }
        let is_protected = |entry: &Entry| {
            let named = named_contact(entry);
            named.is_some_and(|id| protected.contains(&id))
        };
        for entry in entries.iter_mut().filter(|entry| is_protected(entry)) {
            entry.data.insert("title".to_owned(), MASK.into());
        }
        Ok(())
    }
}

/// The contact whose name an entry holds.
fn named_contact(entry: &Entry) -> Option<ContactId> {
    let value = |key: &str| entry.data.get(key).and_then(Value::as_str);
    let names = entry.kind == "case.linked.v1" && value("kind") == Some(LinkKind::Contact.name());
    value("title").filter(|_| names)?;
    value("id")?.parse().ok()
}
