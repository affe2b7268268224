//! Addresses, as a plugin looks them up.

pub(crate) mod list;
