//! Whatever a workflow does, it outlives everything: random definitions, with every kind of task of the profile.

#![expect(
    clippy::unwrap_used,
    reason = "a panic is how the helpers of a test fail"
)]

pub mod crashes;
mod definitions;
mod disk;
mod refold;
