//! Requests that another site made a browser send.

use super::authenticate::bearer;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sagsgang_api::Problem;
use sagsgang_api::problem::code;

/// Refuses unsafe requests from other sites. A bearer token is never sent by a browser on its own, so requests with one
/// cannot be forged.
pub(super) async fn refuse(request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if safe || bearer(request.headers()).is_some() || is_from_here(request.headers()) {
        return next.run(request).await;
    }
    Problem::new(&code::CROSS_SITE).into_response()
}

/// Browsers say where a request comes from, in `Sec-Fetch-Site` or at least in `Origin`; what says neither is no browser.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text(header::ORIGIN.as_str()), text(header::HOST.as_str())) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
        }
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn from_here(headers: &[(&'static str, &'static str)]) -> bool {
        let pairs = headers.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        is_from_here(&pairs.collect())
    }

    #[test]
    fn what_the_browser_says_decides() {
        assert!(from_here(&[("sec-fetch-site", "same-origin")]));
        assert!(from_here(&[("sec-fetch-site", "none")]));
        assert!(!from_here(&[("sec-fetch-site", "same-site")]));
        assert!(!from_here(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "http://sager.example"),
            ("host", "sager.example")
        ]));
    }

    #[test]
    fn without_it_the_origin_decides() {
        assert!(from_here(&[
            ("origin", "https://sager.example"),
            ("host", "sager.example")
        ]));
        assert!(!from_here(&[
            ("origin", "https://sager.example.evil"),
            ("host", "sager.example")
        ]));
        assert!(!from_here(&[("origin", "null"), ("host", "sager.example")]));
        assert!(!from_here(&[("origin", "https://sager.example")]));
        assert!(from_here(&[("host", "sager.example")]));
    }
}
