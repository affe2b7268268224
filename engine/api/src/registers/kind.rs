//! What a register has to say about itself to have the four verbs.

use crate::problem::{Problem, code};
use crate::shape::register as shape;
use axum::Json;
use axum::http::header;
use axum::response::IntoResponse;
use sagsgang_domain::{
    Agreement, Contact, Container, External, Property, Record, RecordKind, StoredRecord,
    WantedRecord,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// A kind of register entry.
pub(crate) trait Register:
    Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static
{
    /// Its description.
    type Shape: ToSchema;
    /// Path of the list.
    const PATH: &'static str;

    /// The kind of record.
    const KIND: RecordKind;

    fn into_record(self) -> Record;

    fn from_record(record: Record) -> Option<Self>;
}

/// An entry with where it comes from.
#[derive(Serialize)]
pub(crate) struct Shown<T> {
    #[serde(flatten)]
    pub(crate) entry: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external: Option<External>,
}

/// An entry that is there, as an answer whose `ETag` is its version. A protected contact is masked.
pub(crate) fn answer<T: Register>(stored: StoredRecord) -> Option<impl IntoResponse> {
    let version = format!("\"{}\"", stored.version);
    let shown = Shown {
        entry: T::from_record(stored.record)?,
        external: stored.external,
    };
    Some(([(header::ETAG, version)], Json(shown)))
}

/// An entry as it shall be, with what the body says about where it comes from.
///
/// # Errors
/// `invalid-request` where a value is missing or of another kind.
pub(crate) fn wanted<T: Register>(mut body: Value, id: Uuid) -> Result<WantedRecord, Problem> {
    let external =
        match body.get_mut("external").map(Value::take) {
            None | Some(Value::Null) => None,
            Some(value) => Some(serde_json::from_value(value).map_err(|error| {
                Problem::new(&code::INVALID).detail(format!("external: {error}"))
            })?),
        };
    Ok(WantedRecord {
        record: with_id::<T>(body, id)?.into_record(),
        external,
        brought_by: None,
    })
}

macro_rules! register {
    ($kind:ident, $path:literal) => {
        impl Register for $kind {
            type Shape = shape::$kind;
            const PATH: &'static str = $path;

            const KIND: RecordKind = RecordKind::$kind;

            fn into_record(self) -> Record {
                Record::$kind(self)
            }

            fn from_record(record: Record) -> Option<Self> {
                match record {
                    Record::$kind(one) => Some(one),
                    _ => None,
                }
            }
        }
    };
}

register!(Container, "/api/v1/containers");
register!(Property, "/api/v1/properties");
register!(Agreement, "/api/v1/agreements");
register!(Contact, "/api/v1/contacts");

/// Reads an entry from a body whose id may be missing.
///
/// # Errors
/// `invalid-request` where a value is missing or of another kind.
pub(crate) fn with_id<T: Register>(mut body: Value, id: Uuid) -> Result<T, Problem> {
    if let Value::Object(object) = &mut body {
        object.insert("id".to_owned(), json!(id));
    }
    serde_json::from_value(body).map_err(|error| Problem::new(&code::INVALID).detail(error))
}

/// The id in a body, where it has one.
///
/// # Errors
/// `invalid-request` where it is no UUID.
pub(crate) fn given_id(body: &Value) -> Result<Option<Uuid>, Problem> {
    match body.get("id") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => serde_json::from_value(value.clone())
            .map(Some)
            .map_err(|error| Problem::new(&code::INVALID).detail(format!("id: {error}"))),
    }
}
