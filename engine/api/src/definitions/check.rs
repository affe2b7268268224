//! `POST /definitions/check`: what is wrong with a text, as publishing it would say.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::Sent;
use crate::shape::definition::{CheckAnswer, CheckRequest, FileProblem};
use axum::Json;
use axum::extract::State;
use sagsgang_definition::TextKind;
use sagsgang_runtime::Engine;
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new(
        "Everything that is wrong with the text of a definition. Nothing is published.",
    )
    .json_body::<CheckRequest>()
    .answer::<CheckAnswer>(
        200,
        "The findings, and what the text is called if it can be published.",
    )
}

pub(crate) async fn check(
    State(engine): State<Arc<Engine>>,
    sent: Sent<CheckRequest>,
) -> Result<Json<CheckAnswer>, Problem> {
    let CheckRequest { path, text, kind } = sent.value;
    let kind = match &kind {
        Some(name) => TextKind::named(name),
        None => TextKind::of(&text),
    };
    let kind = kind.ok_or_else(|| {
        let kinds = TextKind::ALL.map(TextKind::name).join("`, `");
        Problem::new(&code::INVALID).detail(format!("kind: one of `{kinds}`"))
    })?;
    let found = engine.diagnose(&path, &text, kind).await?;
    let (name, version) = found.identity.unzip();
    Ok(Json(CheckAnswer {
        kind: kind.name().to_owned(),
        name,
        version,
        problems: found.findings.iter().map(FileProblem::from).collect(),
    }))
}
