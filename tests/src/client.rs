//! What another program sees: plain HTTP, with a session once somebody has logged in.

use std::sync::Once;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, redirect};
use serde_json::Value;

/// No request of a test may take longer.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);

/// An HTTP client for one server. It follows no redirects: they are answers that a test wants to see.
pub struct Client {
    http: reqwest::Client,
    address: String,
    session: Option<String>,
}

impl Client {
    /// A client that is not logged in. `address` is `http://HOST:PORT`.
    ///
    /// # Errors
    /// The TLS library cannot be set up.
    pub fn new(address: &str) -> Result<Self> {
        Ok(Self {
            http: http()?,
            address: address.to_owned(),
            session: None,
        })
    }

    /// Logs in through the form that people use, and keeps the session.
    ///
    /// # Errors
    /// The server does not accept the name and password.
    pub async fn log_in(&mut self, name: &str, password: &str) -> Result<()> {
        let form = form(&[("name", name), ("password", password)])?;
        let request = self
            .request(Method::POST, "/login")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = request.body(form).send().await?;
        ensure!(
            answer.status() == StatusCode::SEE_OTHER,
            "log-in of {name} was answered with {}: {}",
            answer.status(),
            answer.text().await?
        );
        let cookie = answer
            .headers()
            .get(SET_COOKIE)
            .context("log-in sets no cookie")?;
        let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
        self.session = Some(pair.to_owned());
        Ok(())
    }

    /// The session as a `Cookie` header has it, once somebody has logged in.
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// A request with the session, if any, and the origin that a page of this server would send.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.address));
        request = request.header(ORIGIN, &self.address);
        match &self.session {
            Some(session) => request.header(COOKIE, session),
            None => request,
        }
    }

    /// The answer to a GET, whatever its status.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn get(&self, path: &str) -> Result<Response> {
        Ok(self.request(Method::GET, path).send().await?)
    }

    /// The JSON of a GET that must succeed.
    ///
    /// # Errors
    /// The status is not 2xx, or the body is not JSON.
    pub async fn get_json(&self, path: &str) -> Result<Value> {
        json(path, self.get(path).await?).await
    }

    /// The JSON of a POST that must succeed.
    ///
    /// # Errors
    /// As [`Client::get_json`].
    pub async fn post_json(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.request(Method::POST, path).json(body).send().await?;
        json(path, answer).await
    }

    /// Where a redirect leads.
    ///
    /// # Errors
    /// The answer is no redirect.
    pub fn location(answer: &Response) -> Result<&str> {
        let header = answer.headers().get(LOCATION);
        Ok(header
            .with_context(|| format!("{} is no redirect", answer.status()))?
            .to_str()?)
    }
}

/// The HTTP library, set up once for tests.
pub(crate) fn http() -> Result<reqwest::Client> {
    static TLS: Once = Once::new();
    TLS.call_once(|| {
        // Another test in this process may have been first; then there is one already, and that is all we want.
        let _already_there = rustls::crypto::ring::default_provider().install_default();
    });
    Ok(reqwest::Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .timeout(REQUEST_LIMIT)
        .build()?)
}

async fn json(path: &str, answer: Response) -> Result<Value> {
    let status = answer.status();
    let body = answer.text().await?;
    ensure!(
        status.is_success(),
        "{path} was answered with {status}: {body}"
    );
    serde_json::from_str(&body).with_context(|| format!("{path} was answered with {body}"))
}

/// A form as a browser writes it.
fn form(fields: &[(&str, &str)]) -> Result<String> {
    let mut url = Url::parse("http://localhost")?;
    url.query_pairs_mut().extend_pairs(fields);
    Ok(url.query().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_written_as_a_browser_writes_it() -> Result<()> {
        assert_eq!(
            form(&[("name", "Søren & co"), ("next", "/a?b")])?,
            "name=S%C3%B8ren+%26+co&next=%2Fa%3Fb"
        );
        Ok(())
    }
}
