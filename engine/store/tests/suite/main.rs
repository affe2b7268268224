//! The store on both databases: every statement, one story, the committer's guards, equal schemas.

mod databases;
mod guards;
mod migrations;
mod statements;
mod story;
mod world;
