//! One call of a plugin, as its caller sees it: the request, the outcome, the ways it can fail.

use crate::plugin::ActionRef;
use sagsgang_domain::{Caller, Command, Timestamp};
use serde::Serialize;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What is to be run.
#[derive(Clone, Debug)]
pub struct CallRequest {
    /// The action, as found by [`Host::find_action`](crate::Host::find_action). A newer version installed meanwhile does
    /// not change it.
    pub action: Arc<ActionRef>,
    /// The input; checked against the action's schema.
    pub input: Value,
    /// What the call is about.
    pub context: CallContext,
    /// The most that the call may take, waiting included; the plugin's own limit may be lower.
    pub deadline: Option<Duration>,
}

/// What a call is about and on whose behalf it runs.
#[derive(Clone, Debug)]
pub struct CallContext {
    /// The case, as the API shows it with its records expanded. The plugin sees it only with the capability `case-read`.
    pub case: Option<Arc<Value>>,
    /// The party on whose behalf it runs. Its rights judge what the plugin asks for, and what it reads.
    pub caller: Caller,
    /// Language of the person who reads the result.
    pub locale: String,
    /// The plugin's configuration; `null` means the package's default. Secret fields are taken out before the plugin sees it.
    pub configuration: Arc<Value>,
    /// The name under which it stands; its secrets are found there too. `None` is [`CallContext::DEFAULT`].
    pub configuration_name: Option<String>,
    /// Stays the same when the call is tried again.
    pub idempotency_key: String,
    /// When the call is made. Other cases are read as they were then.
    pub now: Timestamp,
    /// Only to see what would come of it: nothing is sent to the outside, nothing is kept, nothing is counted.
    pub dry: bool,
}

impl CallContext {
    /// The configuration that is used where nobody names one.
    pub const DEFAULT: &'static str = "default";

    /// The name of the configuration.
    pub fn configuration_name(&self) -> &str {
        self.configuration_name.as_deref().unwrap_or(Self::DEFAULT)
    }
}

/// What a successful call leaves behind. The caller applies all of it in one transaction, or nothing.
#[derive(Clone, Debug)]
pub struct CallOutcome {
    /// The result, satisfying the action's output schema.
    pub output: Value,
    /// Changes asked for, in order.
    pub commands: Vec<Command>,
    /// Documents and files made. Those that no `attach` command names are results only.
    pub documents: Vec<Document>,
    /// What it leaves in the plugin's own store; nothing after a trial.
    pub kept: Kept,
    /// Lines of the log.
    pub log: Vec<LogLine>,
    /// What it cost.
    pub usage: Usage,
    /// Requests to the outside; those of a trial were not sent.
    pub attempts: Vec<HttpAttempt>,
}

/// What a call leaves in the plugin's own store. The caller writes it in the transaction of the outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Values by key, each key once; `None` removes one.
    pub writes: Vec<(String, Option<Vec<u8>>)>,
    /// All that the plugin may keep, in bytes, keys included. It had room for this when the call ended.
    pub room: u64,
}

/// A document or file made by a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The id that `attach` commands use: a UUID, drawn from the idempotency key.
    pub handle: String,
    /// File name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// For the plugin's author.
    Debug,
    /// What happened.
    Info,
    /// What somebody should look at.
    Warn,
    /// What went wrong.
    Error,
}

impl LogLevel {
    /// The stable word for it.
    pub fn name(self) -> &'static str {
        match self {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warn => "warn",
            LogLevel::Error => "error",
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One line of a plugin's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// The text.
    pub message: String,
}

/// What a call used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Time on a processor, in microseconds.
    pub cpu_us: u64,
    /// Time from start to end, in microseconds.
    pub wall_us: u64,
    /// The most linear memory held at once, in bytes.
    pub memory_bytes: u64,
    /// Calls of host functions.
    pub host_calls: u32,
}

/// One request to the outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpAttempt {
    /// The method.
    pub method: String,
    /// Scheme, host and path; query strings may hold personal data and stay out.
    pub url: String,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
    /// From the first byte sent to the last received, in milliseconds.
    pub duration_ms: u64,
    /// Size of the answer's body in bytes.
    pub bytes: u64,
}

