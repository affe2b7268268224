//! `POST /case-types/{name}/migrations/{migration}/…`: carries out what was tried, takes back what was carried out, or
//! cancels what is under way.

use super::found;
use crate::openapi::Description;
use crate::problem::Problem;
use crate::shape::migration::Migration;
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

type Answer = Result<(StatusCode, Json<Migration>), Problem>;

fn described(summary: &'static str) -> Description {
    Description::new(summary)
        .answer::<Migration>(202, "The migration, which goes on by itself.")
        .refuses(&[409])
}

pub(crate) fn describe_carry_out() -> Description {
    described("Moves the cases of a migration that was tried. Asked again, it changes nothing.")
}

pub(crate) fn describe_revert() -> Description {
    described(
        "Puts the cases back that a migration moved; those that were changed since in a way that stands against it stay, with the reason. Asked again, it changes nothing.",
    )
}

pub(crate) fn describe_cancel() -> Description {
    Description::new(
        "Ends what a migration does at the moment. Cases that were moved stay moved and can be put back; those that were not yet looked at stay where they are. Where nothing is under way it changes nothing.",
    )
    .answer::<Migration>(200, "The migration, with who cancelled it.")
}

pub(crate) async fn cancel(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path((name, id)): Path<(String, String)>,
) -> Result<Json<Migration>, Problem> {
    let known = found(&engine, &name, &id).await?;
    let now = engine
        .cancel_migration(&principal.caller(), known.id)
        .await?;
    Ok(Json(Migration::of(now, &engine)))
}

pub(crate) async fn carry_out(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path((name, id)): Path<(String, String)>,
) -> Answer {
    let known = found(&engine, &name, &id).await?;
    let now = engine
        .carry_out_migration(&principal.caller(), known.id)
        .await?;
    Ok((StatusCode::ACCEPTED, Json(Migration::of(now, &engine))))
}

pub(crate) async fn revert(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path((name, id)): Path<(String, String)>,
) -> Answer {
    let known = found(&engine, &name, &id).await?;
    let now = engine
        .revert_migration(&principal.caller(), known.id)
        .await?;
    Ok((StatusCode::ACCEPTED, Json(Migration::of(now, &engine))))
}
