//! The engine as a whole: real database, real plugins, real messages. On SQLite; `../postgres` runs the same files.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and its helpers do too"
)]

mod advice;
mod breaker;
mod broken;
mod called;
mod case_file;
mod cases;
mod children;
mod clocks;
mod commands;
mod configurations;
mod contacts;
mod crash;
mod deaths;
mod events;
mod functions;
mod gathering;
mod hearing;
mod http;
mod incidents;
mod kept;
mod kle;
mod late;
mod lifecycle;
mod macros;
mod mail;
mod migrations;
mod moving;
mod nodes;
mod offers;
mod operate;
mod overreach;
mod pins;
mod plugins;
mod priorities;
mod restore;
mod schedules;
mod secrets;
mod seen;
mod sink;
mod stuck;
mod ties;
mod trials;
mod turns;
mod waiting;
mod webhooks;
mod world;

/// The database of an engine in this folder; `None` for the SQLite file that it has of itself.
fn database(_: &std::path::Path) -> Option<String> {
    None
}
