//! `GET` on an entry of a register.

use super::Register;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use axum::Json;
use axum::extract::{Path, State};
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe_read<T: Register>() -> Description {
    Description::new("An entry of a register.").answer::<T::Shape>(200, "The entry.")
}

pub(crate) async fn read<T: Register>(
    State(engine): State<Arc<Engine>>,
    Path(id): Path<String>,
) -> Result<Json<T>, Problem> {
    let not_found = || Problem::new(&code::NOT_FOUND);
    let id = id.parse().map_err(|_| not_found())?;
    Ok(Json(T::find(&engine, id).await?.ok_or_else(not_found)?))
}
