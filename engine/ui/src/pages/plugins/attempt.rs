//! Trying a plugin on a case, with nothing sent, kept or changed.

use super::TrialOutcome;
use super::show::{Sent, TRIAL_PREFIX, attempt_line, page};
use crate::answer::{Answer, Failure};
use crate::form::schema::input_of_form;
use crate::format;
use crate::visit::Visit;
use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use sagsgang_runtime::{CaseRef, Trial, TrialError};
use serde_json::Value;
use std::collections::HashMap;

/// Runs the trial and shows what would come of it.
pub(crate) async fn attempt(
    visit: Visit,
    Path(id): Path<String>,
    Form(mut fields): Form<HashMap<String, String>>,
) -> Answer {
    let action = fields.remove("action").unwrap_or_default();
    let configuration = fields.remove("configuration").unwrap_or_default();
    let case = fields.remove("case").unwrap_or_default().trim().to_owned();
    let entered: HashMap<String, String> = fields
        .into_iter()
        .filter_map(|(name, text)| Some((name.strip_prefix(TRIAL_PREFIX)?.to_owned(), text)))
        .collect();
    let detail = visit.engine.plugin(&id).await?.ok_or(Failure::NotFound)?;
    let chosen = detail.actions.iter().find(|one| one.name == action);
    let schema = chosen.and_then(|one| one.input_schema.clone());
    let outcome = match input_of_form(&schema.unwrap_or(Value::Null), &entered) {
        Ok(input) => {
            let action = (id.as_str(), action.as_str());
            tried(&visit, action, &case, Value::Object(input), &configuration).await?
        }
        Err(wrong) => failed(
            visit
                .locale
                .with("try-unfit", [("fields", &wrong.join(", "))]),
        ),
    };
    let status = match outcome.failed {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    let sent = Sent {
        action,
        configuration,
        trial: entered,
        case,
        outcome: Some(outcome),
        ..Sent::default()
    };
    page(&visit, Some(&id), sent, None, status).await
}

async fn tried(
    visit: &Visit,
    action: (&str, &str),
    number: &str,
    input: Value,
    configuration: &str,
) -> Result<TrialOutcome, Failure> {
    let case = (!number.is_empty()).then(|| CaseRef::read(number));
    let (caller, locale) = (visit.caller()?, visit.locale);
    let trial = visit
        .engine
        .try_plugin(
            &caller,
            locale.tag(),
            action,
            case.as_ref(),
            input,
            (!configuration.is_empty()).then_some(configuration),
        )
        .await;
    match trial {
        Ok(trial) => Ok(outcome(&trial, visit)),
        Err(TrialError::NotFound("case")) => Ok(failed(locale.text("try-no-case").into_owned())),
        Err(TrialError::Plugin(error)) => Ok(failed(
            locale.with("try-failed", [("problem", &error.to_string())]),
        )),
        Err(TrialError::NotFound(_) | TrialError::NotAllowed) => Err(Failure::NotFound),
        Err(TrialError::Engine(error)) => Err(error.into()),
    }
}

fn outcome(trial: &Trial, visit: &Visit) -> TrialOutcome {
    let key = if trial.sample {
        "try-sample"
    } else {
        "try-done"
    };
    let written = trial
        .log
        .iter()
        .map(|line| format!("{}: {}", line.level, line.message));
    let locale = visit.locale;
    let attempts = trial.attempts.iter().map(|one| attempt_line(one, locale));
    TrialOutcome {
        cost: (!trial.sample).then(|| cost(trial, visit)),
        summary: visit.locale.text(key).into_owned(),
        failed: false,
        result: Some(format!("{:#}", trial.output)),
        commands: trial
            .commands
            .iter()
            .filter_map(|command| serde_json::to_string(command).ok())
            .collect(),
        documents: trial
            .documents
            .iter()
            .map(|(name, _)| name.clone())
            .collect(),
        lines: written.chain(attempts).collect(),
    }
}

/// Time on a processor and in all, in whole milliseconds, and memory.
fn cost(trial: &Trial, visit: &Visit) -> String {
    let millis = |micros: u64| micros.div_ceil(1_000).to_string();
    let (cpu, wall) = (millis(trial.usage.cpu_us), millis(trial.usage.wall_us));
    let memory = format::size(trial.usage.memory_bytes, visit.locale);
    let spent = [("cpu", &*cpu), ("wall", &*wall), ("memory", &*memory)];
    visit.locale.with("try-cost", spent)
}

fn failed(summary: String) -> TrialOutcome {
    TrialOutcome {
        summary,
        failed: true,
        cost: None,
        result: None,
        commands: Vec::new(),
        documents: Vec::new(),
        lines: Vec::new(),
    }
}
