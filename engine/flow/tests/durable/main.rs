//! Whatever a workflow does, it outlives everything: random definitions, with every kind of task of the profile.

mod crashes;
mod definitions;
mod disk;
mod refold;
