//! Several commands in one request.

pub(crate) mod execute;
