//! The outbox.

pub(crate) mod list;
