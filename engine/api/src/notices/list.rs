//! `GET /notices`: notes that name oneself and are not seen, and the cases that one follows.

use crate::openapi::Description;
use crate::problem::Problem;
use crate::request::{Query, limit};
use crate::shape::notice::Notices;
use axum::Json;
use axum::extract::{Extension, State};
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("One's own notices: notes that name one and are not seen, and the cases that one follows, the newest first.")
        .query("mentionsAfter", "`nextMentions` of the page before.")
        .query("followedAfter", "`nextFollowed` of the page before.")
        .query("limit", "Most rows of each kind: 50, at most 500.")
        .answer::<Notices>(200, "The notices.")
}

pub(crate) async fn list(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    mut query: Query,
) -> Result<Json<Notices>, Problem> {
    let limit = limit(&mut query)?;
    let (mentions, followed) = (query.one("mentionsAfter"), query.one("followedAfter"));
    query.finish()?;
    let (mentions, followed) = (mentions.as_deref(), followed.as_deref());
    let notices = engine.notices(&principal.name, mentions, followed, limit);
    let notices = notices.await?;
    let unseen = engine.unseen(&principal).await?;
    Ok(Json(Notices::new(notices, unseen)))
}
