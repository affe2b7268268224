//! Requests to the outside, as far as they are granted.

use super::{Call, Refusal};
use crate::egress::{Outgoing, granted_target};
use crate::grant::{Capability, HttpGrant};
use std::time::{Duration, Instant};

const LONGEST: Duration = Duration::from_secs(10);
const MOST_BODY_BYTES: usize = 1024 * 1024;

/// A request as a plugin asks for it.
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) timeout_ms: Option<u32>,
}

/// An answer as a plugin gets it.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Call {
    /// Sends one request and records the attempt, whatever becomes of it.
    pub(crate) async fn send(&mut self, asked: Asked) -> Result<Answered, Refusal> {
        self.require(Capability::Http)?;
        let limits = self.terms.limits;
        if self.trail.requests() >= limits.http_requests as usize {
            return Err(Refusal::too_large(format!(
                "a call sends at most {} requests",
                limits.http_requests
            )));
        }
        if asked
            .body
            .as_ref()
            .is_some_and(|body| body.len() > MOST_BODY_BYTES)
        {
            return Err(Refusal::too_large("a request has at most 1 MiB"));
        }
        let (url, grant) = granted_target(&asked.url, &self.terms.grant.http)?;
        let mut shown = url.clone();
        shown.set_query(None);
        shown.set_fragment(None);
        let method = asked.method.to_ascii_uppercase();
        if self.context.dry {
            let refusal = Refusal::denied("this is a trial: nothing is sent");
            let place = self.trail.asked(method, shown.into());
            self.trail.answered(place, 0, Err(refusal.message.clone()));
            return Err(refusal);
        }
        let secret = self.secret(grant).await?;
        let timeout = asked
            .timeout_ms
            .map_or(LONGEST, |ms| Duration::from_millis(ms.into()).min(LONGEST));
        let place = self.trail.asked(method.clone(), shown.into());
        let outgoing = Outgoing {
            method,
            url,
            headers: asked.headers,
            secret,
            idempotency_key: self.context.idempotency_key.clone(),
            body: asked.body,
            timeout,
            most_answer_bytes: limits.http_answer_bytes,
        };
        let began = Instant::now();
        let answer = self.rim.egress.send(outgoing).await;
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let became = match &answer {
            Ok(answer) => Ok((answer.status, answer.body.len() as u64)),
            Err(refusal) => Err(refusal.message.clone()),
        };
        self.trail.answered(place, duration_ms, became);
        answer
    }

    /// A secret of the configuration with which the plugin is called.
    pub(super) async fn configured_secret(&self, name: &str) -> Result<Option<String>, Refusal> {
        let configuration = self.context.configuration_name();
        let services = &self.rim.services;
        Ok(services
            .secret(&self.terms.plugin, configuration, name)
            .await?)
    }

    /// The header with the secret that the grant names.
    async fn secret(&self, grant: &HttpGrant) -> Result<Option<(String, String)>, Refusal> {
        let Some(name) = &grant.secret else {
            return Ok(None);
        };
        let found = self.configured_secret(name).await?;
        let missing = || {
            Refusal::new(
                "unavailable",
                format!("the secret `{name}` is not configured"),
            )
        };
        let secret = found.ok_or_else(missing)?;
        Ok(Some((
            grant.secret_header.clone(),
            format!("{}{secret}", grant.secret_prefix),
        )))
    }
}
