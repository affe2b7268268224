//! Write plugins for Sagsgang in Rust.
//!
//! A plugin offers actions: plain functions with typed input and output, marked [`action`] and listed once with
//! [`export!`]. Around them this crate has what an action can reach, one module for each capability of the manifest:
//! [`context`] (the case and what the call is about), [`commands`] (changes it asks for), [`cases`], [`documents`],
//! [`blobs`], [`kv`], [`http`], [`random`] and [`log`]. Compiled for `wasm32-unknown-unknown` these are imports of the
//! engine; compiled for your machine they lead to [`testing::Host`], so that the same source runs under `cargo test`.
//!
//! A plugin can also have a [`panel`] on the page of a case, carry messages as a [`channel`], or look things up as a
//! [`provider`]: types that implement a trait, each listed with a macro of its own.
//!
//! ```
//! use sagsgang_plugin::{Failure, action, commands};
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Input { name: String }
//! #[derive(Serialize, JsonSchema)]
//! struct Output { greeting: String }
//!
//! /// Greets somebody and notes it in the case.
//! #[action]
//! fn greet(input: Input) -> Result<Output, Failure> {
//!     let greeting = format!("Hej {}", input.name);
//!     commands::note(&greeting)?;
//!     Ok(Output { greeting })
//! }
//!
//! sagsgang_plugin::export!(greet);
//! # fn main() {}
//! ```

mod action;
#[cfg(all(target_family = "wasm", feature = "arena"))]
mod arena;
pub mod blobs;
pub mod cases;
pub mod channel;
pub mod commands;
#[doc(hidden)]
pub mod component;
pub mod context;
pub mod documents;
mod failure;
pub mod http;
#[cfg_attr(target_family = "wasm", path = "imports/component.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "imports/native.rs")]
mod imports;
pub mod kv;
pub mod log;
pub mod panel;
pub mod provider;
pub mod random;
#[cfg(not(target_family = "wasm"))]
pub mod testing;

pub use action::{Action, Outcome};
pub use failure::{Advice, Error, Failure};
pub use sagsgang_plugin_macros::action;
pub use {schemars, serde, serde_json};
