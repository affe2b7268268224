//! Telling other systems what happened: queued in the commit of the change, delivered at least once, signed.
//!
//! Signature and headers are those of Standard Webhooks: `webhook-id`, `webhook-timestamp` and `webhook-signature`, an
//! HMAC-SHA256 over the three with the body. What is told is thin: which case, what happened and when. Whoever wants to
//! know more reads the case over the API, with the rights that the reader has then.

use crate::attempt::next_try;
use crate::chance::{new_id, secret};
use crate::draft::{CaseDraft, Draft};
use crate::engine::Engine;
use crate::error::EngineError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::future::join_all;
use hmac::{Hmac, Mac};
use sagsgang_domain::{Caller, Entry, Right, Timestamp};
use sagsgang_store::{Delivery, DeliveryState, Page, Webhook};
use serde_json::json;
use sha2::Sha256;
use std::sync::{Arc, PoisonError};
use uuid::Uuid;

/// Deliveries attempted at the same time.
const BATCH: u32 = 16;
/// An attempt is left alone for so long, so that it is not made twice.
const CLAIM_SECONDS: i64 = 60;
/// The first pause between attempts; each one doubles, up to an hour.
const FIRST_PAUSE_SECONDS: i64 = 1;
/// Attempts before a delivery is given up: about ten hours.
const TRIES: u32 = 20;
/// Failed attempts in a row after which an address is not tried any more.
const MOST_FAILURES: u32 = 30;
/// How long deliveries that are over can be looked at.
const KEPT_DAYS: i64 = 30;
/// How often the list of addresses is read again, since another process may have changed it.
const REFRESH_SECONDS: i64 = 5;
/// How a secret begins.
const PREFIX: &str = "whsec_";
/// How a secret begins in the database: sealed, then Base64.
const SEALED: &str = "sealed:";
/// Shortest and longest secret in bytes, from the specification.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// What a person says of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWebhook {
    /// Where to.
    pub url: String,
    /// Types of events; empty means all.
    pub types: Vec<String>,
    /// Key of the signature; one is made, or the present one kept, where there is none.
    pub secret: Option<String>,
    /// It hears of events.
    pub enabled: bool,
}

/// Why an address was not kept.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There is no such address.
    #[error("there is no such webhook")]
    NotFound,
    /// The caller may not.
    #[error("you do not have the right to change webhooks")]
    NotAllowed,
    /// Somebody changed it meanwhile.
    #[error("the webhook has changed since; it is at version {current} now")]
    Stale {
        /// The version now.
        current: u64,
    },
    /// The address cannot be used.
    #[error("url: {0}")]
    Url(String),
    /// The secret is not one of the specification.
    #[error("secret: not whsec_ followed by Base64 of 24 to 64 bytes")]
    Secret,
    /// There is no key to seal the secret with.
    #[error("secret: this installation has no key for secrets")]
    NoKey,
    /// The database failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<sagsgang_store::StoreError> for WebhookError {
    fn from(error: sagsgang_store::StoreError) -> Self {
        Self::Engine(error.into())
    }
}

/// The addresses as they were read last.
#[derive(Default)]
pub(crate) struct Listeners {
    enabled: std::sync::RwLock<Arc<Vec<Webhook>>>,
}

