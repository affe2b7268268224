//! Published workflows.

pub(crate) mod list;
pub(crate) mod migrate;
pub(crate) mod publish;
pub(crate) mod read;
