//! Trying a plugin on a case: what would come of a call, with nothing sent, kept or changed.

use crate::engine::Engine;
use crate::error::EngineError;
use crate::execute::CaseRef;
use sagsgang_domain::{Caller, Command, Right};
use sagsgang_host::{CallContext, CallRequest, Effect, HttpAttempt, LogLine, PluginError, Usage};
use serde_json::Value;
use std::sync::Arc;

/// What would come of a call.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The result.
    pub output: Value,
    /// It is the sample of the package: the action acts outside and was not run.
    pub sample: bool,
    /// Changes that it would ask for, in order.
    pub commands: Vec<Command>,
    /// Files that it would make: name and bytes.
    pub documents: Vec<(String, usize)>,
    /// Lines of its log.
    pub log: Vec<LogLine>,
    /// Requests that it would have sent.
    pub attempts: Vec<HttpAttempt>,
    /// What it cost.
    pub usage: Usage,
}

/// Why there was no trial.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The caller may not.
    #[error("you do not have the right to manage plugins")]
    NotAllowed,
    /// There is no such plugin, action or case.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The call failed.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// Not the caller's fault.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Engine {
    /// Runs an action of a plugin on a case, or on none, for trial, with settings of a name or the usual ones. An action that acts outside is answered with the
    /// sample of its package, where there is one.
    ///
    /// # Errors
    /// When the caller may not, there is no such thing, or the call fails.
    pub async fn try_plugin(
        &self,
        caller: &Caller,
        locale: &str,
        (plugin, action): (&str, &str),
        case: Option<&CaseRef>,
        input: Value,
        configuration: Option<&str>,
    ) -> Result<Trial, TrialError> {
        if !caller.may(Right::ManagePlugins) || !caller.may(Right::ReadCases) {
            return Err(TrialError::NotAllowed);
        }
        let action = self
            .host
            .find_action(action, None)
            .filter(|found| found.plugin.id() == plugin)
            .ok_or(TrialError::NotFound("action"))?;
        let settings = self.configuration_for(plugin, configuration)?;
        let case = match case {
            None => None,
            Some(case) => {
                let found = self.case(case).await?.ok_or(TrialError::NotFound("case"))?;
                let shown = self.case_for_plugin(&found, action.wants("history")).await;
                Some(Arc::new(shown?))
            }
        };
        if let (Some(sample), false) = (action.sample(), action.effect() == Effect::Pure) {
            return Ok(Trial {
                output: sample.clone(),
                sample: true,
                commands: Vec::new(),
                documents: Vec::new(),
                log: Vec::new(),
                attempts: Vec::new(),
                usage: Usage::default(),
            });
        }
        let request = CallRequest {
            input,
            context: CallContext {
                case,
                caller: caller.clone(),
                locale: locale.to_owned(),
                configuration: settings,
                configuration_name: configuration.map(str::to_owned),
                idempotency_key: crate::chance::new_id(self.now()).to_string(),
                now: self.now(),
                dry: true,
            },
            deadline: None,
            action,
        };
        let outcome = self.host.call(request).await?;
        let file = |made: sagsgang_host::call::Document| (made.name, made.bytes.len());
        Ok(Trial {
            output: outcome.output,
            sample: false,
            commands: outcome.commands,
            documents: outcome.documents.into_iter().map(file).collect(),
            log: outcome.log,
            attempts: outcome.attempts,
            usage: outcome.usage,
        })
    }
}
