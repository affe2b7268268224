//! `POST` on a contact to see what is protected: each look stands in the history of the contact.

use super::kind::answer;
use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::shape::register::RevealedCpr;
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sagsgang_domain::{Contact, ContactId};
use sagsgang_runtime::{Engine, Principal};
use std::sync::Arc;

/// What was protected is kept by nobody on the way.
const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

pub(crate) fn describe_reveal() -> Description {
    Description::new(
        "A protected contact as it is. The look stands in the history of the contact, with who looked; a contact that is not \
         protected is answered as it is, without an entry.",
    )
    .answer::<crate::shape::register::Contact>(200, "The contact; `ETag` is its version.")
}

pub(crate) fn describe_reveal_cpr() -> Description {
    Description::new(
        "The number of a person (CPR). The look stands in the history of the contact, with who looked.",
    )
    .answer::<RevealedCpr>(200, "The number; `null` where none is kept.")
}

pub(crate) async fn reveal(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let stored = engine
        .reveal_contact(&principal.caller(), contact(&id)?)
        .await?;
    let shown = answer::<Contact>(stored).ok_or_else(not_found)?;
    Ok((NO_STORE, shown).into_response())
}

pub(crate) async fn reveal_cpr(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let cpr = engine
        .reveal_cpr(&principal.caller(), contact(&id)?)
        .await?;
    Ok((NO_STORE, Json(RevealedCpr { cpr })).into_response())
}

fn contact(id: &str) -> Result<ContactId, Problem> {
    id.parse().map_err(|_| not_found())
}

fn not_found() -> Problem {
    Problem::new(&code::NOT_FOUND)
}
