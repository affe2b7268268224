//! `POST /notices/seen`: one has seen all there is.

use crate::openapi::Description;
use crate::problem::Problem;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Marks all of one's notices as seen; what comes later is unseen again.")
        .empty_answer(204, "They are seen.")
}

pub(crate) async fn see(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
) -> Result<StatusCode, Problem> {
    engine.see_all(&principal.name).await?;
    Ok(StatusCode::NO_CONTENT)
}
