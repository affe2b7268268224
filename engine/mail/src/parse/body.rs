//! The body among the parts, as text and as HTML.
//!
//! Mail programs send the same in two forms (`multipart/alternative`), or text and HTML one after the other. Of an
//! alternative the form asked for is taken, or the other one turned into it; all else follows in its order.

use super::html;
use super::parts::{Part, Role};
use std::fmt::Write as _;

/// Longest text body in bytes; what is longer is cut, the raw copy has it all.
const MOST_TEXT_BYTES: usize = 1_000_000;

/// The body as text, and whether it was cut.
pub(super) fn text(parts: &[Part<'_>]) -> (String, bool) {
    let mut text = String::new();
    for part in chosen(parts, Role::Text) {
        let piece = match part.role {
            Role::Html => html::to_text(&part.text()),
            _ => part.text(),
        };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&piece);
    }
    let cut = text.len() > MOST_TEXT_BYTES;
    text.truncate(text.floor_char_boundary(MOST_TEXT_BYTES));
    (text, cut)
}

/// The body as clean HTML if any of it is HTML, and whether there was HTML that could not be cleaned.
pub(super) fn html(parts: &[Part<'_>]) -> (Option<String>, bool) {
    let chosen: Vec<_> = chosen(parts, Role::Html).collect();
    if chosen.iter().all(|part| part.role != Role::Html) {
        return (None, false);
    }
    let mut source = String::new();
    for part in chosen {
        match part.role {
            Role::Html => source.push_str(&part.text()),
            _ => {
                let text = ammonia::clean_text(&part.text());
                // Writing to memory does not fail.
                let _ = write!(source, "<pre>{text}</pre>");
            }
        }
    }
    let clean = html::sanitise(&source);
    let withheld = clean.is_none();
    (clean, withheld)
}

/// The parts of the body; of each alternative those of the wanted form if it has any, else those of the other.
fn chosen<'p, 'm>(parts: &'p [Part<'m>], wanted: Role) -> impl Iterator<Item = &'p Part<'m>> {
    let body = parts.iter().filter(|part| part.role != Role::Attachment);
    body.clone().filter(move |part| {
        part.role == wanted
            || part.alternative.is_none()
            || !body
                .clone()
                .any(|other| other.alternative == part.alternative && other.role == wanted)
    })
}
