//! The web server: pages and API behind one set of layers.
//!
//! From the outside in: `trace` gives each request an id and counts it, `fault` turns our faults into answers with that id,
//! `headers` adds what browsers must hold to, compression, `cross_site` refuses forged requests, `authenticate` finds out
//! who asks, `overflow` hears out who sends too much.

mod authenticate;
mod cross_site;
mod fault;
mod headers;
mod health;
mod metrics;
mod overflow;
mod streams;
mod trace;

pub use metrics::Metrics;

use axum::Router;
use axum::extract::FromRef;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use sagsgang_runtime::Engine;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// What is smaller travels as it is: compressing costs more than it saves.
const WORTH_COMPRESSING: u16 = 1_024;

/// What the layers share.
#[derive(Clone, FromRef)]
pub struct Web {
    pub engine: Arc<Engine>,
    pub metrics: Arc<Metrics>,
    /// Cancelled when the server stops; ends streams that would otherwise never end.
    pub closing: CancellationToken,
}

/// The whole of the web server.
pub fn router(web: Web) -> Router {
    let own: Router = Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(metrics::show))
        .with_state(web.clone());
    let worth = SizeAbove::new(WORTH_COMPRESSING)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("font/"))
        .and(NotForContentType::const_new("application/pdf"))
        .and(NotForContentType::const_new("application/octet-stream"));
    own.merge(sagsgang_api::router(Arc::clone(&web.engine)))
        .merge(sagsgang_ui::router(Arc::clone(&web.engine)))
        .layer(from_fn(overflow::hear_out))
        .layer(from_fn_with_state(web.clone(), streams::end_when_closing))
        .layer(from_fn_with_state(
            Arc::clone(&web.engine),
            authenticate::authenticate,
        ))
        .layer(from_fn(cross_site::refuse))
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(worth),
        )
        .layer(from_fn(headers::add))
        .layer(CatchPanicLayer::custom(fault::panicked))
        .layer(from_fn(fault::refer))
        .layer(from_fn_with_state(web, trace::trace))
}

#[cfg(test)]
mod tests;
