//! What a manifest must satisfy beyond its grammar.

use super::{FILE, Manifest};
use crate::interface;
use crate::problem::Problem;
use std::collections::BTreeSet;

/// The commands that a plugin can ask for. The engine's own records are not among them.
const COMMANDS: [&str; 15] = [
    "set-status",
    "transition",
    "set-priority",
    "release-priority",
    "assign",
    "describe",
    "set-due",
    "set-fields",
    "note",
    "tag",
    "untag",
    "link",
    "unlink",
    "send-message",
    "attach",
];

/// Names every problem of a manifest.
pub(super) fn problems(manifest: &Manifest, text: &str) -> Vec<Problem> {
    let mut found = Found {
        text,
        problems: Vec::new(),
    };
    identity(manifest, &mut found);
    offers(manifest, &mut found);
    capabilities(manifest, &mut found);
    found.problems
}

struct Found<'a> {
    text: &'a str,
    problems: Vec<Problem>,
}

impl Found<'_> {
    /// Reports a problem at the first place where a quoted value stands.
    fn at(&mut self, value: &str, code: &'static str, message: String) {
        let offset = self.text.find(&format!("\"{value}\""));
        let problem = Problem::new(FILE, code, message);
        self.problems.push(match offset {
            Some(offset) => problem.at_offset(self.text, offset),
            None => problem,
        });
    }
}

fn identity(manifest: &Manifest, found: &mut Found) {
    if !is_name(&manifest.id, true) {
        let message = format!(
            "`{}` is not an id: lower case letters, digits, `-` and `.`",
            manifest.id
        );
        found.at(&manifest.id, "manifest-id", message);
    }
    if !is_semantic_version(&manifest.version) {
        let message = format!(
            "`{}` is not a semantic version such as `1.2.0`",
            manifest.version
        );
        found.at(&manifest.version, "manifest-version", message);
    }
    if !interface::MAJORS.contains(&manifest.interface.as_str()) {
        let offered = interface::MAJORS.join(", ");
        let message = format!(
            "interface {} is not supported here; this engine offers {offered}",
            manifest.interface
        );
        found.at(&manifest.interface, "interface-unsupported", message);
    }
    if manifest.title.is_empty() {
        found.at(
            "",
            "manifest-title",
            "a plugin needs a title in at least one language".to_owned(),
        );
    }
}

fn offers(manifest: &Manifest, found: &mut Found) {
    let mut seen = BTreeSet::new();
    let offers = manifest.offers();
    for offer in &offers {
        let (name, world) = (offer.name(), offer.kind());
        if !is_name(name, false) {
            let message =
                format!("`{name}` is no name of a {world}: lower case letters, digits and `-`");
            found.at(name, "manifest-action", message);
        }
        // A script has one function for each name.
        if !seen.insert(name) {
            let message = format!("the {world} `{name}` stands here twice");
            found.at(name, "manifest-action", message);
        }
    }
    if offers.is_empty() {
        found.at(
            "",
            "manifest-action",
            "a plugin offers at least one action, panel, channel or provider".to_owned(),
        );
    }
}

fn capabilities(manifest: &Manifest, found: &mut Found) {
    let wish = &manifest.capabilities;
    known(
        &wish.case_commands,
        &COMMANDS,
        "command that a plugin can ask for",
        found,
    );
    known(&wish.documents, &["render"], "use of documents", found);
    known(&wish.blobs, &["read", "write"], "use of files", found);
    for grant in &wish.http {
        if let Err(reason) = crate::egress::Origin::parse(&grant.origin) {
            found.at(
                &grant.origin,
                "manifest-origin",
                format!("`{}` {reason}", grant.origin),
            );
        }
        for path in &grant.paths {
            if let Err(reason) = crate::egress::check_prefix(path) {
                let message = format!("the path prefix `{path}` {reason}");
                found.at(path, "manifest-path", message);
            }
        }
    }
}

fn known(given: &[String], names: &[&str], what: &str, found: &mut Found) {
    for name in given.iter().filter(|name| !names.contains(&name.as_str())) {
        let message = format!("`{name}` is not a {what}; known: {}", names.join(", "));
        found.at(name, "manifest-capability", message);
    }
}

fn is_name(text: &str, dots: bool) -> bool {
    let inner =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || (dots && c == '.');
    let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() <= 100 && text.starts_with(ends) && text.ends_with(ends) && text.chars().all(inner)
}

fn is_semantic_version(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or(text);
    let numbers: Vec<&str> = core.split('.').collect();
    let number = |part: &&str| {
        !part.is_empty() && part.len() < 10 && part.chars().all(|c| c.is_ascii_digit())
    };
    numbers.len() == 3 && numbers.iter().all(number) && text.len() <= 64
}
