//! Channels that carry messages to customers. The manifest names each under `[[channel]]`.

use crate::{Failure, component};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A channel. Listed once with [`export_channel!`](crate::export_channel).
pub trait Channel {
    /// The name in the manifest.
    const NAME: &'static str;

    /// Hands one message to the carrier. The idempotency key of the call stays the same when it is tried again.
    ///
    /// # Errors
    /// [`Failure::retry`] is tried again for about a day; everything else gives the message up.
    fn deliver(message: Message) -> Result<Receipt, Failure>;

    /// Reads what came to `POST /hooks/{channel}`. Anybody can send it:
    /// [`context::is_signed`](crate::context::is_signed) tells whether the carrier did.
    ///
    /// # Errors
    /// [`Failure::reject`] with the code `unauthenticated` where it does not come from the carrier; [`Failure::retry`] asks
    /// the carrier to send it again.
    fn receive(hook: Hook) -> Result<Vec<Report>, Failure>;
}

/// A message to a customer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Message {
    /// Identity.
    pub id: String,
    /// `sms`.
    pub kind: String,
    /// Number in the form of E.164, such as `+4520123456`.
    pub to: String,
    /// Plain text.
    pub text: String,
    /// Subject, where the kind has one.
    #[serde(default)]
    pub subject: Option<String>,
    /// Name of the municipality.
    pub from: String,
    /// This try, from 1.
    pub tries: u32,
}

/// What the carrier answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The carrier's own name of the message, at most 200 characters.
    pub reference: String,
    /// A few words for the outbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A request that came in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Hook {
    /// `POST`.
    pub method: String,
    /// What stands behind the question mark of the address.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Names in lower case and values.
    pub headers: BTreeMap<String, String>,
    /// The text that came with it.
    pub body: String,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The carrier's own name of the message.
    pub reference: String,
    /// What became of it.
    pub state: State,
    /// A few words for the history of the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What can become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It arrived.
    Delivered,
    /// It never will.
    Failed,
    /// Nothing is decided yet.
    Underway,
}

#[derive(Serialize)]
struct Reports {
    reports: Vec<Report>,
}

/// The channel's first function without its type. Used by [`export_channel!`](crate::export_channel).
#[doc(hidden)]
pub const fn serve_deliver<C: Channel>() -> component::Served {
    component::Served {
        name: C::NAME,
        answer: |input| component::written(&C::deliver(component::read(input)?)?),
    }
}

/// The channel's second function without its type.
#[doc(hidden)]
pub const fn serve_receive<C: Channel>() -> component::Served {
    component::Served {
        name: C::NAME,
        answer: |input| {
            let reports = C::receive(component::read(input)?)?;
            component::written(&Reports { reports })
        },
    }
}

/// Makes the plugin's channels out of types that implement [`Channel`]. Stands once in a plugin.
#[macro_export]
macro_rules! export_channel {
    ($($channel:ident),+ $(,)?) => {
        #[cfg(target_family = "wasm")]
        mod sagsgang_channels {
            struct Channels;

            impl $crate::component::channel::Guest for Channels {
                fn deliver(channel: String, message: String) -> Result<String, $crate::component::WireFailure> {
                    $crate::component::answer(&[$($crate::channel::serve_deliver::<super::$channel>()),+], &channel, &message)
                }

                fn receive(channel: String, request: String) -> Result<String, $crate::component::WireFailure> {
                    $crate::component::answer(&[$($crate::channel::serve_receive::<super::$channel>()),+], &channel, &request)
                }
            }

            $crate::component::channel::export_channel_component!(Channels with_types_in $crate::component::channel);
        }
    };
}
