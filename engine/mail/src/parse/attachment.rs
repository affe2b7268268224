//! What comes with a mail.

use super::parts::{self, Part, Role};
use mail_parser::MimeHeaders;

/// Longest name in characters.
const MOST_NAME_CHARACTERS: usize = 120;

/// A file that came with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// A harmless file name without a folder.
    pub name: String,
    /// The media type as the sender claims it, in lower case.
    pub media_type: String,
    /// `Content-ID` without angle brackets: how the HTML refers to it.
    pub content_id: Option<String>,
    /// Whether it is meant to be seen inside the text.
    pub inline: bool,
    /// Its contents, decoded.
    pub bytes: Vec<u8>,
}

/// All attachments among the parts, in their order.
pub(super) fn all(parts: &[Part<'_>]) -> Vec<Attachment> {
    parts
        .iter()
        .filter(|part| part.role == Role::Attachment)
        .enumerate()
        .map(|(index, part)| {
            let bytes = part.bytes();
            Attachment {
                name: name(part, &bytes, index + 1),
                media_type: media_type(part),
                content_id: part.fields.content_id().map(str::to_owned),
                inline: is_inline(part),
                bytes,
            }
        })
        .collect()
}

fn is_inline(part: &Part<'_>) -> bool {
    part.fields
        .content_disposition()
        .is_some_and(|disposition| disposition.ctype().eq_ignore_ascii_case("inline"))
}

fn media_type(part: &Part<'_>) -> String {
    let token = |text: &str| {
        !text.is_empty()
            && text.len() <= 100
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    match part.fields.content_type() {
        Some(kind) => match kind.subtype() {
            Some(sub) if token(kind.ctype()) && token(sub) => {
                format!("{}/{sub}", kind.ctype()).to_ascii_lowercase()
            }
            _ => "application/octet-stream".to_owned(),
        },
        None if part.is_message => "message/rfc822".to_owned(),
        None => "text/plain".to_owned(),
    }
}

fn name(part: &Part<'_>, bytes: &[u8], number: usize) -> String {
    let own = part
        .fields
        .attachment_name()
        .map(harmless)
        .unwrap_or_default();
    if !own.is_empty() {
        return own;
    }
    if part.is_message {
        let subject = parts::fields(bytes)
            .and_then(|inner| inner.subject().map(harmless))
            .filter(|subject| !subject.is_empty())
            .unwrap_or_else(|| format!("attachment-{number}"));
        return shortened(&format!("{subject}.eml"));
    }
    let extension = match media_type(part).as_str() {
        "text/html" => ".html",
        "text/plain" => ".txt",
        _ => "",
    };
    format!("attachment-{number}{extension}")
}

/// A name that means a file and nothing else on every system: no folder, no control or direction marks, none of the
/// signs and names that Windows keeps for itself, no dot at an end. May be empty.
fn harmless(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_direction_mark(*c))
        .map(|c| if "<>:\"|?*".contains(c) { '_' } else { c })
        .collect();
    let kept = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let stem = kept.split('.').next().unwrap_or_default();
    if is_device(stem) {
        return shortened(&format!("_{kept}"));
    }
    shortened(kept)
}

/// Marks that turn the reading direction show `exe.fdp` as `pdf.exe`, or the reverse.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

fn is_device(stem: &str) -> bool {
    let stem = stem.trim_end().to_ascii_lowercase();
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || (stem.len() == 4
            && (stem.starts_with("com") || stem.starts_with("lpt"))
            && stem.ends_with(|c: char| c.is_ascii_digit()))
}

/// Cuts in the middle, because the end says what kind of file it is.
fn shortened(name: &str) -> String {
    let count = name.chars().count();
    if count <= MOST_NAME_CHARACTERS {
        return name.to_owned();
    }
    let tail = 20;
    let head = name.chars().take(MOST_NAME_CHARACTERS - tail - 1);
    head.chain(['…'])
        .chain(name.chars().skip(count - tail))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_harmless() {
        for (name, expected) in [
            ("foto.jpg", "foto.jpg"),
            ("Blåbærgrød på øen.pdf", "Blåbærgrød på øen.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\system32\\a.exe", "a.exe"),
            ("..", ""),
            (".htaccess", "htaccess"),
            ("a\r\nb\0.txt", "ab.txt"),
            ("fak\u{202E}fdp.exe", "fakfdp.exe"),
            ("a<b>:c?.txt", "a_b__c_.txt"),
            ("nul", "_nul"),
            ("COM1.txt", "_COM1.txt"),
            ("con .txt", "_con .txt"),
            ("  rapport.pdf. ", "rapport.pdf"),
            ("", ""),
        ] {
            assert_eq!(harmless(name), expected, "{name:?}");
        }
    }

    #[test]
    fn long_names_keep_their_ending() {
        let short = harmless(&("å".repeat(500) + ".pdf"));
        assert_eq!(short.chars().count(), MOST_NAME_CHARACTERS);
        assert!(short.ends_with("å.pdf") && short.contains('…'));
    }
}
