//! `PUT` on an entry of a register: the entry as it shall be.

use super::Register;
use super::kind::with_id;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::Sent;
use axum::Json;
use axum::extract::{Extension, Path, State};
use sagsgang_runtime::{Engine, Principal};
use serde_json::Value;
use std::sync::Arc;

pub(crate) fn describe_change<T: Register>() -> Description {
    Description::new("Changes an entry of a register; the body is the whole entry.")
        .json_body::<T::Shape>()
        .answer::<T::Shape>(200, "The entry as it is now.")
}

pub(crate) async fn change<T: Register>(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    sent: Sent<Value>,
) -> Result<Json<T>, Problem> {
    let not_found = || Problem::new(&code::NOT_FOUND);
    let id = id.parse().map_err(|_| not_found())?;
    T::find(&engine, id).await?.ok_or_else(not_found)?;
    let body = sent.value.clone();
    with_id::<T>(body, id)?
        .put(&engine, &principal.caller())
        .await?;
    Ok(Json(with_id(sent.value, id)?))
}
