//! Calls that workflows make without a plugin: HTTP, and operations that an OpenAPI document describes. They leave by the
//! same way as the requests of plugins: allowed places only, no redirects, no private addresses, bounded.

mod authentication;
mod http;
mod openapi;

use crate::egress::{Egress, Outgoing, granted_target};
use crate::grant::HttpGrant;
use crate::state::{Answered, Refusal};
use reqwest::Url;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for one answer.
const LONGEST: Duration = Duration::from_secs(30);
/// Largest answer. It becomes part of a run's state, which has to stay small enough to be written.
const MOST_ANSWER_BYTES: usize = 1024 * 1024;
/// Largest OpenAPI document.
const MOST_DOCUMENT_BYTES: usize = 8 * 1024 * 1024;
/// Largest body that is sent.
const MOST_BODY_BYTES: usize = 1024 * 1024;

/// Finds the value of a secret by its name.
pub type SecretSource = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The protocols, and where their requests may go.
pub struct Protocols {
    egress: Egress,
    reach: Reach,
    secrets: SecretSource,
}

/// Where requests may go.
enum Reach {
    /// To these places.
    Allowed(Vec<HttpGrant>),
    /// To servers on this machine that stand for others; the key is the origin that is asked for.
    Replaced(BTreeMap<String, Url>),
}

/// Why a call failed, in the words of the workflow language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ProtocolError {
    /// Name of the standard error: `communication`, `configuration`, `authentication`, `authorization` or `timeout`.
    pub kind: &'static str,
    /// Status of the answer, where there was one.
    pub status: Option<u16>,
    /// What went wrong. Holds no query, since that may be personal.
    pub detail: String,
}

impl ProtocolError {
    fn new(kind: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            detail: detail.into(),
        }
    }

    fn configuration(detail: impl Into<String>) -> Self {
        Self::new("configuration", detail)
    }
}

impl From<Refusal> for ProtocolError {
    fn from(refusal: Refusal) -> Self {
        let kind = match refusal.code {
            "denied" => "authorization",
            "invalid" => "configuration",
            _ if refusal.message.contains("in time") => "timeout",
            _ => "communication",
        };
        Self::new(kind, refusal.message)
    }
}

/// A request on its way.
struct Request {
    method: String,
    url: Url,
    headers: Vec<(String, String)>,
    /// Value of the `authorization` header.
    authorization: Option<String>,
    body: Option<Vec<u8>>,
    most_answer_bytes: usize,
}

impl Request {
    fn get(url: Url, most_answer_bytes: usize) -> Self {
        Self {
            method: "GET".to_owned(),
            url,
            headers: Vec::new(),
            authorization: None,
            body: None,
            most_answer_bytes,
        }
    }
}

/// Whether a function is one of the protocols.
pub fn is_protocol(function: &str) -> bool {
    function == "http" || function == "openapi"
}

impl Protocols {
    /// Requests may go to these places, and nowhere else.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub fn allowed(
        places: Vec<HttpGrant>,
        allow_loopback: bool,
        secrets: SecretSource,
    ) -> Result<Self, crate::HostError> {
        Ok(Self {
            egress: Egress::new(allow_loopback, None).map_err(crate::HostError::Client)?,
            reach: Reach::Allowed(places),
            secrets,
        })
    }

    /// Requests go to servers on this machine instead of the origins that they name, and nowhere else.
    ///
    /// # Errors
    /// When an address cannot be read, or the client cannot be made.
    pub fn replaced(
        servers: &BTreeMap<String, String>,
        secrets: SecretSource,
    ) -> Result<Self, String> {
        let mut replaced = BTreeMap::new();
        for (origin, server) in servers {
            let origin = Url::parse(origin).map_err(|error| format!("{origin}: {error}"))?;
            let server = Url::parse(server).map_err(|error| format!("{server}: {error}"))?;
            replaced.insert(origin.origin().ascii_serialization(), server);
        }
        Ok(Self {
            egress: Egress::new(true, None).map_err(|error| error.to_string())?,
            reach: Reach::Replaced(replaced),
            secrets,
        })
    }

    /// Carries out `http` or `openapi` with the arguments of the workflow language. The key goes along as
    /// `Idempotency-Key`.
    ///
    /// # Errors
    /// When it cannot be sent, or the answer says that it failed.
    pub async fn call(
        &self,
        protocol: &str,
        with: &Value,
        key: &str,
    ) -> Result<Value, ProtocolError> {
        match protocol {
            "http" => self.http(with, key).await,
            "openapi" => self.openapi(with, key).await,
            other => Err(ProtocolError::configuration(format!(
                "there is no protocol `{other}`"
            ))),
        }
    }

    async fn send(&self, request: Request, key: &str) -> Result<Answered, ProtocolError> {
        if request
            .body
            .as_ref()
            .is_some_and(|body| body.len() > MOST_BODY_BYTES)
        {
            return Err(ProtocolError::configuration("a request has at most 1 MiB"));
        }
        let url = match &self.reach {
            Reach::Allowed(grants) => granted_target(request.url.as_str(), grants)?.0,
            Reach::Replaced(servers) => {
                let origin = request.url.origin().ascii_serialization();
                // A server may name itself, such as in the document of its operations.
                let itself = servers
                    .values()
                    .find(|server| server.origin() == request.url.origin());
                let server = servers.get(&origin).or(itself).ok_or_else(|| {
                    ProtocolError::configuration(format!("no server is given for {origin}"))
                })?;
                let mut url = server.clone();
                let base = server.path().trim_end_matches('/');
                url.set_path(&format!("{base}{}", request.url.path()));
                url.set_query(request.url.query());
                url
            }
        };
        let outgoing = Outgoing {
            method: request.method,
            url,
            headers: request.headers,
            secret: request
                .authorization
                .map(|value| ("authorization".to_owned(), value)),
            idempotency_key: key.to_owned(),
            body: request.body,
            timeout: LONGEST,
            most_answer_bytes: request.most_answer_bytes,
        };
        Ok(self.egress.send(outgoing).await?)
    }
}

/// A URL as the author wrote it.
fn address(text: &str) -> Result<Url, ProtocolError> {
    Url::parse(text)
        .map_err(|error| ProtocolError::configuration(format!("`{text}` is no address: {error}")))
}

/// A URL without what may be personal.
fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    shown.into()
}

/// A value in a header, a query or a path.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The names and values of an object; an absent one has none.
fn pairs(value: &Value) -> Vec<(String, String)> {
    let entries = value.as_object().into_iter().flatten();
    entries
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), plain(value)))
        .collect()
}
