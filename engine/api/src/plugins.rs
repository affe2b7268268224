//! Plugins.

pub(crate) mod failures;
pub(crate) mod install;
pub(crate) mod list;
