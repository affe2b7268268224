//! Reading the registers: properties, containers, agreements, contacts.

pub(crate) mod address;
pub(crate) mod cpr;
pub(crate) mod list;
pub(crate) mod record;

use crate::connect::Store;
use crate::error::StoreError;
use crate::sql::{Sql, read};
use sagsgang_domain::{
    Agreement, AgreementId, Contact, ContactId, Container, ContainerId, Property, PropertyId,
};
use serde::de::DeserializeOwned;
use sqlx::types::Json;
use uuid::Uuid;

static PROPERTY: Sql = Sql::both("select body from property where id = $1");
static PROPERTIES: Sql = Sql::both("select body from property where id > $1 order by id limit $2");
static PROPERTIES_BY_LINE: Sql = Sql::both(
    "select body from property where line >= $1 and line < $2 order by line, id limit $3",
);
static CONTAINER: Sql = Sql::both("select body from container where id = $1");
static CONTAINER_BY_NAME: Sql = Sql::both("select body from container where container_id = $1");
static CONTAINERS: Sql = Sql::both("select body from container where id > $1 order by id limit $2");
static CONTAINERS_AT: Sql =
    Sql::both("select body from container where property = $1 order by container_id limit 500");
static AGREEMENT: Sql = Sql::both("select body from agreement where id = $1");
static AGREEMENTS: Sql = Sql::both("select body from agreement where id > $1 order by id limit $2");
static AGREEMENTS_AT: Sql =
    Sql::both("select body from agreement where property = $1 order by starts_on desc limit 500");
static CONTACT: Sql = Sql::both("select body from contact where id = $1");
static CONTACTS: Sql = Sql::both("select body from contact where id > $1 order by id limit $2");
static CONTACTS_AT: Sql =
    Sql::both("select body from contact where property = $1 order by name limit 500");

pub(crate) const STATEMENTS: &[(&str, &Sql)] = &[
    ("property", &PROPERTY),
    ("properties", &PROPERTIES),
    ("properties by address", &PROPERTIES_BY_LINE),
    ("container", &CONTAINER),
    ("container by printed id", &CONTAINER_BY_NAME),
    ("containers", &CONTAINERS),
    ("containers at property", &CONTAINERS_AT),
    ("agreement", &AGREEMENT),
    ("agreements", &AGREEMENTS),
    ("agreements at property", &AGREEMENTS_AT),
    ("contact", &CONTACT),
    ("contacts", &CONTACTS),
    ("contacts at property", &CONTACTS_AT),
];

impl Store {
    async fn body<T>(&self, statement: &'static Sql, id: Uuid) -> Result<Option<T>, StoreError>
    where
        T: DeserializeOwned + Send + Unpin + 'static,
    {
        let row: Option<(Json<T>,)> = read!(self, statement, |sql, pool| sqlx::query_as(sql)
            .bind(id)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(|(body,)| body.0))
    }

    async fn bodies_of<T>(&self, statement: &'static Sql, id: Uuid) -> Result<Vec<T>, StoreError>
    where
        T: DeserializeOwned + Send + Unpin + 'static,
    {
        let rows: Vec<(Json<T>,)> = read!(self, statement, |sql, pool| sqlx::query_as(sql)
            .bind(id)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|(body,)| body.0).collect())
    }

    async fn bodies_after<T>(
        &self,
        statement: &'static Sql,
        after: Uuid,
        limit: u32,
    ) -> Result<Vec<T>, StoreError>
    where
        T: DeserializeOwned + Send + Unpin + 'static,
    {
        let rows: Vec<(Json<T>,)> = read!(self, statement, |sql, pool| sqlx::query_as(sql)
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|(body,)| body.0).collect())
    }

    /// The property with an id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn property(&self, id: PropertyId) -> Result<Option<Property>, StoreError> {
        self.body(&PROPERTY, id.0).await
    }

    /// Properties by id, after one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn properties(&self, after: Uuid, limit: u32) -> Result<Vec<Property>, StoreError> {
        self.bodies_after(&PROPERTIES, after, limit).await
    }

    /// Properties whose address begins with a text.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn properties_at(
        &self,
        address: &str,
        limit: u32,
    ) -> Result<Vec<Property>, StoreError> {
        let rows: Vec<(Json<Property>,)> =
            read!(self, PROPERTIES_BY_LINE, |sql, pool| sqlx::query_as(sql)
                .bind(address)
                .bind(format!("{address}\u{10FFFF}"))
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await)?;
        Ok(rows.into_iter().map(|(body,)| body.0).collect())
    }

    /// The container with an id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn container(&self, id: ContainerId) -> Result<Option<Container>, StoreError> {
        self.body(&CONTAINER, id.0).await
    }

    /// The container with a printed id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn container_by_printed_id(
        &self,
        printed: &str,
    ) -> Result<Option<Container>, StoreError> {
        let row: Option<(Json<Container>,)> =
            read!(self, CONTAINER_BY_NAME, |sql, pool| sqlx::query_as(sql)
                .bind(printed)
                .fetch_optional(pool)
                .await)?;
        Ok(row.map(|(body,)| body.0))
    }

    /// Containers by id, after one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn containers(&self, after: Uuid, limit: u32) -> Result<Vec<Container>, StoreError> {
        self.bodies_after(&CONTAINERS, after, limit).await
    }

    /// Containers at a property.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn containers_of(&self, property: PropertyId) -> Result<Vec<Container>, StoreError> {
        self.bodies_of(&CONTAINERS_AT, property.0).await
    }

    /// The agreement with an id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agreement(&self, id: AgreementId) -> Result<Option<Agreement>, StoreError> {
        self.body(&AGREEMENT, id.0).await
    }

    /// Agreements by id, after one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agreements(&self, after: Uuid, limit: u32) -> Result<Vec<Agreement>, StoreError> {
        self.bodies_after(&AGREEMENTS, after, limit).await
    }

    /// Agreements of a property, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agreements_of(&self, property: PropertyId) -> Result<Vec<Agreement>, StoreError> {
        self.bodies_of(&AGREEMENTS_AT, property.0).await
    }

    /// The contact with an id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contact(&self, id: ContactId) -> Result<Option<Contact>, StoreError> {
        self.body(&CONTACT, id.0).await
    }

    /// Contacts by id, after one of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contacts(&self, after: Uuid, limit: u32) -> Result<Vec<Contact>, StoreError> {
        self.bodies_after(&CONTACTS, after, limit).await
    }

    /// Contacts of a property by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contacts_of(&self, property: PropertyId) -> Result<Vec<Contact>, StoreError> {
        self.bodies_of(&CONTACTS_AT, property.0).await
    }
}
