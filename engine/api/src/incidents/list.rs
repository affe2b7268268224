//! `GET /incidents`: what stopped and waits for a person.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::Query;
use crate::shape::{Page, operation::Incident};
use axum::Json;
use axum::extract::State;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("What stopped and waits for a person.")
        .query("state", "`open` (the default) or `resolved`.")
        .page::<Incident>("The incidents, the newest first.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
    mut query: Query,
) -> Result<Json<Page<Incident>>, Problem> {
    let open = match query.one("state").as_deref() {
        None | Some("open") => true,
        Some("resolved") => false,
        Some(other) => {
            return Err(Problem::new(&code::MALFORMED)
                .detail(format!("state={other} is neither open nor resolved")));
        }
    };
    query.finish()?;
    let incidents = engine.incidents(open).await?;
    Ok(Json(Page::whole(
        incidents.into_iter().map(Incident::from).collect(),
    )))
}
