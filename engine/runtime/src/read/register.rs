//! The registers. Protected contacts are masked.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::register::{MASK, masked_entry};
use sagsgang_domain::{
    Agreement, AgreementId, Contact, ContactId, Container, ContainerId, LinkKind, Property,
    PropertyId, Record, RecordEntry, RecordKind, StoredRecord,
};
use sagsgang_store::{
    LinkedCase, Page, RegisterField, RegisterFilter, RegisterItem, RegisterOrder,
};
use uuid::Uuid;

/// What hangs off a property.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PropertyRecords {
    /// Its containers.
    pub containers: Vec<Container>,
    /// Its agreements.
    pub agreements: Vec<Agreement>,
    /// Its contacts; protected ones are masked.
    pub contacts: Vec<Contact>,
}

fn masked(contact: Contact) -> Contact {
    if !contact.protected {
        return contact;
    }
    Contact {
        name: MASK.to_owned(),
        emails: Vec::new(),
        phones: Vec::new(),
        ..contact
    }
}

/// A record as a list shows it: of a protected contact, neither number nor home tells who it is.
fn listed(item: RegisterItem) -> RegisterItem {
    RegisterItem {
        record: match item.record {
            Record::Contact(contact) if contact.protected => Record::Contact(Contact {
                cvr: None,
                property: None,
                ..masked(contact)
            }),
            other => other,
        },
        ..item
    }
}

