//! What browsers must hold to.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use sagsgang_ui::StyleNonce;

/// Nothing inline, nothing from elsewhere. Frames are ours too: mails are shown in one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The policy of an answer: with a nonce, the page's own script may add the styles that carry it.
fn policy(nonce: Option<&StyleNonce>) -> HeaderValue {
    let with_nonce = nonce.and_then(|StyleNonce(nonce)| {
        let styles = format!("style-src 'self' 'nonce-{nonce}'");
        HeaderValue::from_str(&POLICY.replace("style-src 'self'", &styles)).ok()
    });
    with_nonce.unwrap_or(HeaderValue::from_static(POLICY))
}

/// Adds the headers that every answer has; an answer's own policy stays.
pub(super) async fn add(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = policy(response.extensions().get::<StyleNonce>());
    let headers = response.headers_mut();
    let is_html = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_html {
        headers
            .entry(header::CONTENT_SECURITY_POLICY)
            .or_insert(policy);
        // Pages show personal data; nobody but the browser keeps them, and it asks again.
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("private, no-cache"));
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: forms would then say that they come from nowhere.
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_permits_styles_and_nothing_else() {
        let usual = policy(None);
        let usual = usual.to_str().unwrap();
        assert!(usual.contains("style-src 'self'; "), "{usual}");
        let with_nonce = policy(Some(&StyleNonce("0af1".to_owned())));
        let with_nonce = with_nonce.to_str().unwrap();
        assert_eq!(
            with_nonce.replace("style-src 'self' 'nonce-0af1'; ", "style-src 'self'; "),
            usual
        );
        // What is no nonce makes the policy no weaker.
        assert_eq!(policy(Some(&StyleNonce("\n".to_owned()))), usual);
    }
}
