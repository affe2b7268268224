//! The cookies of the interface: the session, and the language before somebody has logged in.

use axum::http::{HeaderMap, HeaderValue, header};
use sagsgang_runtime::SESSION_COOKIE;

/// The language of the log-in page.
pub(crate) const LOCALE_COOKIE: &str = "locale";

/// The list of cases that was looked at last: its query.
pub(crate) const LIST_COOKIE: &str = "list";
/// Longer queries are not remembered.
const MOST_REMEMBERED: usize = 1_500;

const YEAR_SECONDS: u32 = 365 * 24 * 60 * 60;

/// The value of a cookie.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|line| line.to_str().ok());
    let pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .into_iter()
        .find(|(one, _)| *one == name)
        .map(|(_, value)| value.to_owned())
}

/// The name of the session cookie. Over HTTPS the prefix makes browsers refuse one that anybody else has set.
fn session_name(secure: bool) -> String {
    if secure {
        format!("__Host-{SESSION_COOKIE}")
    } else {
        SESSION_COOKIE.to_owned()
    }
}

/// The token of the session, from whichever of the two names it has.
pub(crate) fn token(headers: &HeaderMap) -> Option<String> {
    [true, false]
        .into_iter()
        .find_map(|secure| cookie(headers, &session_name(secure)))
}

/// Sets the session.
pub(crate) fn begin(token: &str, secure: bool) -> Option<HeaderValue> {
    let attributes = if secure { "; Secure" } else { "" };
    let name = session_name(secure);
    HeaderValue::from_str(&format!(
        "{name}={token}; Path=/; HttpOnly; SameSite=Lax{attributes}"
    ))
    .ok()
}

/// Removes the session.
pub(crate) fn end(secure: bool) -> Option<HeaderValue> {
    let attributes = if secure { "; Secure" } else { "" };
    let name = session_name(secure);
    HeaderValue::from_str(&format!(
        "{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{attributes}"
    ))
    .ok()
}

/// Remembers the language before log-in.
pub(crate) fn remember_locale(tag: &'static str) -> Option<HeaderValue> {
    let text =
        format!("{LOCALE_COOKIE}={tag}; Path=/; Max-Age={YEAR_SECONDS}; HttpOnly; SameSite=Lax");
    HeaderValue::from_str(&text).ok()
}

/// Remembers the list that is looked at, until the browser is closed. The query is encoded as in an address.
pub(crate) fn remember_list(query: &str) -> Option<HeaderValue> {
    let text = format!("{LIST_COOKIE}={query}; Path=/; HttpOnly; SameSite=Lax");
    let fits = query.len() <= MOST_REMEMBERED && !query.contains([';', ',', ' ']);
    HeaderValue::from_str(&text).ok().filter(|_| fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(line: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(line))])
    }

    #[test]
    fn the_session_is_found_under_either_name() {
        assert_eq!(token(&headers("a=b; session=abc")).unwrap(), "abc");
        assert_eq!(
            token(&headers("session=old; __Host-session=new")).unwrap(),
            "new"
        );
        assert_eq!(token(&headers("xsession=abc")), None);
    }

    #[test]
    fn a_session_over_https_is_bound_to_this_host() {
        let cookie = begin("abc", true).unwrap();
        assert_eq!(
            cookie,
            "__Host-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(begin("a\r\nb", false).is_none());
    }
}
