//! Cases.

pub(crate) mod act;
pub(crate) mod create;
pub(crate) mod documents;
pub(crate) mod execute;
pub(crate) mod export;
pub(crate) mod follow;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod panel;
pub(crate) mod read;
pub(crate) mod run_macro;
pub(crate) mod sheet;
pub(crate) mod similar;

use crate::problem::{Problem, code};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sagsgang_domain::Case;
use sagsgang_runtime::{CaseRef, Engine};

/// A case by the id or number of a path.
pub(crate) fn case_ref(text: &str) -> CaseRef {
    CaseRef::read(text)
}

/// The case of a path.
///
/// # Errors
/// `not-found`, also for one that may not be seen.
pub(crate) async fn found(engine: &Engine, case: &str) -> Result<Case, Problem> {
    engine
        .case(&case_ref(case))
        .await?
        .ok_or_else(|| Problem::new(&code::NOT_FOUND))
}

/// The answer with a case: its JSON, and its version as `ETag`.
pub(crate) fn answer(status: StatusCode, case: &Case) -> Response {
    let mut response = (status, axum::Json(case)).into_response();
    response
        .headers_mut()
        .insert(header::ETAG, etag(case.version));
    response
}

/// A version as an entity tag.
pub(crate) fn etag(version: u64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).expect("digits are a header's value")
}
