//! What the suites over the whole program share.
//!
//! The suites lie in `tests/tests/`, one file each. They know the program only from outside: its source tree
//! ([`repository`], [`tidy`]), its binary ([`server`]), what it answers over HTTP ([`client`]) and what a person sees in
//! a browser ([`browser`]). No crate of the engine is linked here, so a suite cannot reach past the door that everybody
//! else uses; the one exception is the table of diagnostic codes, from which pages are made ([`error_pages`]; [`interface_pages`] makes another).

pub mod browser;
pub mod client;
pub mod error_pages;
pub mod interface_pages;
pub mod interpreters;
pub mod load;
pub mod process;
pub mod repository;
pub mod server;
pub mod tidy;
