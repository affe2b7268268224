//! `POST /definitions/complete`: what can be written at a place of a text that is being written.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::Sent;
use crate::shape::definition::{CompletionAnswer, CompletionRequest};
use axum::Json;
use axum::extract::State;
use sagsgang_definition::TextKind;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("What can be written at a place of the text of a workflow or a case type.")
        .json_body::<CompletionRequest>()
        .answer::<CompletionAnswer>(200, "The answers; none where nothing is known.")
}

pub(crate) async fn complete(
    State(engine): State<Arc<Engine>>,
    sent: Sent<CompletionRequest>,
) -> Result<Json<CompletionAnswer>, Problem> {
    let CompletionRequest { text, offset, kind } = sent.value;
    let kind = match kind.as_str() {
        "workflow" => TextKind::Workflow,
        "case-type" => TextKind::CaseType,
        _ => {
            let detail = "kind: `workflow` or `case-type`";
            return Err(Problem::new(&code::INVALID).detail(detail));
        }
    };
    // Reading a long text takes milliseconds, which other requests need not wait for.
    let found = tokio::task::spawn_blocking(move || engine.complete(kind, &text, offset)).await;
    let found = found.map_err(|_| Problem::new(&code::INTERNAL))?;
    Ok(Json(CompletionAnswer::from(found)))
}
