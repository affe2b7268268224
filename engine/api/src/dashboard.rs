//! Figures about all cases.

pub(crate) mod read;
