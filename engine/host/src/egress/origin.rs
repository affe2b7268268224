//! Whether a URL lies within what is granted.

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
    // Parsing has resolved `..`; an encoded slash or dot could be resolved by the other side, past the prefix.
    let path = url.path().to_ascii_lowercase();
    if ["%2f", "%5c", "%2e"]
        .iter()
        .any(|hidden| path.contains(hidden))
    {
        return Err(Refusal::denied(
            "a path with encoded slashes or dots is refused",
        ));
    }
    let origin = Origin::of(&url);
    let covers = |grant: &&HttpGrant| {
        Origin::parse(&grant.origin).ok() == origin
            && (grant.paths.is_empty()
                || grant.paths.iter().any(|prefix| within(url.path(), prefix)))
    };
    let found = grants.iter().find(covers);
    match found {
        Some(grant) => Ok((url, grant)),
        None => Err(Refusal::denied(format!(
            "{} is not granted",
            url.host_str().unwrap_or("this address")
        ))),
    }
}

/// Whether a path lies under a prefix; `/rest` covers `/rest` and `/rest/x`, not `/restricted`.
fn within(path: &str, prefix: &str) -> bool {
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
        ] {
            assert!(covered(url), "{url}");
        }
        for url in [
            "http://gateway.example/rest/",
            "https://gateway.example/",
            "https://gateway.example/rest/../admin",
            "https://gateway.example/rest/%2e%2e/admin",
            "https://gateway.example/rest/..%2fadmin",
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
