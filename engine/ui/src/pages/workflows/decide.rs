//! A person's decision about a run.

use super::run::{self, Filled};
use super::run_address;
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::frame::Alert;
use crate::rejection;
use crate::visit::Visit;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use sagsgang_runtime::{ExecuteError, RunDecision};
use serde::Deserialize;
use serde_json::Value;

/// What the forms send.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    reason: String,
    input: String,
    output: String,
    then: String,
    version: String,
    to: String,
}

/// Carries it out and shows the run.
pub(crate) async fn decide(
    visit: Visit,
    Path((id, what)): Path<(String, String)>,
    Form(asked): Form<Asked>,
) -> Answer {
    let filled = Filled {
        reason: asked.reason.clone(),
        input: asked.input.clone(),
        output: asked.output.clone(),
        after: None,
    };
    let refuse = |text: String, status: StatusCode, filled: Filled| {
        let (visit, id) = (visit.clone(), id.clone());
        async move { run::page(&visit, &id, Some(Alert::bad(text)), filled, status).await }
    };
    let Some(decision) = decision(&what, &asked) else {
        return Err(Failure::NotFound);
    };
    let decision = match decision {
        Ok(decision) => decision,
        Err(error) => {
            let text = visit
                .locale
                .with("json-unreadable", [("error", error.as_str())]);
            return refuse(text, StatusCode::UNPROCESSABLE_ENTITY, filled).await;
        }
    };
    let run = id.parse().map_err(|_| Failure::NotFound)?;
    let done = visit
        .engine
        .decide_run(&visit.caller()?, run, &decision, &asked.reason)
        .await;
    match done {
        Ok(run) => Ok(see(&run_address(run.id))),
        Err(ExecuteError::Rejected(rejection)) => {
            let text = rejection::text(&rejection, None, visit.locale);
            refuse(text, StatusCode::UNPROCESSABLE_ENTITY, filled).await
        }
        Err(ExecuteError::CannotMigrate(reasons)) => {
            let tag = visit.locale.tag();
            let reasons: Vec<_> = reasons.iter().map(|one| one.in_language(tag)).collect();
            let reasons = reasons.join("; ");
            let text = visit
                .locale
                .with("run-cannot-migrate", [("reasons", reasons.as_str())]);
            refuse(text, StatusCode::CONFLICT, filled).await
        }
        Err(ExecuteError::RunState(_) | ExecuteError::Conflict) => {
            let text = visit.locale.text("run-has-moved").into_owned();
            refuse(text, StatusCode::CONFLICT, filled).await
        }
        Err(error) => Err(beyond_the_page(error)),
    }
}

/// `None` for an address that there is not; an error for data that cannot be read.
fn decision(what: &str, asked: &Asked) -> Option<Result<RunDecision, String>> {
    let read = |text: &str| match text.trim() {
        "" => Ok(None),
        text => serde_json::from_str::<Value>(text)
            .map(Some)
            .map_err(|error| error.to_string()),
    };
    Some(match what {
        "retry" => Ok(RunDecision::Retry { input: None }),
        "edit" => read(&asked.input).map(|input| RunDecision::Retry { input }),
        "skip" => read(&asked.output).map(|output| RunDecision::Skip {
            output: output.unwrap_or_default(),
            then: Some(asked.then.clone()).filter(|then| !then.is_empty()),
        }),
        "jump" => Ok(RunDecision::Jump {
            to: asked.to.clone(),
            input: None,
        }),
        "cancel" => Ok(RunDecision::Cancel),
        "suspend" => Ok(RunDecision::Suspend),
        "resume" => Ok(RunDecision::Resume),
        "migrate" => Ok(RunDecision::Migrate {
            version: asked.version.clone(),
        }),
        _ => return None,
    })
}
