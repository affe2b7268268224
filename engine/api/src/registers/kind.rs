//! What a register has to say about itself to have the four verbs.

use crate::problem::{Problem, code};
use crate::shape::register as shape;
use sagsgang_domain::{Agreement, Caller, Contact, Container, Property};
use sagsgang_runtime::{Engine, EngineError, ExecuteError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::future::Future;
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

    fn id(&self) -> Uuid;

    fn find(
        engine: &Engine,
        id: Uuid,
    ) -> impl Future<Output = Result<Option<Self>, EngineError>> + Send;

    fn page(
        engine: &Engine,
        after: Option<Uuid>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Self>, EngineError>> + Send;

    fn put(
        self,
        engine: &Engine,
        caller: &Caller,
    ) -> impl Future<Output = Result<(), ExecuteError>> + Send;
}

macro_rules! register {
    ($kind:ident, $path:literal, $one:ident, $many:ident, $put:ident) => {
        impl Register for $kind {
            type Shape = shape::$kind;
            const PATH: &'static str = $path;

            fn id(&self) -> Uuid {
                self.id.0
            }

            async fn find(engine: &Engine, id: Uuid) -> Result<Option<Self>, EngineError> {
                engine.$one(id.into()).await
            }

            async fn page(
                engine: &Engine,
                after: Option<Uuid>,
                limit: u32,
            ) -> Result<Vec<Self>, EngineError> {
                engine.$many(after, limit).await
            }

            async fn put(self, engine: &Engine, caller: &Caller) -> Result<(), ExecuteError> {
                engine.$put(caller, self).await
            }
        }
    };
}

register!(
    Container,
    "/api/v1/containers",
    container,
    containers,
    put_container
);
register!(
    Property,
    "/api/v1/properties",
    property,
    properties,
    put_property
);
register!(
    Agreement,
    "/api/v1/agreements",
    agreement,
    agreements,
    put_agreement
);
register!(Contact, "/api/v1/contacts", contact, contacts, put_contact);

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
