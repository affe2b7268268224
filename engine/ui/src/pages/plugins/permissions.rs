//! What a plugin asks for and may do, in plain words.

use crate::frame::Frame;
use crate::words::Badge;
use sagsgang_runtime::{Capability, Grant, HttpGrant};

const KIB: u64 = 1024;

/// One capability.
#[derive(Clone, Debug)]
pub struct Permission {
    /// Its name in the manifest.
    pub name: &'static str,
    /// Icon.
    pub icon: &'static str,
    /// What it permits.
    pub words: String,
    /// Which: commands, addresses, ways.
    pub particulars: Vec<Particular>,
    /// How much, where it is an amount.
    pub amount: Option<Amount>,
    /// The plugin asks for it.
    pub asked: bool,
    /// It is ticked in the form.
    pub ticked: bool,
    /// Allowed, not allowed, not asked for.
    pub badge: Badge,
}

/// A part of a capability that is granted by itself.
#[derive(Clone, Debug)]
pub struct Particular {
    /// Name of its field.
    pub field: &'static str,
    /// Value of its field.
    pub value: String,
    /// What it permits.
    pub words: String,
    /// It is ticked in the form.
    pub ticked: bool,
}

/// Room that is granted up to what is asked for.
#[derive(Clone, Debug)]
pub struct Amount {
    /// In the person's language.
    pub words: String,
    /// In KiB: what is granted, or else asked for.
    pub kib: u64,
    /// In KiB: what is asked for.
    pub most: u64,
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
    // What was not granted yet is ticked as it was asked for.
    let shown = granted.filter(|_| is_granted).unwrap_or(asked);
    let particulars = particulars(capability, asked, shown, ui);
    let amount = (capability == Capability::Kv && asked.kv_bytes > 0).then(|| Amount {
        words: crate::format::size(asked.kv_bytes, ui.locale),
        kib: shown.kv_bytes.div_ceil(KIB),
        most: asked.kv_bytes.div_ceil(KIB),
    });
    let words = match particulars.is_empty() && amount.is_none() {
        true => words.trim_end_matches(':').to_owned(),
        false => words.into_owned(),
    };
    Permission {
        name: capability.name(),
        icon: icon_of_it,
        words,
        particulars,
        amount,
        asked: is_asked,
        ticked: is_asked && (granted.is_none() || is_granted),
        badge: Badge::new(class, icon, ui.text(key)),
    }
}

fn particulars(
    capability: Capability,
    asked: &Grant,
    shown: &Grant,
    ui: &Frame,
) -> Vec<Particular> {
    let particular = |field, value: String, words, ticked| Particular {
        field,
        value,
        words,
        ticked,
    };
    match capability {
        Capability::CaseCommands => asked
            .case_commands
            .iter()
            .map(|name| {
                let ticked = shown.case_commands.contains(name);
                particular("command", name.clone(), command(name, ui), ticked)
            })
            .collect(),
        Capability::Http => asked
            .http
            .iter()
            .map(|place| {
                let mut granted = shown.http.iter();
                let same = granted.clone().find(|one| *one == place);
                // What was granted with narrower paths stays so.
                let narrower = same.or_else(|| granted.find(|one| one.origin == place.origin));
                let shown = narrower.unwrap_or(place);
                let value = format!("{} {}", shown.origin, shown.paths.join(" "));
                let words = self::place(shown, ui);
                particular(
                    "place",
                    value.trim_end().to_owned(),
                    words,
                    narrower.is_some(),
                )
            })
            .collect(),
        Capability::Blobs => [
            (
                "read",
                asked.blobs_read,
                shown.blobs_read,
                "permission-read",
            ),
            (
                "write",
                asked.blobs_write,
                shown.blobs_write,
                "permission-write",
            ),
        ]
        .into_iter()
        .filter(|(_, asked, ..)| *asked)
        .map(|(way, _, ticked, key)| {
            particular("way", way.to_owned(), ui.text(key).into_owned(), ticked)
        })
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
