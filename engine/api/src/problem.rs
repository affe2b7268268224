//! What went wrong, as `application/problem+json` (RFC 9457) with a stable code.

pub mod code;
mod from_engine;

pub use code::Code;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// An answer that says no.
///
/// Where the fault is ours (500), the answer carries the problem as an extension too, so that the layer in front can
/// add the reference under which the log has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    particulars: Box<Particulars>,
}

/// What is said this time. It is apart, so that a `Result` is not as large as the rarest answer.
#[derive(Clone, Debug, Default, PartialEq)]
struct Particulars {
    detail: Option<String>,
    data: Map<String, Value>,
    retry_after_seconds: Option<u64>,
}

impl Problem {
    /// A problem of a kind.
    pub fn new(code: &Code) -> Self {
        Self {
            status: code.status(),
            code: code.code,
            title: code.title,
            particulars: Box::default(),
        }
    }

    /// Says what is wrong this time.
    #[must_use]
    pub fn detail(mut self, detail: impl ToString) -> Self {
        self.particulars.detail = Some(detail.to_string());
        self
    }

    /// Adds a value that explains it to a program.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        self.particulars.data.insert(key.to_owned(), value);
        self
    }

    /// Says when trying again may help.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.particulars.retry_after_seconds = Some(seconds);
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The body of the answer.
    pub fn body(&self) -> Value {
        let mut body = json!({
            "type": format!("/api/docs/errors/{}", self.code),
            "title": self.title,
            "status": self.status.as_u16(),
            "code": self.code,
        });
        if let Value::Object(object) = &mut body {
            if let Some(detail) = &self.particulars.detail {
                object.insert("detail".to_owned(), json!(detail));
            }
            for (key, value) in &self.particulars.data {
                object.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        body
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.body().to_string();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.particulars.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"sagsgang\""),
            );
        }
        if self.status == StatusCode::INTERNAL_SERVER_ERROR {
            response.extensions_mut().insert(self);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_its_code_and_never_loses_it_to_its_data() {
        let problem = Problem::new(&code::STALE_VERSION)
            .detail("the case is at version 18 now")
            .with("currentVersion", 18)
            .with("code", "something else");
        let body = problem.body();
        assert_eq!(body["code"], "stale-version");
        assert_eq!(body["status"], 412);
        assert_eq!(body["type"], "/api/docs/errors/stale-version");
        assert_eq!(body["currentVersion"], 18);
    }

    #[test]
    fn only_our_own_faults_travel_as_an_extension() {
        let ours = Problem::new(&code::INTERNAL).into_response();
        assert!(ours.extensions().get::<Problem>().is_some());
        let theirs = Problem::new(&code::NOT_FOUND).into_response();
        assert!(theirs.extensions().get::<Problem>().is_none());
    }
}
