//! The host with real guests: bundled plugins, scripts, and the probe that uses and misuses every function.
//!
//! The guests are built by `plugins/build` when the first test needs them.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests may fail the test where they are"
)]

mod suite {
    pub mod bundled;
    pub mod conformance;
    pub mod failures;
    pub mod forge;
    pub mod forged;
    pub mod grants;
    pub mod hostile;
    pub mod install;
    pub mod interpreted;
    pub mod kit;
    pub mod limits;
    pub mod offers;
    pub mod reads;
    pub mod refused;
    pub mod support;
    pub mod swap;
    pub mod versions;
}
