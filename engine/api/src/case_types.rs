//! Case types.

pub(crate) mod list;
