//! Addresses of the import.

use super::{Route, read, write};
use crate::access::Access::Right as By;
use crate::pages::import;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::routing::post;
use sagsgang_domain::Right;

/// The rows of the table.
pub(super) fn rows() -> Vec<Route> {
    vec![
        read("/settings/import", By(Right::Import), import::show),
        Route {
            method: Method::POST,
            path: "/settings/import",
            right: By(Right::Import),
            handler: post(import::upload).layer(DefaultBodyLimit::max(import::MOST)),
        },
        write("/settings/import/decide", By(Right::Import), import::decide),
        read(
            "/settings/import/{id}/rejects",
            By(Right::Import),
            import::rejects,
        ),
    ]
}
