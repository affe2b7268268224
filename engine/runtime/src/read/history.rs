//! The history of a case as people and programs read it: what was written before a contact was protected does not name
//! who it is.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::register::MASK;
use sagsgang_domain::{CaseId, ContactId, Entry, LinkKind};
use serde_json::Value;
use std::collections::HashSet;
use uuid::Uuid;

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
        let named: HashSet<ContactId> = entries.iter().flat_map(named_contacts).collect();
        let mut protected = HashSet::new();
        for id in named {
            let contact = self.store.contact(id).await?;
            protected.extend(contact.filter(|one| one.protected).map(|one| one.id.0));
        }
        if !protected.is_empty() {
            entries.iter_mut().for_each(|entry| mask(entry, &protected));
        }
        Ok(())
    }
}

/// The contacts of whom an entry says who they are: by a title, or by what the register said of them then.
fn named_contacts(entry: &Entry) -> Vec<ContactId> {
    let value = |key: &str| entry.data.get(key).and_then(Value::as_str);
    match entry.kind.as_str() {
        "case.linked.v1" if value("kind") == Some(LinkKind::Contact.name()) => value("id")
            .and_then(|id| id.parse().ok())
            .into_iter()
            .collect(),
        "case.created.v1" => {
            let contacts = entry.data.get("contacts").and_then(Value::as_array);
            let ids = contacts.into_iter().flatten().filter_map(Value::as_str);
            ids.filter_map(|id| id.parse().ok()).collect()
        }
        _ => Vec::new(),
    }
}

fn mask(entry: &mut Entry, protected: &HashSet<Uuid>) {
    let is_protected = |id: Option<&Value>| {
        let id = id.and_then(Value::as_str).and_then(|id| id.parse().ok());
        id.is_some_and(|id| protected.contains(&id))
    };
    let linked = entry.kind == "case.linked.v1" && is_protected(entry.data.get("id"));
    if linked && entry.data.contains_key("title") {
        entry.data.insert("title".to_owned(), MASK.into());
    }
    // Of a case that is made with records there are several, of a link one.
    let seen = match entry.data.get_mut("seen") {
        Some(Value::Array(seen)) => seen.as_mut_slice(),
        Some(one) => std::slice::from_mut(one),
        None => return,
    };
    for one in seen.iter_mut().filter(|one| is_protected(one.get("id"))) {
        if let Some(values) = one.get_mut("values").and_then(Value::as_object_mut) {
            values.retain(|name, _| !matches!(name.as_str(), "name" | "cvr"));
        }
    }
}
