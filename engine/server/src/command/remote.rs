//! A server that runs somewhere else, reached over its API.

use crate::cli::Server;
use anyhow::{Context, Result, bail, ensure};
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use serde_json::{Value, json};
use std::time::Duration;

/// A published text: kind, name, version, text.
pub(super) type ActiveText = (String, String, String, String);

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Problems that publishing names.
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// A server.
pub(super) struct Remote {
    url: String,
    token: String,
    http: Client,
}

/// What publishing gave.
pub(super) enum Answer {
    /// What stands there now.
    Published(Vec<Value>),
    /// What is wrong, line by line.
    Refused(Vec<String>),
}

impl Remote {
    /// The server that was named; nothing if none was.
    pub(super) fn of(server: &Server) -> Result<Option<Self>> {
        let Some(url) = &server.url else {
            return Ok(None);
        };
        ensure!(
            url.starts_with("https://") || url.starts_with("http://"),
            "{url:?} is not an http:// or https:// address"
        );
        let token = server
            .token
            .clone()
            .context("--url needs --token, or the variable SAGSGANG_TOKEN")?;
        // Fails only when the process has one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .timeout(PATIENCE)
            // The token goes to the named server and to no other.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("sagsgang/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Some(Self {
            url: url.trim_end_matches('/').to_owned(),
            token,
            http,
        }))
    }

    /// The texts in force.
    pub(super) async fn active_texts(&self) -> Result<Vec<ActiveText>> {
        let request = self.http.get(format!("{}/api/v1/definitions", self.url));
        let (status, body) = self.ask(request).await?;
        ensure!(status.is_success(), "{}", self.refusal(status, &body));
        let text = |item: &Value, key: &str| item[key].as_str().unwrap_or_default().to_owned();
        let items = body["items"].as_array().cloned().unwrap_or_default();
        Ok(items
            .iter()
            .map(|item| {
                (
                    text(item, "kind"),
                    text(item, "name"),
                    text(item, "version"),
                    text(item, "text"),
                )
            })
            .collect())
    }

    /// Publishes texts, given with their paths: all of them or none.
    pub(super) async fn publish(&self, texts: &[(String, String)]) -> Result<Answer> {
        let files: Vec<Value> = texts
            .iter()
            .map(|(path, text)| json!({ "path": path, "text": text }))
            .collect();
        let request = self.http.post(format!("{}/api/v1/workflows", self.url));
        let (status, body) = self.ask(request.json(&json!({ "files": files }))).await?;
        match (status, body["problems"].as_array()) {
            (status, _) if status.is_success() => Ok(Answer::Published(
                body["items"].as_array().cloned().unwrap_or_default(),
            )),
            (REFUSED, Some(problems)) => Ok(Answer::Refused(problems.iter().map(line).collect())),
            _ => bail!("{}", self.refusal(status, &body)),
        }
    }

    /// Sends a request below `/api/v1/` and answers what came back; nothing where nothing did.
    ///
    /// # Errors
    /// With the server's own words where it refuses.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value> {
        let mut request = self
            .http
            .request(method, format!("{}/api/v1/{path}", self.url));
        if let Some(body) = body {
            request = request.json(body);
        }
        self.told(request).await
    }

    /// Sends bytes.
    ///
    /// # Errors
    /// As [`Remote::send`].
    pub(super) async fn upload(&self, path: &str, bytes: Vec<u8>) -> Result<Value> {
        let request = self.http.post(format!("{}/api/v1/{path}", self.url));
        let request = request
            .header("content-type", "application/octet-stream")
            .body(bytes);
        self.told(request).await
    }

    async fn told(&self, request: RequestBuilder) -> Result<Value> {
        let (status, body) = self.ask(request).await?;
        ensure!(status.is_success(), "{}", self.refusal(status, &body));
        Ok(body)
    }

    async fn ask(&self, request: RequestBuilder) -> Result<(StatusCode, Value)> {
        let answer = request
            .bearer_auth(&self.token)
            .send()
            .await
            .with_context(|| format!("{} cannot be reached", self.url))?;
        let status = answer.status();
        let bytes = answer.bytes().await?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
    }

    fn refusal(&self, status: StatusCode, body: &Value) -> String {
        let said = |key: &str| body[key].as_str();
        let why = said("detail")
            .or(said("title"))
            .unwrap_or("no Sagsgang API answers there");
        format!("{} answered {status}: {why}", self.url)
    }
}

/// A problem as `sagsgang check` prints it.
pub(super) fn line(problem: &Value) -> String {
    let text = |key: &str| problem[key].as_str().unwrap_or_default();
    let number = |key: &str| problem[key].as_u64().unwrap_or_default();
    let mut line = format!(
        "{}:{}:{}: {}[{}]: {}",
        text("file"),
        number("line"),
        number("column"),
        text("severity"),
        text("code"),
        text("message")
    );
    if let Some(hint) = problem["hint"].as_str() {
        line.push_str("\n  hint: ");
        line.push_str(hint);
    }
    line
}