/// A call that failed, for the person who wants to know why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedCall {
    /// When the call was made.
    pub at: Timestamp,
    /// Name of the action.
    pub action: String,
    /// The version that was called.
    pub version: String,
    /// Number of the case that the call was about, or its id where it has none.
    pub case: Option<String>,
    /// [`PluginError::code`].
    pub code: &'static str,
    /// The error in words.
    pub message: String,
    /// Lines of the log up to the failure.
    pub log: Vec<LogLine>,
    /// Requests to the outside up to the failure; they have happened.
    pub attempts: Vec<HttpAttempt>,
}

/// A call that went well and wrote something or asked somebody outside, for the person who wants to know what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DoneCall {
    /// When the call was made.
    pub at: Timestamp,
    /// Name of the action.
    pub action: String,
    /// The version that was called.
    pub version: String,
    /// Number of the case that the call was about, or its id where it has none.
    pub case: Option<String>,
    /// Lines of the log.
    pub log: Vec<LogLine>,
    /// Requests to the outside.
    pub attempts: Vec<HttpAttempt>,
    /// What it cost.
    pub usage: Usage,
}

/// What a plugin advises after its own failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retry {
    /// The same call may succeed later.
    Retry,
    /// The call cannot succeed with this input.
    Reject,
    /// A person has to decide.
    Ask,
}

/// Why a call failed. Nothing that it asked for is applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PluginError {
    /// Nobody has granted yet what the plugin asks for.
    #[error("the plugin waits for an administrator to grant what it asks for")]
    Waiting,
    /// Somebody switched the plugin off.
    #[error("the plugin is switched off")]
    Disabled,
    /// The plugin needs something that is not granted (any more).
    #[error("not granted: {0}")]
    Denied(String),
    /// The plugin has no configuration of the name with which it was to be called.
    #[error(
        "the plugin has no configuration `{0}`; give it one of that name, or publish the workflow with another"
    )]
    NotConfigured(String),
    /// The input does not satisfy the action's schema.
    #[error("the input does not fit: {}", .0.join("; "))]
    BadInput(Vec<String>),
    /// The time from start to end was used up.
    #[error("no result within {0} ms")]
    TimedOut(u64),
    /// A limit was met: `cpu`, `memory`, `tables`, `host-calls`, `copied`, `output`, `script`.
    #[error("the limit of {limit} was met")]
    Exhausted {
        /// Which limit.
        limit: &'static str,
    },
    /// The plugin broke off.
    #[error("the plugin broke off: {message}")]
    Trapped {
        /// The cause, with the plugin's own last words where there are any.
        message: String,
    },
    /// The plugin says that it cannot.
    #[error("{message}")]
    Refused {
        /// The plugin's own word for it.
        code: String,
        /// One sentence for a person.
        message: String,
        /// What it advises.
        retry: Retry,
        /// When trying again may help, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// The result is not JSON or does not satisfy the action's schema.
    #[error("the result does not fit: {0}")]
    BadOutput(String),
    /// The call was not begun: no free slot, or the plugin is switched off after repeated failures.
    #[error("the plugin cannot be called now: {reason}")]
    Unavailable {
        /// Why.
        reason: String,
        /// When trying again may help, in milliseconds.
        retry_after_ms: Option<u64>,
    },
}

impl PluginError {
    /// A stable word for metrics and incidents.
    pub fn code(&self) -> &'static str {
        match self {
            PluginError::Waiting => "waiting",
            PluginError::Disabled => "disabled",
            PluginError::Denied(_) => "denied",
            PluginError::NotConfigured(_) => "not-configured",
            PluginError::BadInput(_) => "bad-input",
            PluginError::TimedOut(_) => "timed-out",
            PluginError::Exhausted { .. } => "exhausted",
            PluginError::Trapped { .. } => "trapped",
            PluginError::Refused { .. } => "refused",
            PluginError::BadOutput(_) => "bad-output",
            PluginError::Unavailable { .. } => "unavailable",
        }
    }

    /// Whether the plugin broke a promise, which counts towards switching it off.
    pub(crate) fn is_broken_promise(&self) -> bool {
        matches!(
            self,
            PluginError::TimedOut(_) | PluginError::Exhausted { .. } | PluginError::Trapped { .. }
        )
    }
}
