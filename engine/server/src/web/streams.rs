//! Event streams end when the server stops; a browser that listens would otherwise hold it for ever.

use super::Web;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt;

pub(super) async fn end_when_closing(
    State(web): State<Web>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
        return response;
    }
    response.map(|body| {
        let closed = web.closing.cancelled_owned();
        Body::from_stream(body.into_data_stream().take_until(Box::pin(closed)))
    })
}
