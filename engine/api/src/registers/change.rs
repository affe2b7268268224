//! `PUT` on an entry of a register: the entry as it shall be.

use super::Register;
use super::kind::{answer, wanted};
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::{Expected, Sent};
use axum::extract::{Extension, Path, State};
use axum::response::{IntoResponse, Response};
use sagsgang_runtime::{Engine, Principal};
use serde_json::Value;
use std::sync::Arc;

pub(crate) fn describe_change<T: Register>() -> Description {
    Description::new("Changes an entry of a register; the body is the whole entry.")
        .versioned()
        .json_body::<T::Shape>()
        .answer::<T::Shape>(200, "The entry as it is now; `ETag` is its version.")
}

pub(crate) async fn change<T: Register>(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
    expected: Expected,
    sent: Sent<Value>,
) -> Result<Response, Problem> {
    let not_found = || Problem::new(&code::NOT_FOUND);
    let id = id.parse().map_err(|_| not_found())?;
    engine.record(T::KIND, id).await?.ok_or_else(not_found)?;
    let wanted = wanted::<T>(sent.value, id)?;
    let caller = principal.caller();
    engine.put_record(&caller, wanted, expected.0).await?;
    // Read again: what is protected is masked.
    let stored = engine.record(T::KIND, id).await?.ok_or_else(not_found)?;
    Ok(answer::<T>(stored).ok_or_else(not_found)?.into_response())
}
