//! The API over a real engine on a database of its own: what outside programs rely on.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and its helpers do too"
)]

#[path = "api/cases.rs"]
mod cases;
#[path = "api/definitions.rs"]
mod definitions;
#[path = "api/inbox.rs"]
mod inbox;
#[path = "api/migrations.rs"]
mod migrations;
#[path = "api/registers.rs"]
mod registers;
#[path = "api/runs.rs"]
mod runs;
#[path = "api/table.rs"]
mod table;
#[path = "api/webhooks.rs"]
mod webhooks;
#[path = "api/world.rs"]
mod world;