impl Engine {
    /// All webhooks, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, EngineError> {
        Ok(self.store.webhooks().await?)
    }

    /// A webhook.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook(&self, id: Uuid) -> Result<Option<Webhook>, EngineError> {
        let mut all = self.store.webhooks().await?.into_iter();
        Ok(all.find(|webhook| webhook.id == id))
    }

    /// Keeps a new webhook. The answer is the only place where its secret stands.
    ///
    /// # Errors
    /// When the caller may not, the address or the secret cannot be used, or the database fails.
    pub async fn create_webhook(
        &self,
        caller: &Caller,
        new: NewWebhook,
    ) -> Result<Webhook, WebhookError> {
        self.check_webhook(caller, &new)?;
        let now = self.now();
        let id = new_id(now);
        let secret = new
            .secret
            .unwrap_or_else(|| format!("{PREFIX}{}", BASE64.encode(secret::<32>())));
        let webhook = Webhook {
            id,
            url: new.url,
            types: new.types,
            secret: self.sealed_key(id, &secret)?,
            enabled: new.enabled,
            reason: None,
            failures: 0,
            version: 1,
            created_by: caller.actor.id.clone(),
            created_at: now,
            updated_at: now,
        };
        self.store.insert_webhook(&webhook).await?;
        self.read_webhooks().await?;
        Ok(Webhook { secret, ..webhook })
    }

    /// Changes a webhook and forgives its failures.
    ///
    /// # Errors
    /// As [`Engine::create_webhook`], and when it has another version than expected.
    pub async fn change_webhook(
        &self,
        caller: &Caller,
        id: Uuid,
        expected: Option<u64>,
        new: NewWebhook,
    ) -> Result<Webhook, WebhookError> {
        self.check_webhook(caller, &new)?;
        let known = self.webhook(id).await?.ok_or(WebhookError::NotFound)?;
        let changed = Webhook {
            url: new.url,
            types: new.types,
            secret: match new.secret {
                Some(secret) => self.sealed_key(id, &secret)?,
                None => known.secret,
            },
            enabled: new.enabled,
            reason: None,
            failures: 0,
            version: expected.unwrap_or(known.version),
            updated_at: self.now(),
            ..known
        };
        if !self.store.update_webhook(&changed).await? {
            let now = self.webhook(id).await?.ok_or(WebhookError::NotFound)?;
            return Err(WebhookError::Stale {
                current: now.version,
            });
        }
        self.read_webhooks().await?;
        self.work.wake_webhooks();
        Ok(Webhook {
            version: changed.version + 1,
            ..changed
        })
    }

    /// Forgets a webhook and what it has yet to hear.
    ///
    /// # Errors
    /// When the caller may not, there is none, or the database fails.
    pub async fn delete_webhook(&self, caller: &Caller, id: Uuid) -> Result<(), WebhookError> {
        if !caller.may(Right::ManageWebhooks) {
            return Err(WebhookError::NotAllowed);
        }
        let gone = self.store.delete_webhook(id).await?;
        self.read_webhooks().await?;
        if gone {
            Ok(())
        } else {
            Err(WebhookError::NotFound)
        }
    }

    /// A page of what was told to a webhook, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deliveries(
        &self,
        webhook: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<Delivery>, EngineError> {
        let mut items = self.store.deliveries(webhook, after, limit + 1).await?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items
            .last()
            .filter(|_| more)
            .map(|last| last.id.to_string());
        Ok(Page { items, next })
    }

    fn check_webhook(&self, caller: &Caller, new: &NewWebhook) -> Result<(), WebhookError> {
        if !caller.may(Right::ManageWebhooks) {
            return Err(WebhookError::NotAllowed);
        }
        self.host
            .check_address(&new.url)
            .map_err(|error| WebhookError::Url(error.0))?;
        match new.secret.as_deref().map(key_of) {
            Some(None) => Err(WebhookError::Secret),
            _ => Ok(()),
        }
    }

    /// A secret as it is kept.
    fn sealed_key(&self, webhook: Uuid, secret: &str) -> Result<String, WebhookError> {
        let sealed = self.seal.seal(&place(webhook), secret.as_bytes());
        let sealed = sealed.ok_or(WebhookError::NoKey)?;
        Ok(format!("{SEALED}{}", BASE64.encode(sealed)))
    }

    /// The key of a webhook's signature; `None` where it was sealed with a key that is not here. Without any key, what an
    /// earlier version kept in clear could not be sealed yet.
    pub(crate) fn signing_key(&self, webhook: &Webhook) -> Option<Vec<u8>> {
        let Some(sealed) = webhook.secret.strip_prefix(SEALED) else {
            return key_of(&webhook.secret);
        };
        let sealed = BASE64.decode(sealed).ok()?;
        let secret = self.seal.open(&place(webhook.id), &sealed)?;
        key_of(std::str::from_utf8(&secret).ok()?)
    }

    /// Seals the secrets that an earlier version kept as they are.
    pub(crate) async fn seal_webhooks(&self) -> Result<(), EngineError> {
        for webhook in self.store.webhooks().await? {
            if !webhook.secret.starts_with(PREFIX) {
                continue;
            }
            let Ok(secret) = self.sealed_key(webhook.id, &webhook.secret) else {
                tracing::warn!(url = %webhook.url, "there is no key to seal a webhook's secret with");
                continue;
            };
            // Another node may have been quicker.
            self.store
                .update_webhook(&Webhook { secret, ..webhook })
                .await?;
        }
        Ok(())
    }

    /// Queues an event of a case for those who hear of it, in the commit of the change.
    pub(crate) fn tell_webhooks(&self, draft: &mut Draft, case: &CaseDraft, entry: &Entry) {
        self.queue_for_webhooks(draft, &entry.kind, true, || self.thin_event(case, entry));
    }

    /// Whether anybody hears of anything.
    pub(crate) fn is_heard(&self) -> bool {
        !self.enabled_webhooks().is_empty()
    }

    fn enabled_webhooks(&self) -> Arc<Vec<Webhook>> {
        let enabled = &self.listeners.enabled;
        Arc::clone(&enabled.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Queues an event for those who ask for its type, and for those who hear of everything if it is `usual`.
    pub(crate) fn queue_for_webhooks(
        &self,
        draft: &mut Draft,
        kind: &str,
        usual: bool,
        body: impl Fn() -> String,
    ) {
        let wants = |webhook: &&Webhook| {
            let asks = webhook.types.iter().any(|wanted| wanted == kind);
            asks || (usual && webhook.types.is_empty())
        };
        for webhook in self.enabled_webhooks().iter().filter(wants) {
            draft.commit.deliveries.push(Delivery {
                id: new_id(draft.now),
                webhook: webhook.id,
                event_type: kind.to_owned(),
                state: DeliveryState::Queued,
                attempts: 0,
                next_attempt_at: Some(draft.now),
                status: None,
                detail: None,
                body: body(),
                created_at: draft.now,
                updated_at: draft.now,
            });
        }
    }

    /// The CloudEvent of an entry without anything that a person wrote or that is about a person.
    fn thin_event(&self, draft: &CaseDraft, entry: &Entry) -> String {
        let case = &draft.case;
        let base = &self.options.base_url;
        json!({
            "specversion": "1.0",
            "id": format!("{}/{}", case.id, entry.seq),
            "source": base,
            "type": entry.kind,
            "subject": case.id,
            "time": entry.at,
            "datacontenttype": "application/json",
            "data": {
                "caseId": case.id, "caseNo": case.number, "caseType": case.case_type,
                "status": case.status, "priority": case.priority,
                "version": entry.version, "seq": entry.seq,
                "href": format!("{base}/api/v1/cases/{}", case.id),
            },
        })
        .to_string()
    }

    /// Reads the addresses again.
    pub(crate) async fn read_webhooks(&self) -> Result<(), EngineError> {
        let mut all = self.store.webhooks().await?;
        all.retain(|webhook| webhook.enabled);
        *self
            .listeners
            .enabled
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(all);
        Ok(())
    }

    pub(crate) async fn deliver_to_webhooks(self: Arc<Self>) {
        let mut read_at = Timestamp::from_micros(0);
        while self.pause_webhooks().await {
            let now = self.now();
            if read_at.plus_seconds(REFRESH_SECONDS) <= now {
                read_at = now;
                if let Err(error) = self.read_webhooks().await {
                    tracing::warn!(%error, "webhooks could not be read");
                }
            }
            loop {
                let until = self.now().plus_seconds(CLAIM_SECONDS);
                let claimed = self.store.claim_deliveries(self.now(), until, BATCH).await;
                let due = match claimed {
                    Ok(due) => due,
                    Err(error) => {
                        tracing::warn!(%error, "deliveries to webhooks could not be read");
                        break;
                    }
                };
                let is_last = due.len() < BATCH as usize;
                join_all(due.into_iter().map(|delivery| self.deliver(delivery))).await;
                if is_last || self.work.stopping.is_cancelled() {
                    break;
                }
            }
        }
    }

    async fn deliver(&self, mut delivery: Delivery) {
        let found = self.webhook(delivery.webhook).await;
        let Ok(Some(webhook)) = found else { return };
        let outcome = self.attempt(&webhook, &delivery).await;
        let now = self.now();
        delivery.updated_at = now;
        let mut most_failures = MOST_FAILURES;
        match outcome {
            Ok(status) if (200..300).contains(&status) => {
                delivery.state = DeliveryState::Delivered;
                delivery.next_attempt_at = None;
                (delivery.status, delivery.detail) = (Some(status), None);
            }
            failed => {
                let (status, why) = match failed {
                    Ok(status) => (Some(status), format!("answered with {status}")),
                    Err(why) => (None, why),
                };
                // 410 is how the other side says that it does not want to hear any more.
                let is_gone = status == Some(410);
                let is_over = is_gone || delivery.attempts >= TRIES;
                if is_over {
                    delivery.state = DeliveryState::Failed;
                    most_failures = 0;
                }
                delivery.next_attempt_at =
                    (!is_over).then(|| next_try(now, delivery.attempts, FIRST_PAUSE_SECONDS));
                (delivery.status, delivery.detail) = (status, Some(why));
            }
        }
        let reason = format!(
            "disabled at {now} after repeated failure, the last: {}",
            delivery.detail.as_deref().unwrap_or_default()
        );
        let finished = self
            .store
            .finish_delivery(&delivery, most_failures, &reason)
            .await;
        if let Err(error) = finished {
            // It stays claimed for a while and is then delivered again, with the same id.
            tracing::warn!(%error, "what became of a delivery could not be written");
        }
    }

    async fn attempt(&self, webhook: &Webhook, delivery: &Delivery) -> Result<u16, String> {
        let id = format!("msg_{}", delivery.id.simple());
        let seconds = self.now().as_micros() / 1_000_000;
        let key = self.signing_key(webhook).ok_or(
            "its secret was sealed with a key that is not here; put the key back into the file of secret keys, or give \
             the webhook a new secret",
        )?;
        let headers = vec![
            ("webhook-id".to_owned(), id.clone()),
            ("webhook-timestamp".to_owned(), seconds.to_string()),
            (
                "webhook-signature".to_owned(),
                signature(&key, &id, seconds, &delivery.body),
            ),
        ];
        let body = delivery.body.clone();
        let sent = self.host.post_json(&webhook.url, headers, &id, body).await;
        sent.map_err(|error| error.0)
    }

    pub(crate) async fn forget_deliveries(&self, now: Timestamp) -> Result<(), EngineError> {
        let before = now.plus_seconds(-KEPT_DAYS * 86_400);
        Ok(self.store.forget_deliveries(before).await?)
    }
}

/// What the secret of a webhook is sealed for.
fn place(webhook: Uuid) -> String {
    format!("webhook/{webhook}")
}

/// The bytes of a secret.
fn key_of(secret: &str) -> Option<Vec<u8>> {
    let key = BASE64.decode(secret.strip_prefix(PREFIX)?).ok()?;
    SECRET_BYTES.contains(&key.len()).then_some(key)
}

/// The value of `webhook-signature`.
fn signature(key: &[u8], id: &str, seconds: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_specification() {
        // The example of the Standard Webhooks specification.
        let key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = "{\"test\": 2432232314}";
        assert_eq!(
            signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn secrets_have_their_form() {
        for wrong in [
            "",
            "whsec_",
            "whsec_!!",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_AAAA",
        ] {
            assert_eq!(key_of(wrong), None, "{wrong}");
        }
    }
}
