//! What carriers of messages report.

pub(crate) mod receive;
