//! The JSON Schemas of texts, for editors outside: `# yaml-language-server: $schema=https://…/schemas/workflow.json`.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use sagsgang_definition::schema::SCHEMAS;

/// The schema of a kind of text, by its name with `.json`.
pub(crate) async fn show(Path(name): Path<String>) -> Response {
    let kind = name.strip_suffix(".json");
    let found = SCHEMAS.iter().find(|schema| Some(schema.kind) == kind);
    let Some(schema) = found else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, "application/schema+json"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, schema.text).into_response()
}
