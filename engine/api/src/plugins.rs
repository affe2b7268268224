//! Plugins.

pub(crate) mod install;
pub(crate) mod list;
