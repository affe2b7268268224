//! Finding by words.

pub mod list;
