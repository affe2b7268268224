//! Published texts of all kinds.

pub(crate) mod check;
pub(crate) mod complete;
pub(crate) mod list;
