//! What the engine refuses, as problems.

use super::{Problem, code};
use sagsgang_domain::Rejection;
use sagsgang_runtime::{EngineError, ExecuteError};
use serde_json::Value;

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let mut problem = Problem::new(&code::of_rejection(&rejection)).detail(&rejection);
        if let Ok(Value::Object(data)) = serde_json::to_value(&rejection) {
            problem.particulars.data = data;
        }
        problem
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        if matches!(error, EngineError::Stopping) {
            return Problem::new(&code::UNAVAILABLE).retry_after(5);
        }
        tracing::error!(error = &error as &dyn std::error::Error, "a request failed");
        Problem::new(&code::INTERNAL)
    }
}

impl From<ExecuteError> for Problem {
    fn from(error: ExecuteError) -> Self {
        match error {
            // One body for all kinds of things, and for those that may not be seen.
            ExecuteError::NotFound(_) => Problem::new(&code::NOT_FOUND),
            ExecuteError::Rejected(rejection) => rejection.into(),
            ExecuteError::Stale { current } => Problem::new(&code::STALE_VERSION)
                .detail(format!("it is at version {current} now"))
                .with("currentVersion", current),
            ExecuteError::Conflict => Problem::new(&code::CONFLICT).retry_after(1),
            ExecuteError::RunState(detail) => Problem::new(&code::RUN_STATE).detail(detail),
            ExecuteError::CannotMigrate(reasons) => {
                Problem::new(&code::RUN_CANNOT_MIGRATE).with("reasons", reasons)
            }
            ExecuteError::KeyReused => Problem::new(&code::KEY_REUSED),
            ExecuteError::Plugin(plugin) => {
                let problem = Problem::new(&code::PLUGIN_FAILED)
                    .detail(&plugin.message)
                    .with("pluginCode", &plugin.code);
                match plugin.retry_after_seconds {
                    Some(seconds) => problem.retry_after(seconds),
                    None => problem,
                }
            }
            ExecuteError::Engine(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_keeps_what_explains_it() {
        let problem = Problem::from(Rejection::UnknownStatus {
            status: "opne".to_owned(),
            allowed: vec!["open".to_owned()],
        });
        let body = problem.body();
        assert_eq!(
            (body["status"].as_u64(), body["code"].as_str()),
            (Some(422), Some("unknown-status"))
        );
        assert_eq!(body["allowed"][0], "open");
        // The rejection's own `status` is a word of the case; it must not take the place of the HTTP status.
        assert!(body["detail"].as_str().unwrap().contains("opne"));
    }
}
