//! The store on both databases: every statement, one story, the committer's guards, equal schemas.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and its helpers do too"
)]

mod about;
mod attention;
mod checkpoints;
mod databases;
mod figures;
mod guards;
mod hearing;
mod kle;
mod migrations;
mod own_fields;
mod phases;
mod plans;
mod plugins;
mod postgres;
mod register_lists;
mod register_words;
mod registers;
mod search;
mod statements;
mod story;
mod tags;
mod turns;
mod world;
