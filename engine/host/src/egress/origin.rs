//! Where requests may go, and whether a URL lies within it: scheme, host, port and the prefix of the path.

use crate::grant::HttpGrant;
use crate::state::Refusal;
use reqwest::Url;

/// Scheme, host and port.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Origin(String, String, u16);

impl Origin {
    /// Reads an origin such as `https://gatewayapi.eu`. The error completes a sentence that begins with the text.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| "is not an origin such as `https://example.dk`")?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err("has more than scheme, host and port; paths have a list of their own");
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err("has to begin with `https://`"),
        }
        Self::of(&url).ok_or("has no host")
    }

    fn of(url: &Url) -> Option<Self> {
        Some(Self(
            url.scheme().to_owned(),
            url.host_str()?.to_owned(),
            url.port_or_known_default()?,
        ))
    }
}

/// Whether a URL names this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// A place as an operator writes it: an origin, with a prefix of the path behind it where not every path is meant. The
/// error completes a sentence that begins with the text.
pub(crate) fn parse_place(text: &str) -> Result<HttpGrant, String> {
    let (scheme, rest) = text
        .split_once("://")
        .ok_or("is not an address such as `https://example.dk/v1/`")?;
    let (authority, path) = match rest.find(['/', '\\', '?', '#']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let origin = format!("{scheme}://{authority}");
    Origin::parse(&origin)?;
    let paths = match path {
        "" | "/" => Vec::new(),
        path => {
            check_prefix(path)?;
            vec![path.to_owned()]
        }
    };
    Ok(HttpGrant {
        origin,
        paths,
        secret: None,
        secret_header: String::new(),
        secret_prefix: String::new(),
    })
}

/// Whether a prefix of paths is written as paths are sent, so that it covers what it seems to cover. The error completes
/// a sentence that begins with the text.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), &'static str> {
    let is_sent_so = |c: char| c.is_ascii_graphic() && !"\"#<>?\\^`{|}".contains(c);
    if !prefix.starts_with('/') {
        return Err("has to start with `/`");
    }
    if !prefix.chars().all(is_sent_so) {
        return Err("has a character that does not stand in a path as it is sent");
    }
    if prefix.contains("//") {
        return Err("has an empty step");
    }
    match is_devious(prefix) {
        true => Err("has a step that leads elsewhere"),
        false => Ok(()),
    }
}

/// Whether the other side may take a path for another one: `.` and `..` in any spelling, also with a parameter behind
/// them, and slashes that are encoded, however often.
fn is_devious(path: &str) -> bool {
    let mut path = path.to_ascii_lowercase();
    while path.contains("%25") {
        path = path.replace("%25", "%");
    }
    let hidden = ["%2f", "%5c", "%2e", "%00"];
    let is_step = |segment: &str| matches!(segment.split(';').next(), Some("." | ".."));
    hidden.iter().any(|hidden| path.contains(hidden)) || path.split('/').any(is_step)
}

