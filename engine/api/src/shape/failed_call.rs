//! A plugin's call that failed.

use sagsgang_domain::Timestamp;
use sagsgang_runtime as runtime;
use serde::Serialize;
use utoipa::ToSchema;

/// A call of a plugin that failed. Nothing that it asked for was applied; its requests to the outside have happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FailedCall {
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Name of the action.
    pub action: String,
    /// Version of the plugin.
    pub version: String,
    /// Number of the case that it was about.
    pub case: Option<String>,
    /// A stable word for the error, such as `timed-out`.
    pub code: &'static str,
    /// The error in words.
    pub message: String,
    /// What the plugin wrote up to the failure.
    pub log: Vec<LogLine>,
    /// Its requests to the outside up to the failure.
    pub http: Vec<HttpAttempt>,
}

/// A line of a plugin's log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LogLine {
    /// `debug`, `info`, `warn` or `error`.
    pub level: &'static str,
    /// The text.
    pub message: String,
}

/// A request of a plugin to the outside.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HttpAttempt {
    /// The method.
    pub method: String,
    /// Scheme, host and path; query strings may hold personal data and stay out.
    pub url: String,
    /// Status of the answer, if there was one.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Size of the answer's body in bytes.
    pub bytes: u64,
}

impl From<runtime::FailedCall> for FailedCall {
    fn from(failed: runtime::FailedCall) -> Self {
        Self {
            at: failed.at,
            action: failed.action,
            version: failed.version,
            case: failed.case,
            code: failed.code,
            message: failed.message,
            log: failed.log.into_iter().map(LogLine::from).collect(),
            http: failed.attempts.into_iter().map(HttpAttempt::from).collect(),
        }
    }
}

impl From<runtime::LogLine> for LogLine {
    fn from(line: runtime::LogLine) -> Self {
        Self {
            level: line.level.name(),
            message: line.message,
        }
    }
}

impl From<runtime::HttpAttempt> for HttpAttempt {
    fn from(attempt: runtime::HttpAttempt) -> Self {
        Self {
            method: attempt.method,
            url: attempt.url,
            status: attempt.status,
            error: attempt.error,
            duration_ms: attempt.duration_ms,
            bytes: attempt.bytes,
        }
    }
}
