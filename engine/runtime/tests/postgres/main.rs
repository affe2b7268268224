//! The engine as a whole once more, on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and its helpers do too"
)]

#[path = "../../../store/tests/suite/postgres.rs"]
mod server;

#[path = "../suite/advice.rs"]
mod advice;
#[path = "../suite/called.rs"]
mod called;
#[path = "../suite/case_file.rs"]
mod case_file;
#[path = "../suite/cases.rs"]
mod cases;
#[path = "../suite/children.rs"]
mod children;
#[path = "../suite/clocks.rs"]
mod clocks;
#[path = "../suite/commands.rs"]
mod commands;
#[path = "../suite/configurations.rs"]
mod configurations;
#[path = "../suite/contacts.rs"]
mod contacts;
#[path = "../suite/crash.rs"]
mod crash;
#[path = "../suite/deaths.rs"]
mod deaths;
#[path = "../suite/events.rs"]
mod events;
#[path = "../suite/functions.rs"]
mod functions;
#[path = "../suite/hearing.rs"]
mod hearing;
#[path = "../suite/http.rs"]
mod http;
#[path = "../suite/incidents.rs"]
mod incidents;
#[path = "../suite/kept.rs"]
mod kept;
#[path = "../suite/kle.rs"]
mod kle;
#[path = "../suite/late.rs"]
mod late;
#[path = "../suite/macros.rs"]
mod macros;
#[path = "../suite/mail.rs"]
mod mail;
#[path = "../suite/migrations.rs"]
mod migrations;
#[path = "../suite/moving.rs"]
mod moving;
#[path = "../suite/nodes.rs"]
mod nodes;
#[path = "../suite/offers.rs"]
mod offers;
#[path = "../suite/operate.rs"]
mod operate;
#[path = "../suite/overreach.rs"]
mod overreach;
#[path = "../suite/pins.rs"]
mod pins;
#[path = "../suite/plugins.rs"]
mod plugins;
#[path = "../suite/priorities.rs"]
mod priorities;
#[path = "../suite/restore.rs"]
mod restore;
#[path = "../suite/schedules.rs"]
mod schedules;
#[path = "../suite/secrets.rs"]
mod secrets;
#[path = "../suite/seen.rs"]
mod seen;
#[path = "../suite/sink.rs"]
mod sink;
#[path = "../suite/ties.rs"]
mod ties;
#[path = "../suite/trials.rs"]
mod trials;
#[path = "../suite/webhooks.rs"]
mod webhooks;
#[path = "../suite/world.rs"]
mod world;

/// The database of an engine in this folder.
fn database(folder: &std::path::Path) -> Option<String> {
    let name = folder.file_name()?.as_encoded_bytes();
    let name: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(server::PostgresServer::running().database(&format!("engine_{name}")))
}
