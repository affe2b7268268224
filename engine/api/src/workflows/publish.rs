//! `POST /workflows`: publishes files of the configuration, all of them or none.

use crate::openapi::Description;
use crate::problem::{Problem, code};
use crate::request::Sent;
use crate::shape::Page;
use crate::shape::definition::{FileProblem, Publish, Published};
use axum::Json;
use axum::extract::{Extension, State};
use sagsgang_domain::Right;
use sagsgang_runtime::{Engine, Principal, PublishError};
use std::sync::Arc;

pub(crate) fn describe() -> Description {
    Description::new("Publishes case types, workflows and templates: all of the files or none.")
        .json_body::<Publish>()
        .page::<Published>("What stands there now; `new` says what was not there before.")
        .refuses(&[409])
}

pub(crate) async fn publish(
    State(engine): State<Arc<Engine>>,
    Extension(principal): Extension<Principal>,
    sent: Sent<Publish>,
) -> Result<Json<Page<Published>>, Problem> {
    let files = sent
        .value
        .files
        .into_iter()
        .map(|file| (file.path, file.text))
        .collect();
    let published = engine
        .publish(&principal.caller(), files)
        .await
        .map_err(problem)?;
    Ok(Json(Page::whole(
        published.into_iter().map(Published::from).collect(),
    )))
}

fn problem(error: PublishError) -> Problem {
    match error {
        PublishError::Problems(diagnostics) => {
            let problems: Vec<FileProblem> = diagnostics.iter().map(FileProblem::from).collect();
            Problem::new(&code::DEFINITION_INVALID)
                .detail(format!("{} problems", problems.len()))
                .with("problems", problems)
        }
        PublishError::Taken { name, version } => Problem::new(&code::VERSION_TAKEN)
            .detail(format!(
                "{name} {version} is published with another content"
            ))
            .with("name", name)
            .with("version", version),
        PublishError::NotAllowed => Problem::new(&code::NOT_ALLOWED).with("right", Right::Publish),
        PublishError::Engine(error) => error.into(),
    }
}
