//! `GET /api/openapi.json`: the OpenAPI document.

use crate::openapi::{Description, document};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

static TEXT: LazyLock<String> = LazyLock::new(|| document().to_pretty_json().unwrap_or_default());

pub(crate) fn describe() -> Description {
    Description::new("This document.").bytes_answer(200, "application/json", "OpenAPI 3.1.")
}

pub(crate) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}
