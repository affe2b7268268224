//! `POST /workflows/{namespace}/{name}/migrate`: tries or moves the runs of a workflow to another version of it.

use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::Sent;
use crate::shape::Page;
use crate::shape::run::{MigrateRuns, MovedRun};
use axum::Json;
use axum::extract::{Extension, Path, State};
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new(
        "Moves the runs of a workflow that have not ended to another version of it, a part of them at a time; with `dryRun`, which holds where nothing is said, each is only tried.",
    )
    .json_body::<MigrateRuns>()
    .page::<MovedRun>("What becomes of each run of this part. `next` is the `after` of the next part.")
    .refuses(&[409])
}

pub(crate) async fn migrate(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path((namespace, name)): Path<(String, String)>,
    sent: Sent<MigrateRuns>,
) -> Result<Json<Page<MovedRun>>, Problem> {
    let asked = sent.value.of(format!("{namespace}/{name}"));
    let moved = engine.migrate_runs(&principal.caller(), &asked).await?;
    let page = Page {
        items: moved.runs,
        next: moved.next.map(|run| run.to_string()),
    };
    Ok(Json(page.map(MovedRun::from)))
}