/// The URL in its normal form, with the first grant that covers it.
pub(crate) fn granted_target<'a>(
    text: &str,
    grants: &'a [HttpGrant],
) -> Result<(Url, &'a HttpGrant), Refusal> {
    let url = Url::parse(text)
        .map_err(|error| Refusal::invalid(format!("the URL cannot be read: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::invalid("a URL with a user name in it is refused"));
    }
    // Parsing has resolved `..`; what is hidden from it could be resolved by the other side, past the prefix.
    if is_devious(url.path()) {
        return Err(Refusal::denied(
            "a path with encoded slashes or dots is refused",
        ));
    }
    let origin = Origin::of(&url);
    let here = |grant: &&HttpGrant| Origin::parse(&grant.origin).ok() == origin;
    let covers = |grant: &&HttpGrant| {
        grant.paths.is_empty() || grant.paths.iter().any(|prefix| within(url.path(), prefix))
    };
    if let Some(grant) = grants.iter().filter(here).find(covers) {
        return Ok((url, grant));
    }
    let host = url.host_str().unwrap_or("this address");
    let prefixes = grants.iter().filter(here).flat_map(|grant| &grant.paths);
    let prefixes: Vec<&str> = prefixes.map(String::as_str).collect();
    // The path itself may be personal.
    Err(Refusal::denied(match prefixes.is_empty() {
        true => format!("{host} is not granted"),
        false => format!(
            "this path of {host} is not granted, only those under {}",
            prefixes.join(", ")
        ),
    }))
}

/// Whether a path lies under a prefix; `/rest` covers `/rest` and `/rest/x`, not `/restricted`.
pub(crate) fn within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| prefix.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants() -> Vec<HttpGrant> {
        let text = r#"[{"origin":"https://gateway.example","paths":["/rest/"]},
            {"origin":"https://other.example:8443","paths":["/a"],"secret":"token"}]"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn only_what_is_granted_is_covered() {
        let grants = grants();
        let covered = |url: &str| granted_target(url, &grants).is_ok();
        for url in [
            "https://gateway.example/rest/mtsms",
            "https://GATEWAY.example:443/rest/../rest/x?y=1",
            "https://other.example:8443/a",
            "https://other.example:8443/a/b",
            "https://gateway.example/rest//mtsms",
            "https://gateway.example/rest/./mtsms",
            "https://gateway.example\\rest\\mtsms",
            "https://gateway.example/rest/a.b;v=1/x%20y",
        ] {
            assert!(covered(url), "{url}");
        }
        for url in [
            "http://gateway.example/rest/",
            "https://gateway.example/",
            "https://gateway.example/rest/../admin",
            "https://gateway.example/rest/%2e%2e/admin",
            "https://gateway.example/rest/..%2fadmin",
            "https://gateway.example/rest/%2E%2E/admin",
            "https://gateway.example/rest/.%2e/admin",
            "https://gateway.example/rest/%252e%252e/admin",
            "https://gateway.example/rest/..%252fadmin",
            "https://gateway.example/rest/..%2525252fadmin",
            "https://gateway.example/rest/x%2f..%2f..%2fadmin",
            "https://gateway.example/rest/..%5cadmin",
            "https://gateway.example/rest\\..\\admin",
            "https://gateway.example/rest/..\\admin",
            "https://gateway.example/rest/.\t./admin",
            "https://gateway.example/rest/..;/admin",
            "https://gateway.example/rest/..;a=b/admin",
            "https://gateway.example/rest/%00/../../admin",
            "https://gateway.example//rest/mtsms",
            "https://gateway.example/./../rest/../admin",
            "https://gateway.example//evil.example/rest/",
            "https://gateway.example\\@evil.example/rest/",
            "https://gateway.example/rest",
            "https://gateway.example/REST/mtsms",
            "https://gateway.example/restricted",
            "https://gateway.example/?/rest/",
            "https://gateway.example/#/rest/",
            "https://gateway.example./rest/",
            "https://gateway.example.evil.example/rest/",
            "https://gateway.example:444/rest/",
            "https://user@gateway.example/rest/",
            "https://gateway.example@evil.example/rest/",
            "https://other.example:8443/ab",
            "ftp://gateway.example/rest/",
            "file:///etc/passwd",
            "not a url",
        ] {
            assert!(!covered(url), "{url}");
        }
    }

    #[test]
    fn a_refusal_says_whether_the_host_or_only_the_path_is_not_granted() {
        let grants = grants();
        let refused = |url: &str| granted_target(url, &grants).err().unwrap().message;
        assert_eq!(
            refused("https://evil.example/rest/"),
            "evil.example is not granted"
        );
        let path = refused("https://gateway.example/admin/12345678");
        assert_eq!(
            path,
            "this path of gateway.example is not granted, only those under /rest/"
        );
    }

    #[test]
    fn a_place_is_an_origin_with_a_prefix_written_as_it_is_sent() {
        let place = |text: &str| parse_place(text).map(|place| (place.origin, place.paths));
        let whole = ("https://api.example.dk".to_owned(), Vec::new());
        assert_eq!(place("https://api.example.dk"), Ok(whole.clone()));
        assert_eq!(place("https://api.example.dk/"), Ok(whole));
        let part = |origin: &str, path: &str| Ok((origin.to_owned(), vec![path.to_owned()]));
        assert_eq!(
            place("https://api.example.dk:8443/v1/"),
            part("https://api.example.dk:8443", "/v1/")
        );
        assert_eq!(
            place("https://api.example.dk/v1/a%20b"),
            part("https://api.example.dk", "/v1/a%20b")
        );
        for wrong in [
            "api.example.dk/v1/",
            "http://api.example.dk/v1/",
            "https://u@api.example.dk/v1/",
            "https://api.example.dk/v1/../",
            "https://api.example.dk/v1/%2e%2e/",
            "https://api.example.dk/v1/..;/",
            "https://api.example.dk/v1%2fa",
            "https://api.example.dk//v1/",
            "https://api.example.dk/v1\\a",
            "https://api.example.dk\\v1",
            "https://api.example.dk/v1?a=b",
            "https://api.example.dk?a=b",
            "https://api.example.dk/v1#a",
            "https://api.example.dk/v 1/",
            "https://api.example.dk/sø/",
            "https:///v1/",
        ] {
            assert!(parse_place(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn origins_are_bare_and_encrypted() {
        assert!(Origin::parse("https://gateway.example").is_ok());
        assert!(
            Origin::parse("http://127.0.0.1:9000").is_ok(),
            "reached only with the operator's switch"
        );
        for wrong in [
            "http://gateway.example",
            "https://gateway.example/path",
            "https://u@gateway.example",
            "gateway.example",
        ] {
            assert!(Origin::parse(wrong).is_err(), "{wrong}");
        }
    }
}
