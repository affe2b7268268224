//! Published texts of all kinds.

pub(crate) mod list;
