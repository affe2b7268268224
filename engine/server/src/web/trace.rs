//! Each request gets an id, a line in the log where it went wrong or was slow, and a place in the figures.

use super::Web;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tracing::Instrument;

/// Slower requests are worth a line.
const SLOW: Duration = Duration::from_secs(2);

/// The id of a request, as the log and the answer name it.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) Arc<str>);

pub(super) async fn trace(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    static TURN: AtomicU64 = AtomicU64::new(0);
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    let id: Arc<str> = format!("{:X}-{turn:X}", web.engine.now().as_micros()).into();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let method = request.method().clone();
    // The path of the route, never the address itself: ids and search words stay out of the log.
    let span = tracing::info_span!("request", id = &*id, %method, route = route.as_deref().unwrap_or("none"));
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    let began = Instant::now();
    let _under_way = web.metrics.begin();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = began.elapsed();
    web.metrics.finished(&method, response.status(), took);
    if response.status().is_server_error() || took > SLOW {
        let _entered = span.enter();
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(
            status = response.status().as_u16(),
            took_ms,
            "a request failed or was slow"
        );
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}
