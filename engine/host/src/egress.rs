//! The way to the outside: granted origins and paths only, no redirects, no private addresses, bounded in time and size.

mod address;
mod canned;
mod origin;
#[cfg(test)]
mod tests;

pub use canned::{CannedAnswer, CannedRequest, Outside};
pub(crate) use origin::{Origin, check_prefix, granted_target, parse_place, within};

use crate::state::{Answered, Refusal};
use address::{Names, PublicOnly, Refused};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Headers that say how a message travels; they are the host's.
const OURS: [&str; 10] = [
    "host",
    "content-length",
    "connection",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "keep-alive",
    "proxy-authorization",
    "idempotency-key",
];

/// The one HTTP client of all plugins.
pub(crate) struct Egress {
    client: reqwest::Client,
    allow_loopback: bool,
    /// Answers in place of the network.
    outside: Option<Arc<dyn Outside>>,
}

/// A request whose target has been checked against the grant.
pub(crate) struct Outgoing {
    pub(crate) method: String,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) secret: Option<(String, String)>,
    pub(crate) idempotency_key: String,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) timeout: Duration,
    pub(crate) most_answer_bytes: usize,
}

impl Egress {
    pub(crate) fn new(
        allow_loopback: bool,
        outside: Option<Arc<dyn Outside>>,
    ) -> Result<Self, reqwest::Error> {
        Self::with_names(allow_loopback, outside, address::of_this_machine())
    }

    /// The same with names that somebody else knows.
    fn with_names(
        allow_loopback: bool,
        outside: Option<Arc<dyn Outside>>,
        names: Names,
    ) -> Result<Self, reqwest::Error> {
        // Fails only when the process has one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .dns_resolver(PublicOnly {
                allow_loopback,
                names,
            })
            .user_agent(concat!("Sagsgang/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            client,
            allow_loopback,
            outside,
        })
    }

    pub(crate) async fn send(&self, outgoing: Outgoing) -> Result<Answered, Refusal> {
        self.check_address(&outgoing.url)?;
        let method = Method::from_bytes(outgoing.method.as_bytes())
            .ok()
            .filter(|method| {
                ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"].contains(&method.as_str())
            })
            .ok_or_else(|| {
                Refusal::invalid(format!(
                    "`{}` is not a method that can be used",
                    outgoing.method
                ))
            })?;
        let headers = headers(outgoing.headers, outgoing.secret, &outgoing.idempotency_key)?;
        if let Some(outside) = &self.outside {
            let body = outgoing.body.as_deref();
            let most = outgoing.most_answer_bytes;
            return canned::answer(
                outside.as_ref(),
                &method,
                &outgoing.url,
                &headers,
                body,
                most,
            );
        }
        let mut request = self
            .client
            .request(method, outgoing.url)
            .headers(headers)
            .timeout(outgoing.timeout);
        if let Some(body) = outgoing.body {
            request = request.body(body);
        }
        let answer = request.send().await.map_err(|error| explain(&error))?;
        read(answer, outgoing.most_answer_bytes).await
    }

    /// Checks what needs no name to be resolved. Names are checked by the resolver at connect time.
    pub(crate) fn check_address(&self, url: &Url) -> Result<(), Refusal> {
        let address = match url.host() {
            Some(url::Host::Ipv4(address)) => Some(address.into()),
            Some(url::Host::Ipv6(address)) => Some(address.into()),
            _ => None,
        };
        if address.is_some_and(|address| !address::permitted(address, self.allow_loopback)) {
            return Err(Refusal::denied(
                "addresses inside private networks are refused",
            ));
        }
        match url.scheme() == "https" || (self.allow_loopback && origin::is_loopback(url)) {
            true => Ok(()),
            false => Err(Refusal::denied("requests without TLS are refused")),
        }
    }
}

fn headers(
    given: Vec<(String, String)>,
    secret: Option<(String, String)>,
    key: &str,
) -> Result<HeaderMap, Refusal> {
    let mut headers = HeaderMap::new();
    let secret_name = secret.as_ref().map(|(name, _)| name.to_ascii_lowercase());
    for (name, value) in given {
        let lower = name.to_ascii_lowercase();
        if OURS.contains(&lower.as_str()) || secret_name.as_ref() == Some(&lower) {
            return Err(Refusal::invalid(format!(
                "the header `{name}` belongs to the host"
            )));
        }
        let (name, value) = header(&name, &value)?;
        headers.append(name, value);
    }
    if let Some((name, value)) = secret {
        let (name, mut value) = header(&name, &value)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    let (name, value) = header("idempotency-key", key)?;
    headers.insert(name, value);
    Ok(headers)
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Refusal> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok();
    // The value may be a secret: it is not repeated in the message.
    name.zip(HeaderValue::from_str(value).ok())
        .ok_or_else(|| Refusal::invalid("a header has a character that cannot be sent"))
}

async fn read(mut answer: reqwest::Response, most: usize) -> Result<Answered, Refusal> {
    let too_large = || Refusal::too_large(format!("the answer is larger than {} KiB", most / 1024));
    if answer
        .content_length()
        .is_some_and(|length| length > most as u64)
    {
        return Err(too_large());
    }
    let status = answer.status().as_u16();
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.to_string(), value.to_str().ok()?.to_owned()))
    };
    let headers = answer.headers().iter().filter_map(text).collect();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| explain(&error))? {
        if body.len() + chunk.len() > most {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answered {
        status,
        headers,
        body,
    })
}

/// What went wrong, without the URL, which may hold personal data.
fn explain(error: &reqwest::Error) -> Refusal {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        if source.is::<Refused>() {
            return Refusal::denied(source.to_string());
        }
        cause = source;
    }
    match error.is_timeout() {
        true => Refusal::new("unavailable", "no answer in time"),
        false => Refusal::new("unavailable", format!("no answer: {cause}")),
    }
}
