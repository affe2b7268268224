//! The glue between actions and the engine. Used by [`export!`](crate::export); not for authors.

use crate::{Action, Failure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// An action without its types.
pub struct Offer {
    /// The name in the manifest.
    pub name: &'static str,
    /// Name, title and schemas as `describe` gives them.
    pub describe: fn() -> Value,
    /// JSON text in, JSON text out.
    pub run: fn(&str) -> Result<String, Failure>,
}

/// A panel, channel or provider without its types.
pub struct Served {
    /// The name in the manifest.
    pub name: &'static str,
    /// JSON text in, JSON text out.
    pub answer: fn(&str) -> Result<String, Failure>,
}

/// Takes the types off an action.
pub const fn offer<A: Action>() -> Offer {
    Offer {
        name: A::NAME,
        describe: describe_one::<A>,
        run: run_one::<A>,
    }
}

/// What the plugin offers, as JSON text.
pub fn describe(offers: &[Offer]) -> String {
    let actions: Vec<Value> = offers.iter().map(|offer| (offer.describe)()).collect();
    json!({ "actions": actions }).to_string()
}

/// Runs an action by its name.
///
/// # Errors
/// The action's own failure, or that there is no such action.
pub fn run(offers: &[Offer], action: &str, input: &str) -> Result<String, Failure> {
    let offer = offers.iter().find(|offer| offer.name == action);
    let unknown = || Failure::reject("unknown-action", format!("there is no action `{action}`"));
    (offer.ok_or_else(unknown)?.run)(input)
}

fn describe_one<A: Action>() -> Value {
    json!({
        "name": A::NAME,
        "title": A::TITLE,
        "input": schemars::schema_for!(A::Input),
        "output": schemars::schema_for!(A::Output),
    })
}

fn run_one<A: Action>(input: &str) -> Result<String, Failure> {
    written(&A::run(read(input)?)?)
}

/// What the engine gave.
///
/// # Errors
/// When it has another shape.
pub fn read<T: DeserializeOwned>(input: &str) -> Result<T, Failure> {
    serde_json::from_str(input).map_err(|error| Failure::reject("bad-input", error.to_string()))
}

/// What the engine gets.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn written(output: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(output).map_err(|error| Failure::reject("bad-output", error.to_string()))
}

/// Makes the plugin's component out of its actions. Stands once in a plugin, at the end of its `lib.rs`.
#[macro_export]
macro_rules! export {
    ($($action:ident),+ $(,)?) => {
        #[doc(hidden)]
        pub const SAGSGANG_ACTIONS: &[$crate::component::Offer] = &[$($crate::component::offer::<$action>()),+];

        #[cfg(target_family = "wasm")]
        mod sagsgang_component {
            struct Component;

            impl $crate::component::Guest for Component {
                fn describe() -> String {
                    $crate::component::describe(super::SAGSGANG_ACTIONS)
                }

                fn run(action: String, input: String) -> Result<String, $crate::component::WireFailure> {
                    $crate::component::guarded(super::SAGSGANG_ACTIONS, &action, &input)
                }
            }

            $crate::component::export_component!(Component with_types_in $crate::component::bindings);
        }
    };
}

#[cfg(target_family = "wasm")]
pub use wire::{
    Guest, WireFailure, answer, bindings, channel, export_component, guarded, panel, provider,
};

#[cfg(target_family = "wasm")]
mod wire {
    use super::{Offer, Served, run};
    use crate::{Advice, Failure};
    use bindings::sagsgang::plugin::types;

    #[expect(
        missing_docs,
        reason = "generated: documented in the interface's own files"
    )]
    pub mod bindings {
        wit_bindgen::generate!({
            path: "../wit/v1",
            world: "sagsgang:plugin/action",
            pub_export_macro: true,
            export_macro_name: "export_component",
        });
    }

    /// A world with functions of its own, sharing the imports above.
    macro_rules! world {
        ($module:ident, $world:literal, $export:literal $(, { $($more:tt)* })?) => {
            #[expect(
                missing_docs,
                reason = "generated: documented in the interface's own files"
            )]
            pub mod $module {
                wit_bindgen::generate!({
                    path: "../wit/v1",
                    world: $world,
                    pub_export_macro: true,
                    export_macro_name: $export,
                    with: {
                        "sagsgang:plugin/types@1.0.0": crate::component::bindings::sagsgang::plugin::types,
                        "sagsgang:plugin/log@1.0.0": crate::component::bindings::sagsgang::plugin::log,
                        "sagsgang:plugin/context@1.0.0": crate::component::bindings::sagsgang::plugin::context,
                        "sagsgang:plugin/kv@1.0.0": crate::component::bindings::sagsgang::plugin::kv,
                        "sagsgang:plugin/http@1.0.0": crate::component::bindings::sagsgang::plugin::http,
                        "sagsgang:plugin/random@1.0.0": crate::component::bindings::sagsgang::plugin::random,
                        $($($more)*)?
                    },
                });
            }
        };
    }

    world!(
        panel,
        "sagsgang:plugin/panel",
        "export_panel_component",
        { "sagsgang:plugin/cases@1.0.0": crate::component::bindings::sagsgang::plugin::cases, }
    );
    world!(
        channel,
        "sagsgang:plugin/channel",
        "export_channel_component"
    );
    world!(
        provider,
        "sagsgang:plugin/provider",
        "export_provider_component"
    );

    pub use bindings::{Guest, export_component};
    pub use types::Failure as WireFailure;

    /// Runs an action with the plugin's last words going to the log.
    ///
    /// # Errors
    /// As [`run`].
    pub fn guarded(offers: &[Offer], action: &str, input: &str) -> Result<String, WireFailure> {
        std::panic::set_hook(Box::new(|panic| crate::log::error(panic.to_string())));
        run(offers, action, input).map_err(WireFailure::from)
    }

    /// Answers a call of a panel, channel or provider, with the plugin's last words going to the log.
    ///
    /// # Errors
    /// Its own failure, or that there is none of this name.
    pub fn answer(served: &[Served], name: &str, input: &str) -> Result<String, WireFailure> {
        std::panic::set_hook(Box::new(|panic| crate::log::error(panic.to_string())));
        let found = served.iter().find(|one| one.name == name);
        let unknown = || Failure::reject("unknown-name", format!("there is no `{name}`"));
        let answer = found
            .ok_or_else(unknown)
            .and_then(|one| (one.answer)(input));
        answer.map_err(WireFailure::from)
    }

    impl From<Failure> for WireFailure {
        fn from(failure: Failure) -> Self {
            WireFailure {
                advice: match failure.advice {
                    Advice::Retry => types::Advice::Retry,
                    Advice::Reject => types::Advice::Reject,
                    Advice::Ask => types::Advice::Ask,
                },
                error: types::Error {
                    code: failure.code,
                    message: failure.message,
                    retry_after_ms: failure.retry_after_ms,
                    detail: None,
                },
            }
        }
    }
}
