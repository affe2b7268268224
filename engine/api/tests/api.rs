//! The API over a real engine on a database of its own: what outside programs rely on.

#[path = "api/cases.rs"]
mod cases;
#[path = "api/inbox.rs"]
mod inbox;
#[path = "api/registers.rs"]
mod registers;
#[path = "api/table.rs"]
mod table;
#[path = "api/world.rs"]
mod world;
