//! JSON over HTTP, OpenAPI, event stream.
//!
//! Everything that other programs may do with Sagsgang stands in one table, [`routes`]: method, path, the [`Access`] that
//! it takes, the handler and its description. The router, the check of rights and the OpenAPI document are all made
//! from that table, so that a route without a right or without a description cannot be written.
//!
//! A handler is thin: it parses ([`request`](mod@request)), asks the [`Engine`](sagsgang_runtime::Engine), and renders
//! ([`shape`]). What goes wrong is a [`Problem`] with a stable code. Who asks is an
//! [`Extension`](axum::Extension)`<`[`Principal`](sagsgang_runtime::Principal)`>` that the layer in front inserts; without
//! one, only public routes answer.

mod access;
mod addresses;
mod case_types;
mod cases;
mod commands;
mod dashboard;
mod definitions;
mod docs;
mod documents;
mod events;
mod hooks;
mod inbox;
mod incidents;
mod kle;
mod migrations;
mod notices;
mod openapi;
mod outbox;
mod plugins;
pub mod problem;
mod registers;
pub mod request;
mod routes;
mod runs;
mod search;
pub mod shape;
mod webhooks;
mod workflows;

pub use access::Access;
pub use openapi::document;
pub use problem::Problem;
pub use routes::{Route, router, routes};
