//! Mail sent by programs. Answering it automatically is how loops begin (RFC 3834).

use crate::address::Mailbox;
use mail_parser::{HeaderName, HeaderValue, Message, MimeHeaders};

/// The sign by which a mail was known to be sent by a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Automatic {
    /// `Auto-Submitted` other than `no` (RFC 3834).
    AutoSubmitted,
    /// A delivery report: an empty `Return-Path`, `multipart/report`, or the mail system itself as sender.
    Report,
    /// A mailing list: `List-Id` or another list field (RFC 2919, RFC 2369).
    List,
    /// `Precedence` of bulk, junk, list or auto_reply.
    Precedence,
    /// Fields of programs older than the standards: `X-Autoreply`, `X-Autorespond`, `X-Auto-Response-Suppress`.
    Vendor,
}

/// The first sign found, strongest first.
pub(super) fn sign(message: &Message<'_>, from: &Mailbox) -> Option<Automatic> {
    let text = |name: &'static str| {
        message
            .header_raw(name)
            .map(|value| value.trim().to_ascii_lowercase())
    };
    if text("Auto-Submitted").is_some_and(|value| first_word(&value) != "no") {
        return Some(Automatic::AutoSubmitted);
    }
    if is_report(message, from) {
        return Some(Automatic::Report);
    }
    let list = [
        HeaderName::ListId,
        HeaderName::ListUnsubscribe,
        HeaderName::ListPost,
    ];
    if list.into_iter().any(|name| message.header(name).is_some()) {
        return Some(Automatic::List);
    }
    let bulk = ["bulk", "junk", "list", "auto_reply"];
    if text("Precedence").is_some_and(|value| bulk.contains(&first_word(&value))) {
        return Some(Automatic::Precedence);
    }
    let vendor = ["X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"];
    vendor
        .into_iter()
        .any(|name| message.header(HeaderName::Other(name.into())).is_some())
        .then_some(Automatic::Vendor)
}

fn is_report(message: &Message<'_>, from: &Mailbox) -> bool {
    let empty_path = match message.header(HeaderName::ReturnPath) {
        Some(HeaderValue::Empty) => true,
        Some(HeaderValue::Text(path)) => matches!(path.trim(), "" | "<>"),
        _ => false,
    };
    let report = message
        .content_type()
        .is_some_and(|kind| kind.ctype() == "multipart" && kind.subtype() == Some("report"));
    let local = from.address.split('@').next().unwrap_or_default();
    let system = ["mailer-daemon", "postmaster"]
        .iter()
        .any(|name| local.eq_ignore_ascii_case(name));
    empty_path || report || system
}

fn first_word(value: &str) -> &str {
    value
        .split(|c: char| c == ';' || c.is_whitespace())
        .next()
        .unwrap_or_default()
}
