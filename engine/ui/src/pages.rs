//! The pages, one module each: what is gathered, what is shown, and the handlers between them.

pub mod action;
pub mod case;
pub mod case_types;
pub mod cases;
pub mod dashboard;
pub(crate) mod document;
pub mod import;
pub mod inbox;
pub(crate) mod live;
pub mod login;
pub mod notice;
pub mod notices;
pub mod outbox;
pub mod plugins;
pub mod preferences;
pub mod registers;
pub mod schema;
pub mod search;
pub(crate) mod sent;
pub mod tags;
pub(crate) mod text;
pub mod tie;
pub mod workflows;

#[cfg(test)]
mod tests;
