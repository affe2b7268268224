//! `GET` on an entry of a register.

use super::Register;
use super::kind::answer;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe_read<T: Register>() -> Description {
    Description::new("An entry of a register.")
        .answer::<T::Shape>(200, "The entry; `ETag` is its version.")
}

pub(crate) async fn read<T: Register>(
    State(engine): State<Arc<Engine>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let not_found = || Problem::new(&code::NOT_FOUND);
    let id = id.parse().map_err(|_| not_found())?;
    let stored = engine.record(T::KIND, id).await?.ok_or_else(not_found)?;
    Ok(answer::<T>(stored).ok_or_else(not_found)?.into_response())
}
