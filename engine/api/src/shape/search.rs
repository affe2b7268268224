//! What a search finds.

use sagsgang_domain::Timestamp;
use sagsgang_runtime::{SEARCH_MARKS, SearchKind};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something found by its words.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    /// `case`, `note`, `message`, `property`, `container`, `agreement` or `contact`.
    #[schema(value_type = String)]
    pub kind: SearchKind,
    /// Its id; for a note the id of its case.
    pub id: Uuid,
    /// Place of a note in the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// The case that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<FoundCase>,
    /// Title.
    pub title: String,
    /// Some words around what was found.
    pub snippet: String,
    /// How good the answer is; larger is better, within one answer only.
    pub score: f64,
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
}

/// The case of something that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FoundCase {
    /// Identity.
    pub id: Uuid,
    /// Number.
    pub number: String,
    /// Title.
    pub title: String,
}

impl From<sagsgang_runtime::SearchHit> for SearchHit {
    fn from(hit: sagsgang_runtime::SearchHit) -> Self {
        Self {
            kind: hit.kind,
            id: hit.id,
            seq: (hit.kind == SearchKind::Note).then_some(hit.part),
            case: hit.case.map(|(id, number, title)| FoundCase {
                id: id.0,
                number,
                title,
            }),
            title: hit.title,
            snippet: hit.snippet.replace([SEARCH_MARKS.0, SEARCH_MARKS.1], ""),
            score: hit.score,
            at: hit.at,
        }
    }
}
