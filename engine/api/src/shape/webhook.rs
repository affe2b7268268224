//! Addresses that hear of events, and what they were told.

use sagsgang_domain::Timestamp;
use sagsgang_runtime as runtime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// An address as it shall be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutWebhook {
    /// Where to: HTTPS, not inside a private network.
    pub url: String,
    /// Types of events, such as `case.created.v1`; without any, all.
    #[serde(default)]
    pub types: Vec<String>,
    /// Key of the signature: `whsec_` and Base64 of 24 to 64 bytes. Without one, one is made, or the present one stays.
    #[serde(default)]
    pub secret: Option<String>,
    /// It hears of events.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

impl From<PutWebhook> for runtime::NewWebhook {
    fn from(put: PutWebhook) -> Self {
        Self {
            url: put.url,
            types: put.types,
            secret: put.secret,
            enabled: put.enabled,
        }
    }
}

/// An address that hears of events.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Identity.
    pub id: Uuid,
    /// Where to.
    pub url: String,
    /// Types of events; without any, all.
    pub types: Vec<String>,
    /// It hears of events.
    pub enabled: bool,
    /// Why it was disabled.
    pub reason: Option<String>,
    /// Attempts that failed since the last that did not.
    pub failures: u32,
    /// Version, for `If-Match`.
    pub version: u64,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl From<runtime::Webhook> for Webhook {
    fn from(webhook: runtime::Webhook) -> Self {
        Self {
            id: webhook.id,
            url: webhook.url,
            types: webhook.types,
            enabled: webhook.enabled,
            reason: webhook.reason,
            failures: webhook.failures,
            version: webhook.version,
            created_by: webhook.created_by,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

/// A new address with its secret, which is shown this once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookWithSecret {
    /// The address.
    #[serde(flatten)]
    pub webhook: Webhook,
    /// Key of the signature.
    pub secret: String,
}

impl From<runtime::Webhook> for WebhookWithSecret {
    fn from(webhook: runtime::Webhook) -> Self {
        Self {
            secret: webhook.secret.clone(),
            webhook: webhook.into(),
        }
    }
}

/// An event that an address was told, or will be.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Identity; `webhook-id` is `msg_` and its digits.
    pub id: Uuid,
    /// Type of the event.
    pub r#type: String,
    /// `queued`, `delivered` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub attempts: u32,
    /// HTTP status of the last answer.
    pub status: Option<u16>,
    /// What was wrong the last time.
    pub detail: Option<String>,
    /// When it is tried next.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_attempt_at: Option<Timestamp>,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was tried last.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// The CloudEvent.
    pub event: Value,
}

impl From<runtime::Delivery> for Delivery {
    fn from(delivery: runtime::Delivery) -> Self {
        Self {
            id: delivery.id,
            r#type: delivery.event_type,
            state: delivery.state.name().to_owned(),
            attempts: delivery.attempts,
            status: delivery.status,
            detail: delivery.detail,
            next_attempt_at: delivery.next_attempt_at,
            created_at: delivery.created_at,
            updated_at: delivery.updated_at,
            event: serde_json::from_str(&delivery.body).unwrap_or_default(),
        }
    }
}
