//! Who asks: by a bearer token, or by the session cookie.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sagsgang_api::Problem;
use sagsgang_runtime::{Engine, SESSION_COOKIE};
use std::sync::Arc;

/// Inserts the principal where there is one. What a request may do without one is the routes' affair.
pub(super) async fn authenticate(
    State(engine): State<Arc<Engine>>,
    mut request: Request,
    next: Next,
) -> Response {
    let found = match bearer(request.headers()) {
        Some(token) => engine.principal_of_token(token).await,
        None => match session(request.headers()) {
            Some(token) => engine.principal_of_session(token).await,
            None => Ok(None),
        },
    };
    match found {
        Ok(Some(principal)) => {
            request.extensions_mut().insert(principal);
        }
        Ok(None) => {}
        Err(error) => return Problem::from(error).into_response(),
    }
    next.run(request).await
}

/// The token of `Authorization: Bearer`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The session, under the name that only an HTTPS site can set before the plain one.
fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = || {
        let lines = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok());
        lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
    };
    let prefixed = cookies().find(|(name, _)| name.strip_prefix("__Host-") == Some(SESSION_COOKIE));
    let plain = || cookies().find(|(name, _)| *name == SESSION_COOKIE);
    prefixed.or_else(plain).map(|(_, token)| token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn tokens_are_found_where_they_belong() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::AUTHORIZATION,
            HeaderValue::from_static("bearer abc"),
        );
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("session=old; __Host-session=new; a=b"),
        );
        assert_eq!(bearer(&headers), Some("abc"));
        assert_eq!(session(&headers), Some("new"));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic abc"));
        headers.insert(header::COOKIE, HeaderValue::from_static("xsession=old"));
        assert_eq!(bearer(&headers), None);
        assert_eq!(session(&headers), None);
    }
}
