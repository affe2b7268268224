//! Events: from outside in, and what changed out.

pub(crate) mod accept;
pub(crate) mod stream;
