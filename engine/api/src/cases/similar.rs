//! `GET /cases/similar`: cases that a new one would be similar to, asked before it is made.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::Query;
use crate::shape::{Page, case::SimilarCase};
use axum::Json;
use axum::extract::State;
use sagsgang_domain::{ContainerId, PropertyId};
use sagsgang_runtime::{Engine, Prospect};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) fn describe() -> Description {
    Description::new(
        "Open cases of the same type about the same property or container that came in within the last 14 days; at most five, the newest first.",
    )
    .query("type", "Case type of the new case.")
    .query("property", "Id of the property that it will be about.")
    .query(
        "container",
        "Ids of the containers that it will be about; several separated by commas.",
    )
    .query(
        "fraction",
        "Where a case that is there says a waste fraction, it is this one.",
    )
    .page::<SimilarCase>("The cases; `next` is always null.")
}

pub(crate) async fn similar(
    State(engine): State<Arc<Engine>>,
    mut query: Query,
) -> Result<Json<Page<SimilarCase>>, Problem> {
    let missing = || Problem::new(&code::MALFORMED).detail("type is missing");
    let case_type = query.one("type").ok_or_else(missing)?;
    let containers = query.list("container");
    let container = |id: &String| {
        let wrong = |_| {
            let detail = format!("container={id} is not an id");
            Problem::new(&code::MALFORMED).detail(detail)
        };
        id.parse().map(ContainerId).map_err(wrong)
    };
    let prospect = Prospect {
        case_type,
        property: query.read::<Uuid>("property")?.map(PropertyId),
        containers: containers.iter().map(container).collect::<Result<_, _>>()?,
        fraction: query.one("fraction"),
    };
    query.finish()?;
    let found = engine.cases_like(&prospect).await?;
    let items = found.into_iter().map(SimilarCase::from).collect();
    Ok(Json(Page { items, next: None }))
}
