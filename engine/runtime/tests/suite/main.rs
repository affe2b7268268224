//! The engine as a whole: real database, real plugins, real messages.

mod cases;
mod crash;
mod events;
mod mail;
mod sink;
mod world;
