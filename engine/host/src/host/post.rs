//! A message of the engine itself to an address that a person named: the way of plugins' requests, with its checks.

use super::Host;
use crate::egress::Outgoing;
use reqwest::Url;
use std::time::Duration;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most of an answer that is read; nobody looks at it.
const MOST_ANSWER_BYTES: usize = 64 * 1024;

/// Why a message did not arrive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PostError(pub String);

impl Host {
    /// Whether messages may be sent to an address at all: HTTPS, no user name in it, not inside a private network. Names
    /// are checked again by what they resolve to, at each connection.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check_address(&self, url: &str) -> Result<(), PostError> {
        self.parsed(url).map(|_| ())
    }

    /// Posts JSON and answers the status, whatever it is. No redirect is followed.
    ///
    /// # Errors
    /// When the address is refused or does not answer.
    pub async fn post_json(
        &self,
        url: &str,
        headers: Vec<(String, String)>,
        key: &str,
        body: String,
    ) -> Result<u16, PostError> {
        let url = self.parsed(url)?;
        let mut headers = headers;
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
        let outgoing = Outgoing {
            method: "POST".to_owned(),
            url,
            headers,
            secret: None,
            idempotency_key: key.to_owned(),
            body: Some(body.into_bytes()),
            timeout: PATIENCE,
            most_answer_bytes: MOST_ANSWER_BYTES,
        };
        let answer = self.rim.egress.send(outgoing).await;
        answer
            .map(|answer| answer.status)
            .map_err(|refusal| PostError(refusal.message))
    }

    fn parsed(&self, url: &str) -> Result<Url, PostError> {
        let url = Url::parse(url)
            .map_err(|error| PostError(format!("the address cannot be read: {error}")))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(PostError(
                "an address with a user name in it is refused".to_owned(),
            ));
        }
        self.rim
            .egress
            .check_address(&url)
            .map_err(|refusal| PostError(refusal.message))?;
        Ok(url)
    }
}
