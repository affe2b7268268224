//! Incidents.

pub(crate) mod list;
