//! Runs plugins: what they are, what they may, and what one call of them does.
//!
//! A plugin is a WebAssembly component (or a script, which runs inside a component of ours) that imports the interface in
//! `sdk/wit` and nothing else. [`Host::install`] reads a [package](mod@package), checks its [`Manifest`] against what
//! the component imports, compiles it away from any request and swaps it in. [`Host::call`] runs one [action](ActionRef)
//! in a fresh instance: with the [`Grant`] of an administrator, without which it is not called at all, under [`Limits`], on threads of its own. A call is a
//! transaction: what the plugin asks for is collected in the [`CallOutcome`] and applied by the caller, or lost together
//! with the call. Each published version of the interface is one file under `interface/` that converts to the newest types.
//!
//! What a plugin can read comes from the embedder through [`Services`]; this crate knows no database and no case rules.

pub mod call;
mod compile;
pub mod config;
mod egress;
mod engine;
mod entry_point;
pub mod grant;
pub mod health;
mod hooks;
mod host;
mod install;
mod interface;
pub mod limits;
pub mod manifest;
mod nul;
pub mod package;
pub mod plugin;
pub mod problem;
pub mod protocol;
mod registry;
mod schema;
pub mod services;
pub mod signature;
mod state;
mod warm;
pub mod watch;

pub use call::{
    CallContext, CallOutcome, CallRequest, Document, DoneCall, FailedCall, HttpAttempt, Kept,
    LogLevel, LogLine, PluginError, Retry, Usage,
};
pub use config::{Candidate, Ceiling, GrantPolicy, HostConfig, Source};
pub use egress::{CannedAnswer, CannedRequest, Outside};
pub use entry_point::EntryPoint;
pub use grant::{Capability, Grant, HttpGrant};
pub use health::{BreakerState, Health};
pub use host::{Host, HostError, PostError};
pub use limits::Limits;
pub use manifest::{
    ActionManifest, Button, ChannelManifest, Effect, Manifest, PanelManifest, ProviderManifest,
};
pub use package::Package;
pub use plugin::{ActionRef, Plugin, Standing};
pub use problem::Problem;
pub use protocol::{ProtocolError, Protocols, SecretSource, is_protocol};
pub use services::{MemoryServices, ServiceError, Services};
pub use signature::{KeyError, Signer, SigningKey, TrustedKeys};
pub use watch::{Watch, WatchReport};
