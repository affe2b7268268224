//! Whether the process lives, and whether it can do its work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sagsgang_runtime::Engine;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The process answers.
pub(super) async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

/// The database answers, and the server is not about to stop.
pub(super) async fn ready(
    State(engine): State<Arc<Engine>>,
    State(closing): State<CancellationToken>,
) -> (StatusCode, Json<Value>) {
    if closing.is_cancelled() {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "status": "stopping" })),
        );
    }
    match engine.ready().await {
        true => (StatusCode::OK, Json(json!({ "status": "ready" }))),
        false => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "status": "the database does not answer" })),
        ),
    }
}
