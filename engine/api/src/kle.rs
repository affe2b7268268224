//! The classification of municipal tasks.

pub(crate) mod list;
