//! A plugin's call that went well.

use super::failed_call::{HttpAttempt, LogLine};
use sagsgang_domain::Timestamp;
use sagsgang_runtime as runtime;
use serde::Serialize;
use utoipa::ToSchema;

/// A call of a plugin that went well and left something to read.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DoneCall {
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Name of the action, panel, channel or provider.
    pub action: String,
    /// Version of the plugin.
    pub version: String,
    /// Number of the case that it was about.
    pub case: Option<String>,
    /// What the plugin wrote.
    pub log: Vec<LogLine>,
    /// Its requests to the outside.
    pub http: Vec<HttpAttempt>,
    /// Time from start to end, in microseconds.
    pub wall_us: u64,
    /// Time on a processor, in microseconds.
    pub cpu_us: u64,
}

impl From<runtime::DoneCall> for DoneCall {
    fn from(done: runtime::DoneCall) -> Self {
        Self {
            at: done.at,
            action: done.action,
            version: done.version,
            case: done.case,
            log: done.log.into_iter().map(LogLine::from).collect(),
            http: done.attempts.into_iter().map(HttpAttempt::from).collect(),
            wall_us: done.usage.wall_us,
            cpu_us: done.usage.cpu_us,
        }
    }
}
