//! `POST /case-types/{name}/migrations`: tries or moves the cases of one version of a case type.

use super::address;
use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::{Once, Sent};
use crate::shape::migration::{BeginMigration, Migration};
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new(
        "Moves the cases of one version of a case type to another one; with `dryRun`, which holds where nothing is said, each is only tried.",
    )
    .once()
    .json_body::<BeginMigration>()
    .answer::<Migration>(
        202,
        "The migration, which goes on by itself; `Location` has its address.",
    )
    .refuses(&[409])
}

pub(crate) async fn begin(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(name): Path<String>,
    once: Once,
    sent: Sent<BeginMigration>,
) -> Result<Response, Problem> {
    let request = once.request(&sent.bytes);
    let made = engine
        .begin_migration(&principal.caller(), sent.value.of(name), request)
        .await?;
    let place = [(header::LOCATION, address(&made))];
    let answer = Json(Migration::of(made, &engine));
    Ok((StatusCode::ACCEPTED, place, answer).into_response())
}
