//! Buttons: a person runs a plugin's action on a case.

use crate::engine::Engine;
use crate::error::{ExecuteError, PluginProblem};
use crate::execute::{CaseRef, Request};
use sagsgang_domain::{Caller, Case, Cause, Command, Entry, Rejection, Right};
use sagsgang_host::{PluginError, Retry};
use sagsgang_store::Document;
use serde_json::Value;

/// What came of an action.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionResult {
    /// The plugin's result; null where an earlier request with the same key had it.
    pub result: Value,
    /// Files that it made.
    pub documents: Vec<Document>,
    /// New entries of the case's history.
    pub entries: Vec<Entry>,
    /// The case afterwards.
    pub case: Case,
}

impl Engine {
    /// Runs a plugin's action on a case. What it asks for is judged with the caller's rights and applied as one change,
    /// together with a line in the history; or nothing of it happens. A request that was carried out before is answered with
    /// the entries that it wrote, and without a result.
    ///
    /// # Errors
    /// When there is no such case or action, the plugin fails, or the rules say no.
    pub async fn run_action(
        &self,
        caller: &Caller,
        locale: &str,
        case: &CaseRef,
        action: &str,
        input: Value,
        request: Option<Request>,
    ) -> Result<ActionResult, ExecuteError> {
        if !caller.may(Right::RunAction) {
            return Err(Rejection::NotAllowed {
                right: Right::RunAction,
            }
            .into());
        }
        let found = self
            .host
            .find_action(action, None)
            .ok_or(ExecuteError::NotFound("action"))?;
        if found.button().is_none() {
            return Err(ExecuteError::NotFound("action"));
        }
        // Pressed again while the first call runs, it waits for what comes of that.
        let _turn = match &request {
            Some(request) => {
                let key = format!("{} {}", request.scope, request.key);
                Some(self.pressed.take(key).await)
            }
            None => None,
        };
        // The plugin is not called again, nor is anything sent a second time.
        if let Some(before) = self.executed_before(request.as_ref()).await? {
            return Ok(ActionResult {
                result: Value::Null,
                documents: Vec::new(),
                entries: before.entries,
                case: before.case,
            });
        }
        let stored = self
            .load(case)
            .await?
            .ok_or(ExecuteError::NotFound("case"))?;
        let key = match &request {
            Some(request) => format!("{} {}", request.scope, request.key),
            None => crate::chance::new_id(self.now()).to_string(),
        };
        let id = CaseRef::Id(stored.case.id);
        let made = self
            .run_plugin(
                &found,
                input,
                Some(stored.case),
                caller,
                locale,
                (&key, None),
            )
            .await
            .map_err(|error| problem(&error))?;
        let mut commands = made.commands;
        commands.push(Command::RecordAction {
            action: action.to_owned(),
            plugin: made.plugin.clone(),
        });
        let cause = Cause {
            plugin: Some(made.plugin),
            ..Cause::default()
        };
        // The line in the history is the engine's own; everything else is judged as the person's.
        let mut judged = caller.clone();
        judged.roles.push(sagsgang_domain::Role::System);
        let done = self
            .execute_with(
                &judged,
                Some(&cause),
                &id,
                commands,
                &made.kept,
                None,
                request,
            )
            .await?;
        let mut documents = made.kept.documents;
        for document in &mut documents {
            document.case = done
                .case
                .documents
                .contains(&document.id)
                .then_some(done.case.id);
        }
        Ok(ActionResult {
            result: made.output,
            documents,
            entries: done.entries,
            case: done.case,
        })
    }
}

/// A plugin's failure as the answer to the person who asked.
pub(crate) fn problem(error: &PluginError) -> ExecuteError {
    let retry_after_seconds = match error {
        PluginError::Unavailable { retry_after_ms, .. }
        | PluginError::Refused {
            retry: Retry::Retry,
            retry_after_ms,
            ..
        } => retry_after_ms.map(|millis| millis.div_ceil(1_000)),
        _ => None,
    };
    ExecuteError::Plugin(PluginProblem {
        code: format!("plugin-{}", error.code()),
        message: error.to_string(),
        retry_after_seconds,
    })
}
