//! A body that is larger than its route takes is read to its end and thrown away, so that whoever sends it hears the answer:
//! a connection that is closed in the middle of an upload looks like a broken network, and not like a limit.

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::stream::{self, Stream, StreamExt};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Bodies that are smaller arrive before anybody gives up.
const WORTH_HEARING: u64 = 1 << 20;
/// Most bytes that are thrown away for one answer, and how long it may take.
const MOST_BYTES: u64 = 2 << 30;
const LONGEST: Duration = Duration::from_secs(60);

/// Answers, and hears the sender out where the body was too large.
pub(super) async fn hear_out(request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_none_or(|bytes| bytes < WORTH_HEARING) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = Arc::new(Mutex::new(body.into_data_stream()));
    let request = Request::from_parts(parts, Body::from_stream(pieces(&body)));
    let response = next.run(request).await;
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let thrown_away = async {
            let mut bytes = 0;
            let mut rest = pieces(&body);
            while let Some(Ok(piece)) = rest.next().await {
                bytes += piece.len() as u64;
                if bytes > MOST_BYTES {
                    return;
                }
            }
        };
        // Who takes longer is not waited for.
        let _ = tokio::time::timeout(LONGEST, thrown_away).await;
    }
    response
}

/// What is left of a body that two read from: first its route, then who throws the rest away.
fn pieces(
    body: &Arc<Mutex<BodyDataStream>>,
) -> impl Stream<Item = Result<Bytes, axum::Error>> + Unpin + use<> {
    let body = Arc::clone(body);
    stream::poll_fn(move |context| {
        let mut body = body.lock().unwrap_or_else(PoisonError::into_inner);
        body.poll_next_unpin(context)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::extract::DefaultBodyLimit;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tower::ServiceExt;

    /// Status of an upload in pieces of 64 KiB, and how many of them were read.
    async fn sent(pieces: usize) -> (StatusCode, usize) {
        let router = Router::new()
            .route(
                "/",
                post(|body: Bytes| async move { body.len().to_string() }),
            )
            .layer(DefaultBodyLimit::max(2 << 20))
            .layer(from_fn(hear_out));
        let read = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&read);
        let body = stream::iter(0..pieces).map(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(Bytes::from_static(&[0; 65_536]))
        });
        let request = Request::post("/")
            .header(header::CONTENT_LENGTH, pieces * 65_536)
            .body(Body::from_stream(body))
            .unwrap();
        let response = router.oneshot(request).await.unwrap();
        (response.status(), read.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn who_sends_too_much_is_heard_out_and_then_told() {
        assert_eq!(sent(20).await, (StatusCode::OK, 20));
        assert_eq!(sent(200).await, (StatusCode::PAYLOAD_TOO_LARGE, 200));
    }
}
