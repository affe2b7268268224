//! `PUT /cases/{case}/follow` and `DELETE /cases/{case}/follow`: hearing of what happens on a case, or no longer.

use super::found;
use crate::openapi::Description;
use crate::problem::Problem;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

pub(crate) fn describe_follow() -> Description {
    Description::new("Follows a case: what happens on it stands among one's notices.")
        .empty_answer(204, "It is followed, also where it was before.")
}

pub(crate) fn describe_unfollow() -> Description {
    Description::new("Follows a case no longer.")
        .empty_answer(204, "It is not followed, also where it was not before.")
}

pub(crate) async fn follow(
    state: State<Arc<Engine>>,
    principal: Extension<Principal>,
    case: Path<String>,
) -> Result<StatusCode, Problem> {
    set(state, principal, case, true).await
}

pub(crate) async fn unfollow(
    state: State<Arc<Engine>>,
    principal: Extension<Principal>,
    case: Path<String>,
) -> Result<StatusCode, Problem> {
    set(state, principal, case, false).await
}

async fn set(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(case): Path<String>,
    follows: bool,
) -> Result<StatusCode, Problem> {
    let case = found(&engine, &case).await?;
    engine
        .set_following(&principal.caller(), &case, follows)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