impl Engine {
    /// A property.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn property(&self, id: PropertyId) -> Result<Option<Property>, EngineError> {
        Ok(self.store.property(id).await?)
    }

    /// A container.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn container(&self, id: ContainerId) -> Result<Option<Container>, EngineError> {
        Ok(self.store.container(id).await?)
    }

    /// An agreement.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agreement(&self, id: AgreementId) -> Result<Option<Agreement>, EngineError> {
        Ok(self.store.agreement(id).await?)
    }

    /// A contact; a protected one is masked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contact(&self, id: ContactId) -> Result<Option<Contact>, EngineError> {
        Ok(self.store.contact(id).await?.map(masked))
    }

    /// Properties by id, after one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn properties(
        &self,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Property>, EngineError> {
        Ok(self
            .store
            .properties(after.unwrap_or_default(), limit)
            .await?)
    }

    /// Properties whose address begins with a text.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn properties_at(
        &self,
        address: &str,
        limit: u32,
    ) -> Result<Vec<Property>, EngineError> {
        Ok(self.store.properties_at(address, limit).await?)
    }

    /// The property with a municipality code and a property number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn property_numbered(
        &self,
        municipality: &str,
        number: &str,
    ) -> Result<Option<Property>, EngineError> {
        let found = self
            .store
            .properties_numbered(&[(municipality, number)])
            .await?;
        let property = found.into_iter().find_map(|stored| match stored.record {
            Record::Property(property) => Some(property),
            _ => None,
        });
        Ok(property)
    }

    /// Containers by id, after one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn containers(
        &self,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Container>, EngineError> {
        Ok(self
            .store
            .containers(after.unwrap_or_default(), limit)
            .await?)
    }

    /// The container with a printed id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn container_by_printed_id(
        &self,
        printed: &str,
    ) -> Result<Option<Container>, EngineError> {
        Ok(self.store.container_by_printed_id(printed).await?)
    }

    /// Agreements by id, after one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agreements(
        &self,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Agreement>, EngineError> {
        Ok(self
            .store
            .agreements(after.unwrap_or_default(), limit)
            .await?)
    }

    /// Contacts by id, after one of them; protected ones are masked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contacts(
        &self,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Contact>, EngineError> {
        let contacts = self
            .store
            .contacts(after.unwrap_or_default(), limit)
            .await?;
        Ok(contacts.into_iter().map(masked).collect())
    }

    /// A page of a register; protected contacts are masked. An `after` that is not ours begins at the start, and an order
    /// that the register does not have is that by id. Where a filter names no day, it is today.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_records(
        &self,
        kind: RecordKind,
        filter: &RegisterFilter,
        order: RegisterOrder,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<RegisterItem>, EngineError> {
        let filter = self.dated(filter);
        let page = self
            .store
            .list_records(kind, &filter, order, after, limit)
            .await?;
        Ok(Page {
            items: page.items.into_iter().map(listed).collect(),
            next: page.next,
        })
    }

    /// The ids of all records that a filter with words finds, in their order.
    pub(super) async fn found_records(
        &self,
        kind: RecordKind,
        filter: &RegisterFilter,
        order: RegisterOrder,
    ) -> Result<Vec<Uuid>, EngineError> {
        let filter = self.dated(filter);
        Ok(self.store.found_records(kind, &filter, order).await?)
    }

    /// Records as rows of a list, in the order of their ids; protected contacts are masked.
    pub(super) async fn listed_records(
        &self,
        kind: RecordKind,
        ids: &[Uuid],
    ) -> Result<Vec<RegisterItem>, EngineError> {
        let items = self.store.listed_records(kind, ids).await?;
        Ok(items.into_iter().map(listed).collect())
    }

    /// How many records a list has, counted up to a limit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_records(
        &self,
        kind: RecordKind,
        filter: &RegisterFilter,
        limit: u32,
    ) -> Result<u64, EngineError> {
        let filter = self.dated(filter);
        Ok(self.store.count_records(kind, &filter, limit).await?)
    }

    /// The values of a field by which a register can be narrowed: those that it always has, or those that records have, 200
    /// at the most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn register_values(
        &self,
        kind: RecordKind,
        field: RegisterField,
    ) -> Result<Vec<String>, EngineError> {
        match field.fixed(kind) {
            Some(fixed) => Ok(fixed.iter().map(|&value| value.to_owned()).collect()),
            None => Ok(self.store.register_values(kind, field).await?),
        }
    }

    fn dated(&self, filter: &RegisterFilter) -> RegisterFilter {
        let mut filter = filter.clone();
        if filter.today.is_empty() {
            filter.today = self.now().in_zone(self.time_zone()).date().to_string();
        }
        filter
    }

    /// A record with its version and where it comes from; a protected contact is masked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record(
        &self,
        kind: RecordKind,
        id: Uuid,
    ) -> Result<Option<StoredRecord>, EngineError> {
        let stored = self.store.record(kind, id).await?;
        Ok(stored.map(|stored| StoredRecord {
            record: match stored.record {
                Record::Contact(contact) => Record::Contact(masked(contact)),
                other => other,
            },
            ..stored
        }))
    }

    /// The history of a record, the oldest first, after one of its entries; what a protection hides is masked. `None`
    /// where there is no such record.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_history(
        &self,
        kind: RecordKind,
        id: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Option<Vec<RecordEntry>>, EngineError> {
        let Some(stored) = self.store.record(kind, id).await? else {
            return Ok(None);
        };
        let after = after.unwrap_or_default();
        let entries = self.store.record_history(id, after, limit).await?;
        Ok(Some(match stored.record.is_protected() {
            true => entries.into_iter().map(masked_entry).collect(),
            false => entries,
        }))
    }

    /// Cases about a record, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_linked(
        &self,
        kind: LinkKind,
        record: Uuid,
        limit: u32,
    ) -> Result<Vec<LinkedCase>, EngineError> {
        Ok(self.store.cases_linked(kind, record, limit).await?)
    }

    /// What hangs off a property.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn records_of_property(
        &self,
        id: PropertyId,
    ) -> Result<PropertyRecords, EngineError> {
        let contacts = self.store.contacts_of(id).await?;
        Ok(PropertyRecords {
            containers: self.store.containers_of(id).await?,
            agreements: self.store.agreements_of(id).await?,
            contacts: contacts.into_iter().map(masked).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_domain::ContactKind;

    #[test]
    fn a_protected_contact_shows_neither_name_nor_ways_to_reach_it() {
        let contact = Contact {
            id: ContactId(Uuid::nil()),
            kind: ContactKind::Person,
            name: "Anna Lindegaard".to_owned(),
            cvr: None,
            cpr: None,
            emails: vec!["anna@borger.example".to_owned()],
            phones: vec!["+4500000014".to_owned()],
            role: "owner".to_owned(),
            property: None,
            protected: true,
        };
        let shown = serde_json::to_string(&masked(contact)).unwrap();
        assert!(!shown.contains("Anna") && !shown.contains("anna@") && !shown.contains("+45"));
    }
}
