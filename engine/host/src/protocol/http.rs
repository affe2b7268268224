//! `call: http`: the request that the arguments describe, and what of the answer is handed on.

use super::{MOST_ANSWER_BYTES, ProtocolError, Protocols, Request, address, pairs, plain, shown};
use crate::state::Answered;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use serde_json::{Value, json};

/// What a request is sent with, and what becomes of the answer.
pub(super) struct HttpCall {
    pub(super) method: String,
    pub(super) url: Url,
    pub(super) headers: Vec<(String, String)>,
    pub(super) authorization: Option<String>,
    pub(super) body: Value,
    /// `raw`, `content` or `response`.
    pub(super) output: String,
    /// Redirections are answers and no errors.
    pub(super) redirect: bool,
}

impl Protocols {
    pub(super) async fn http(&self, with: &Value, key: &str) -> Result<Value, ProtocolError> {
        let endpoint = &with["endpoint"];
        let uri = endpoint.as_str().or_else(|| endpoint["uri"].as_str());
        let uri = uri.ok_or_else(|| ProtocolError::configuration("`endpoint` is no address"))?;
        let mut url = address(uri)?;
        for (name, value) in pairs(&with["query"]) {
            url.query_pairs_mut().append_pair(&name, &value);
        }
        let authorization = self
            .authorization(&endpoint["authentication"], &with["secrets"], key)
            .await?;
        let call = HttpCall {
            method: plain(&with["method"]).to_ascii_uppercase(),
            url,
            headers: pairs(&with["headers"]),
            authorization,
            body: with["body"].clone(),
            output: plain(&with["output"]),
            redirect: with["redirect"].as_bool().unwrap_or(false),
        };
        self.exchange(call, key).await
    }

    pub(super) async fn exchange(&self, call: HttpCall, key: &str) -> Result<Value, ProtocolError> {
        let HttpCall {
            method,
            url,
            mut headers,
            authorization,
            body,
            output,
            redirect,
        } = call;
        let mut given = |name: &str, value: &str| {
            let there = headers
                .iter()
                .any(|(header, _)| header.eq_ignore_ascii_case(name));
            if !there {
                headers.push((name.to_owned(), value.to_owned()));
            }
        };
        let body = match body {
            Value::Null => None,
            Value::String(text) => {
                given("content-type", "text/plain; charset=utf-8");
                Some(text.into_bytes())
            }
            other => {
                given("content-type", "application/json");
                Some(other.to_string().into_bytes())
            }
        };
        let (asked, place) = (
            json!({ "method": method.to_lowercase(), "uri": url.as_str(),
                "headers": headers.iter().cloned().collect::<std::collections::BTreeMap<_, _>>() }),
            format!("{method} {}", shown(&url)),
        );
        let request = Request {
            method,
            url,
            headers,
            authorization,
            body,
            most_answer_bytes: MOST_ANSWER_BYTES,
        };
        let answer = self
            .send(request, key)
            .await
            .map_err(|error| ProtocolError {
                detail: format!("{place}: {}", error.detail),
                ..error
            })?;
        let most = if redirect { 399 } else { 299 };
        if !(200..=most).contains(&answer.status) {
            return Err(ProtocolError {
                kind: "communication",
                status: Some(answer.status),
                detail: format!("{place} answered {}", answer.status),
            });
        }
        Ok(match output.as_str() {
            "raw" => Value::String(STANDARD.encode(&answer.body)),
            "response" => json!({
                "request": asked,
                "statusCode": answer.status,
                "headers": answer.headers.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
                "content": content(&answer),
            }),
            _ => content(&answer),
        })
    }
}

/// The body by its type: JSON as data, text as text, anything else in base64.
fn content(answer: &Answered) -> Value {
    if answer.body.is_empty() {
        return Value::Null;
    }
    let media_type = answer
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .map(|(_, value)| value.split(';').next().unwrap_or_default().trim());
    let json = media_type.is_none_or(|kind| kind.ends_with("/json") || kind.ends_with("+json"));
    if json && let Ok(value) = serde_json::from_slice(&answer.body) {
        return value;
    }
    match std::str::from_utf8(&answer.body) {
        Ok(text) => Value::String(text.to_owned()),
        Err(_) => Value::String(STANDARD.encode(&answer.body)),
    }
}
