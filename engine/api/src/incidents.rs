//! Incidents.

pub(crate) mod close;
pub(crate) mod list;
