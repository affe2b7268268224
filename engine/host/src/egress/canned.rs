//! Answers that stand ready, so that a plugin's test needs no network. Everything else about a request is as always: what
//! is not granted is refused, and the secret is put in by the host.

use crate::state::{Answered, Refusal};
use reqwest::header::HeaderMap;
use reqwest::{Method, Url};

/// A request as it would have gone out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannedRequest {
    /// The method, in capitals.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Headers, those of the host included, by their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannedAnswer {
    /// The status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Answers requests in place of the network.
pub trait Outside: Send + Sync {
    /// The answer, or why there is none, as if the network had failed.
    ///
    /// # Errors
    /// Why there is no answer.
    fn answer(&self, request: CannedRequest) -> Result<CannedAnswer, String>;
}

pub(super) fn answer(
    outside: &dyn Outside,
    method: &Method,
    url: &Url,
    headers: &HeaderMap,
    body: Option<&[u8]>,
    most_bytes: usize,
) -> Result<Answered, Refusal> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let request = CannedRequest {
        method: method.to_string(),
        url: url.to_string(),
        headers: headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
            .collect(),
        body: body.map(<[u8]>::to_vec),
    };
    let answer = outside
        .answer(request)
        .map_err(|why| Refusal::new("unavailable", format!("no answer: {why}")))?;
    if answer.body.len() > most_bytes {
        return Err(Refusal::too_large(format!(
            "the answer is larger than {} KiB",
            most_bytes / 1024
        )));
    }
    Ok(Answered {
        status: answer.status,
        headers: answer.headers,
        body: answer.body,
    })
}
