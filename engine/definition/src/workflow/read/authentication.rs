//! Ways to log in: those of the profile, and what is said of the others.

use super::{Build, text_of};
use crate::codes;
use crate::diagnostic::Position;
use crate::expression::enclosed;
use crate::say;
use crate::yaml::{Key, Kind, Node};

/// What the profile can do.
const SCHEMES: [&str; 4] = ["basic", "bearer", "oauth2", "oidc"];
/// How a token is asked for.
const GRANTS: [&str; 2] = ["client_credentials", "password"];
/// How a client says who it is.
const CLIENTS: [&str; 2] = ["client_secret_post", "client_secret_basic"];

const HINT: &str =
    "log in by `basic`, `bearer`, `oauth2` or `oidc`, or send the request from a plugin action";
const GRANT_HINT: &str =
    "ask with `client_credentials` or `password`, or send the request from a plugin action";
const CLIENT_HINT: &str =
    "use `client_secret_post` or `client_secret_basic`, or send the request from a plugin action";

impl Build<'_, '_> {
    /// Refuses, when the file is to be published, what could only fail when the request is sent.
    pub(super) fn check_authentication(&mut self, node: &Node) {
        let Kind::Mapping(entries) = &node.kind else {
            return;
        };
        for (key, properties) in entries {
            if !SCHEMES.contains(&key.name.as_str()) {
                let message = say!(
                    "authentication by `{name}` is not part of the profile",
                    name = key.name
                );
                self.block(key.at, &codes::REFUSED_AUTHENTICATION, message, HINT);
            } else if ["oauth2", "oidc"].contains(&key.name.as_str()) {
                self.check_grant(properties);
            }
        }
    }

    fn check_grant(&mut self, properties: &Node) {
        if let Some((text, at)) = other_than(properties, &["grant"], &GRANTS) {
            let message = say!("the grant `{name}` is not part of the profile", name = text);
            self.block(at, &codes::REFUSED_AUTHENTICATION, message, GRANT_HINT);
        }
        if let Some((text, at)) = other_than(properties, &["client", "authentication"], &CLIENTS) {
            let message = say!(
                "clients that say who they are by `{name}` are not part of the profile",
                name = text
            );
            self.block(at, &codes::REFUSED_AUTHENTICATION, message, CLIENT_HINT);
        }
    }
}

/// What is written at the end of some keys, where it is none of these words and no expression.
fn other_than(node: &Node, path: &[&str], known: &[&str]) -> Option<(String, Position)> {
    let mut node = node;
    for name in path {
        let Kind::Mapping(entries) = &node.kind else {
            return None;
        };
        let named = |(key, _): &&(Key, Node)| key.name == *name;
        node = entries.iter().find(named).map(|(_, node)| node)?;
    }
    let text = text_of(node)?;
    let is_open = enclosed(text).is_some();
    (!is_open && !known.contains(&text)).then(|| (text.to_owned(), node.at))
}
