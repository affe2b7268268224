//! The engine as a whole: real database, real plugins, real messages.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and its helpers do too"
)]

mod case_file;
mod cases;
mod children;
mod clocks;
mod crash;
mod events;
mod functions;
mod http;
mod macros;
mod mail;
mod operate;
mod plugins;
mod restore;
mod schedules;
mod secrets;
mod sink;
mod ties;
mod webhooks;
mod world;
