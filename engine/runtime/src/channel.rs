//! Channels of plugins: which one carries text messages, handing one over, and hearing what became of it.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::{Caller, Channel, Direction, Hindrance, Message, MessageState};
use sagsgang_host::manifest::ChannelKind;
use sagsgang_host::{ActionRef, CallContext, EntryPoint, PluginError, Retry};
use sagsgang_store::PluginValues;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A report can be quicker than the commit that says how its message is called: it is looked for again after these pauses.
const PAUSES: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(200),
    Duration::from_secs(1),
];
/// When a carrier may come again whose report could not be read now.
const RETRY_SECONDS: u64 = 30;

/// A request that a carrier sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Hook {
    /// HTTP method.
    pub method: String,
    /// What stands behind the question mark of the address.
    pub query: BTreeMap<String, String>,
    /// Names in lower case and values that are text.
    pub headers: BTreeMap<String, String>,
    /// The body, which is text.
    pub body: String,
}

/// Why a report was not taken.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// There is no such channel.
    #[error("there is no such channel")]
    NotFound,
    /// The plugin says that it does not come from the carrier.
    #[error("{0}")]
    Unauthenticated(String),
    /// The plugin cannot make anything of it.
    #[error("{0}")]
    Refused(String),
    /// Not now.
    #[error("{reason}")]
    Later {
        /// Why.
        reason: String,
        /// When to send it again.
        retry_after_seconds: u64,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// What a carrier answered to a message.
pub(crate) struct Carried {
    /// The message's name among all that went out.
    pub(crate) name: String,
    /// In words.
    pub(crate) detail: String,
    /// What the channel's plugin keeps of it.
    pub(crate) values: Vec<PluginValues>,
}

/// Why a carrier did not take a message.
pub(crate) struct NotCarried {
    /// The same may go well later.
    pub(crate) transient: bool,
    /// Not before then, in milliseconds.
    pub(crate) after_ms: Option<u64>,
    /// What kind of failure it is.
    pub(crate) hindrance: Hindrance,
    /// In words.
    pub(crate) why: String,
}

#[derive(Deserialize)]
struct Receipt {
    reference: String,
    #[serde(default)]
    detail: Option<String>,
}

#[derive(Deserialize)]
struct Reports {
    reports: Vec<Report>,
}

#[derive(Deserialize)]
struct Report {
    reference: String,
    state: State,
    #[serde(default)]
    detail: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Delivered,
    Failed,
    Underway,
}

impl Engine {
    /// The channel that carries text messages: of the plugins that are called at all and have the secrets that their
    /// requests need, the first by name.
    pub(crate) fn sms_channel(&self) -> Option<Arc<ActionRef>> {
        let offers = self.host.offers(EntryPoint::Deliver);
        let ready = offers
            .into_iter()
            .filter(|channel| self.is_ready(channel, ChannelKind::Sms));
        ready.min_by(|one, other| one.name().cmp(other.name()))
    }

    fn is_ready(&self, channel: &ActionRef, kind: ChannelKind) -> bool {
        let manifest = channel.plugin.manifest();
        let mut channels = manifest.channels.iter();
        let mut secrets = manifest
            .capabilities
            .http
            .iter()
            .filter_map(|grant| grant.secret.as_deref());
        channels.any(|one| one.name == channel.name() && one.kind == kind)
            && self.is_called(channel)
            && secrets.all(|name| {
                self.plugin_secret(&manifest.id, CallContext::DEFAULT, name)
                    .is_some()
            })
    }

    fn is_called(&self, channel: &ActionRef) -> bool {
        !channel.plugin.is_waiting() && !self.host.standing(channel.plugin.id()).disabled
    }

    /// Hands a message to a channel. It goes under the message's id, whichever try it is.
    pub(crate) async fn carry(
        &self,
        channel: &Arc<ActionRef>,
        message: &Message,
    ) -> Result<Carried, NotCarried> {
        let input = json!({
            "id": message.id,
            "kind": "sms",
            "to": message.to,
            "text": message.text,
            "from": self.municipality().name,
            "tries": message.attempts,
        });
        let answer = self.ask(channel, input, &message.id.to_string()).await;
        let (receipt, values): (Receipt, _) = answer.map_err(|error| not_carried(&error))?;
        Ok(Carried {
            name: name_of(&receipt.reference, channel.name()),
            detail: receipt.detail.unwrap_or(receipt.reference),
            values,
        })
    }

    /// Calls a channel for nobody in particular, under a key, and reads what it answers. What it leaves in its own store is
    /// not written yet.
    async fn ask<T: DeserializeOwned>(
        &self,
        channel: &Arc<ActionRef>,
        input: Value,
        key: &str,
    ) -> Result<(T, Vec<PluginValues>), PluginError> {
        let (system, call) = (Caller::system(), (key, None));
        let request = self.call_request(channel, input, None, &system, "da", call, self.now());
        let made = self.host.call(request.await?).await?;
        let answer = serde_json::from_value(made.output)
            .map_err(|error| PluginError::BadOutput(error.to_string()))?;
        Ok((answer, self.left_values(channel, made.kept)))
    }

    /// Takes what a carrier reports, once its plugin says that it comes from the carrier. Answers how many messages stand
    /// elsewhere now; what is reported twice is passed over. So is what is unknown, unless a message is being handed over:
    /// its name is known only afterwards, and the report has to come again.
    ///
    /// # Errors
    /// [`HookError`]; the whole request can be sent again then.
    pub async fn take_report(&self, channel: &str, hook: Hook) -> Result<usize, HookError> {
        let channel = self
            .host
            .find_offer(EntryPoint::Receive, channel)
            .ok_or(HookError::NotFound)?;
        let input = serde_json::to_value(hook).unwrap_or_default();
        let key = crate::chance::new_id(self.now()).to_string();
        let answer = self.ask(&channel, input, &key).await;
        let (reports, values): (Reports, _) = answer.map_err(|error| refusal(&error))?;
        let changed = self.apply_reports(&channel, reports.reports).await?;
        let kept = self.keep_values(values).await;
        kept.map_err(|error| refusal(&error))?;
        Ok(changed)
    }

    async fn apply_reports(
        &self,
        channel: &ActionRef,
        reports: Vec<Report>,
    ) -> Result<usize, HookError> {
        let (mut changed, mut waiting) = (0, reports);
        for pause in PAUSES {
            tokio::time::sleep(pause).await;
            let mut unknown = Vec::new();
            for report in waiting {
                match self.apply_report(channel.name(), &report).await? {
                    Some(true) => changed += 1,
                    Some(false) => {}
                    None => unknown.push(report),
                }
            }
            waiting = unknown;
            if waiting.is_empty() {
                return Ok(changed);
            }
        }
        let count = waiting.len();
        if self
            .store
            .count_handed_over(Channel::Sms)
            .await
            .map_err(EngineError::from)?
            > 0
        {
            return Err(HookError::Later {
                reason: "a message is being handed over, and this may be about it".to_owned(),
                retry_after_seconds: RETRY_SECONDS,
            });
        }
        tracing::debug!(
            channel = channel.name(),
            count,
            "reports name no message of ours"
        );
        Ok(changed)
    }

    /// Whether a report changed where its message stands; `None` where there is no such message.
    async fn apply_report(
        &self,
        channel: &str,
        report: &Report,
    ) -> Result<Option<bool>, EngineError> {
        let state = match report.state {
            State::Delivered => MessageState::Delivered,
            State::Failed => MessageState::Failed,
            State::Underway => return Ok(Some(false)),
        };
        let name = name_of(&report.reference, channel);
        // Another report can be quicker; then this one is judged by where the message stands after that.
        loop {
            let found = self.store.message_by_message_id(&name).await?;
            let Some(message) = found.filter(|one| one.direction == Direction::Out) else {
                return Ok(None);
            };
            // What has arrived cannot be lost any more, whatever is reported after it.
            let stands = [MessageState::Sent, MessageState::Failed].contains(&message.state);
            if !stands || message.state == state {
                return Ok(Some(false));
            }
            let detail = report.detail.clone().unwrap_or_default();
            if self.report_message(message, state, detail).await? {
                return Ok(Some(true));
            }
        }
    }
}

/// A message's name among all that went out: the carrier's name of it, and the channel.
fn name_of(reference: &str, channel: &str) -> String {
    format!("{reference}@{channel}")
}

fn not_carried(error: &PluginError) -> NotCarried {
    let (transient, after_ms) = match error {
        PluginError::Refused {
            retry: Retry::Retry,
            retry_after_ms,
            ..
        }
        | PluginError::Unavailable { retry_after_ms, .. } => (true, *retry_after_ms),
        // Somebody can grant, switch on or repair the plugin meanwhile.
        PluginError::Waiting
        | PluginError::Disabled
        | PluginError::Denied(_)
        | PluginError::NotConfigured(_)
        | PluginError::TimedOut(_)
        | PluginError::Exhausted { .. }
        | PluginError::Trapped { .. } => (true, None),
        // A receipt that cannot be read may well be one: the message is not sent twice.
        PluginError::Refused { .. } | PluginError::BadInput(_) | PluginError::BadOutput(_) => {
            (false, None)
        }
    };
    NotCarried {
        transient,
        after_ms,
        hindrance: hindrance(error),
        why: error.to_string(),
    }
}

fn hindrance(error: &PluginError) -> Hindrance {
    match error {
        PluginError::Waiting
        | PluginError::Disabled
        | PluginError::NotConfigured(_)
        | PluginError::Denied(_) => Hindrance::NotPermitted,
        PluginError::Unavailable { .. } => Hindrance::NoAnswer,
        // The host's own word where a request of the plugin found nobody.
        PluginError::Refused { code, .. } if code == "unavailable" => Hindrance::NoAnswer,
        PluginError::Refused { .. } => Hindrance::Refused,
        PluginError::TimedOut(_)
        | PluginError::Exhausted { .. }
        | PluginError::Trapped { .. }
        | PluginError::BadInput(_)
        | PluginError::BadOutput(_) => Hindrance::Broken,
    }
}

fn refusal(error: &PluginError) -> HookError {
    match error {
        PluginError::Refused { code, message, .. } if code == "unauthenticated" => {
            HookError::Unauthenticated(message.clone())
        }
        PluginError::Refused {
            retry: Retry::Reject | Retry::Ask,
            message,
            ..
        } => HookError::Refused(message.clone()),
        PluginError::Refused { retry_after_ms, .. }
        | PluginError::Unavailable { retry_after_ms, .. } => HookError::Later {
            reason: error.to_string(),
            retry_after_seconds: retry_after_ms.map_or(RETRY_SECONDS, |ms| ms.div_ceil(1_000)),
        },
        _ => HookError::Later {
            reason: error.to_string(),
            retry_after_seconds: RETRY_SECONDS,
        },
    }
}
