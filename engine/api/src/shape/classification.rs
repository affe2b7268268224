//! The classification of municipal tasks.

use sagsgang_domain as domain;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A subject or a facet of the classification (KLE).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KleEntry {
    /// Code: `07`, `07.18` or `07.18.05` of a subject, `G01` of a facet.
    pub code: String,
    /// Title.
    pub title: String,
    /// Its id at the publisher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<Uuid>,
    /// The day on which it was made or last changed there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    pub date: Option<String>,
}

impl From<domain::KleEntry> for KleEntry {
    fn from(entry: domain::KleEntry) -> Self {
        Self {
            code: entry.code,
            title: entry.title,
            uuid: entry.uuid,
            date: entry.date,
        }
    }
}
