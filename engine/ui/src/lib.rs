//! HTML over HTTP: what people see and use in the browser.
//!
//! Each page is a module of [`pages`] with a template of the same name: it gathers data from the runtime, turns them into
//! a page value, and the template shows that value. A page and its fragment for htmx are one template; everything works
//! without script too. Around every page stands a [`Frame`] with the person, the language and the menus. Texts come from
//! the files of a [`Locale`], actions and keys from the one [`registry`], scripts and styles from [`assets`].

mod access;
mod answer;
pub mod assets;
pub mod form;
pub mod format;
pub mod frame;
mod graph;
pub mod html;
pub mod keys;
pub mod locale;
pub mod pages;
pub mod registry;
pub mod rejection;
mod routes;
mod session;
mod visit;
pub mod words;

pub use access::Access;
pub use frame::Frame;
pub use locale::Locale;
pub use routes::{Route, router, routes};
pub use visit::StyleNonce;

#[cfg(test)]
mod sample;
