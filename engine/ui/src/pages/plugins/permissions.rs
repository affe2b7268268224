//! What a plugin asks for and may do, in plain words.

use crate::frame::Frame;
use crate::words::Badge;
use sagsgang_runtime::{Capability, Grant, HttpGrant};

/// One capability.
#[derive(Clone, Debug)]
pub struct Permission {
    /// Its name in the manifest.
    pub name: &'static str,
    /// Icon.
    pub icon: &'static str,
    /// What it permits.
    pub words: String,
    /// Which: commands, addresses, amounts.
    pub particulars: Vec<String>,
    /// The plugin asks for it.
    pub asked: bool,
    /// It is ticked in the form.
    pub ticked: bool,
    /// Allowed, not allowed, not asked for.
    pub badge: Badge,
}

/// All capabilities: those that are asked for first. Nothing granted yet means that all of them are ticked.
pub(super) fn rows(asked: &Grant, granted: Option<&Grant>, ui: &Frame) -> Vec<Permission> {
    let mut rows: Vec<Permission> = Capability::ALL
        .into_iter()
        .map(|capability| row(capability, asked, granted, ui))
        .collect();
    rows.sort_by_key(|row| !row.asked);
    rows
}

fn row(capability: Capability, asked: &Grant, granted: Option<&Grant>, ui: &Frame) -> Permission {
    let is_asked = asked.has(capability);
    let is_granted = granted.is_some_and(|granted| granted.has(capability));
    let (class, icon, key) = match (is_asked, is_granted) {
        (false, _) => ("", None, "permission-not-asked"),
        (_, true) => ("badge--ok", Some("check"), "permission-granted"),
        (_, false) => ("badge--warn", Some("alert"), "permission-refused"),
    };
    let (icon_of_it, words) = match capability {
        Capability::CaseRead => ("eye", ui.text("permission-case-read")),
        Capability::Cases => ("list", ui.text("permission-cases")),
        Capability::CaseCommands => ("edit", ui.text("permission-case-commands")),
        Capability::Documents => ("print", ui.text("permission-documents")),
        Capability::Blobs => ("clip", ui.text("permission-blobs")),
        Capability::Kv => ("save", ui.text("permission-kv")),
        Capability::Http => ("web", ui.text("permission-http")),
        Capability::Random => ("bolt", ui.text("permission-random")),
    };
    let particulars = particulars(capability, asked, ui);
    let words = match particulars.is_empty() {
        true => words.trim_end_matches(':').to_owned(),
        false => words.into_owned(),
    };
    Permission {
        name: capability.name(),
        icon: icon_of_it,
        words,
        particulars,
        asked: is_asked,
        ticked: is_asked && (granted.is_none() || is_granted),
        badge: Badge::new(class, icon, ui.text(key)),
    }
}

fn particulars(capability: Capability, asked: &Grant, ui: &Frame) -> Vec<String> {
    match capability {
        Capability::CaseCommands => asked
            .case_commands
            .iter()
            .map(|name| command(name, ui))
            .collect(),
        Capability::Http => asked
            .http
            .iter()
            .map(|place| self::place(place, ui))
            .collect(),
        Capability::Kv if asked.kv_bytes > 0 => {
            vec![crate::format::size(asked.kv_bytes, ui.locale)]
        }
        Capability::Blobs => [
            (asked.blobs_read, "permission-read"),
            (asked.blobs_write, "permission-write"),
        ]
        .into_iter()
        .filter(|(asked, _)| *asked)
        .map(|(_, key)| ui.text(key).into_owned())
        .collect(),
        _ => Vec::new(),
    }
}

/// A place that requests go to: which paths there, and with which secret.
fn place(place: &HttpGrant, ui: &Frame) -> String {
    let origin = ("origin", place.origin.as_str());
    let words = match place.paths.is_empty() {
        true => ui.with("permission-http-all", &[origin]),
        false => {
            let paths = place.paths.join(", ");
            ui.with("permission-http-under", &[origin, ("paths", &paths)])
        }
    };
    match &place.secret {
        Some(secret) => ui.with(
            "permission-http-secret",
            &[("place", &words), ("secret", secret)],
        ),
        None => words,
    }
}

/// What a command does, in words.
fn command(name: &str, ui: &Frame) -> String {
    let key = match name {
        "set-status" | "transition" => "may-status",
        "set-priority" | "release-priority" => "may-priority",
        "assign" => "may-assign",
        "describe" | "set-fields" | "set-due" => "may-edit",
        "note" => "may-note",
        "tag" | "untag" => "may-tag",
        "link" | "unlink" => "may-link",
        "send-message" => "may-send-message",
        "attach" => "may-attach",
        _ => return name.to_owned(),
    };
    ui.text(key).into_owned()
}
