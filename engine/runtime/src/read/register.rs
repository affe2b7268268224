//! The registers. Protected contacts are masked.

use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError, commit_failed};
use sagsgang_domain::{
    Agreement, AgreementId, Caller, Contact, ContactId, Container, ContainerId, LinkKind, Property,
    PropertyId, Rejection, Right,
};
use sagsgang_store::{Commit, LinkedCase};
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

/// What stands in place of a protected person's name.
const MASK: &str = "Beskyttet";

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

    /// Containers by id, after one of them, each with the address of its property.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn containers_with_addresses(
        &self,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<(Container, Option<String>)>, EngineError> {
        let after = after.unwrap_or_default();
        Ok(self.store.containers_with_addresses(after, limit).await?)
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

    /// Agreements by id, after one of them, each with the address of its property.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agreements_with_addresses(
        &self,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<(Agreement, Option<String>)>, EngineError> {
        let after = after.unwrap_or_default();
        Ok(self.store.agreements_with_addresses(after, limit).await?)
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

    /// Writes a property, new or changed.
    ///
    /// # Errors
    /// When the caller may not or the database fails.
    pub async fn put_property(
        &self,
        caller: &Caller,
        property: Property,
    ) -> Result<(), ExecuteError> {
        self.put(
            caller,
            Commit {
                properties: vec![property],
                ..Commit::default()
            },
        )
        .await
    }

    /// Writes a container, new or changed.
    ///
    /// # Errors
    /// When the caller may not or the database fails.
    pub async fn put_container(
        &self,
        caller: &Caller,
        container: Container,
    ) -> Result<(), ExecuteError> {
        self.put(
            caller,
            Commit {
                containers: vec![container],
                ..Commit::default()
            },
        )
        .await
    }

    /// Writes an agreement, new or changed.
    ///
    /// # Errors
    /// When the caller may not or the database fails.
    pub async fn put_agreement(
        &self,
        caller: &Caller,
        agreement: Agreement,
    ) -> Result<(), ExecuteError> {
        self.put(
            caller,
            Commit {
                agreements: vec![agreement],
                ..Commit::default()
            },
        )
        .await
    }

    /// Writes a contact, new or changed. The masked form of a protected one is refused: it would erase the real one.
    ///
    /// # Errors
    /// When the caller may not, the contact is the masked form, or the database fails.
    pub async fn put_contact(&self, caller: &Caller, contact: Contact) -> Result<(), ExecuteError> {
        if contact.protected && contact.name == MASK {
            return Err(Rejection::Empty { field: "name" }.into());
        }
        self.put(
            caller,
            Commit {
                contacts: vec![contact],
                ..Commit::default()
            },
        )
        .await
    }

    async fn put(&self, caller: &Caller, commit: Commit) -> Result<(), ExecuteError> {
        if !caller.may(Right::ChangeRegisters) {
            return Err(Rejection::NotAllowed {
                right: Right::ChangeRegisters,
            }
            .into());
        }
        self.store.commit(commit).await.map_err(commit_failed)
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
