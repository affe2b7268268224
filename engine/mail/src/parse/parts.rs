//! A message cut into its parts (MIME, RFC 2046), with depth and number bounded while cutting.

use super::{MOST_LEVELS, MOST_PARTS};
use crate::problem::MailProblem;
use mail_parser::decoders::{
    base64::base64_decode, charsets::map::charset_decoder,
    quoted_printable::quoted_printable_decode,
};
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders};

/// A part without parts inside it.
#[derive(Debug)]
pub(super) struct Part<'m> {
    /// Its header fields, without its body.
    pub fields: MessagePart<'m>,
    pub role: Role,
    /// Whether it is an attached message.
    pub is_message: bool,
    /// The number of the `multipart/alternative` it stands in, the outermost one.
    pub alternative: Option<usize>,
    body: &'m [u8],
}

/// What a part is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Text,
    Html,
    Attachment,
}

/// A piece of the message that may have parts inside it.
struct Piece<'m> {
    bytes: &'m [u8],
    level: usize,
    in_digest: bool,
    alternative: Option<usize>,
}

/// All parts that have no parts inside them, in their order. Never looks into attached messages.
pub(super) fn split(raw: &[u8]) -> Result<Vec<Part<'_>>, MailProblem> {
    let too_many = MailProblem::TooManyParts { limit: MOST_PARTS };
    let mut parts = Vec::new();
    let mut seen = 0;
    // The next one is the last of the list.
    let mut waiting = vec![Piece {
        bytes: raw,
        level: 1,
        in_digest: false,
        alternative: None,
    }];
    while let Some(piece) = waiting.pop() {
        seen += 1;
        if piece.level > MOST_LEVELS {
            return Err(MailProblem::TooDeep { limit: MOST_LEVELS });
        }
        if seen + waiting.len() > MOST_PARTS {
            return Err(too_many);
        }
        let (head, body) = head_and_body(piece.bytes);
        let fields = read_fields(head)
            .and_then(|mut message| message.parts.pop())
            .unwrap_or_default();
        let Some((bytes, subtype)) = inner_pieces(&fields, body) else {
            parts.push(Part::new(fields, body, &piece));
            continue;
        };
        let alternative = piece
            .alternative
            .or_else(|| (subtype == "alternative").then_some(seen));
        waiting.extend(bytes.into_iter().rev().map(|bytes| Piece {
            bytes,
            level: piece.level + 1,
            in_digest: subtype == "digest",
            alternative,
        }));
    }
    Ok(parts)
}

/// The header fields at the beginning of a message. `None` if there are none.
pub(super) fn fields(raw: &[u8]) -> Option<Message<'_>> {
    read_fields(head_and_body(raw).0)
}

fn read_fields(head: &[u8]) -> Option<Message<'_>> {
    MessageParser::default().parse_headers(head)
}

impl<'m> Part<'m> {
    fn new(fields: MessagePart<'m>, body: &'m [u8], piece: &Piece<'m>) -> Self {
        let is_message = fields.content_type().map_or(piece.in_digest, |kind| {
            kind.ctype().eq_ignore_ascii_case("message")
                && matches!(kind.subtype(), Some(sub) if is_any(sub, &["rfc822", "global"]))
        });
        Self {
            role: role(&fields, is_message),
            fields,
            is_message,
            alternative: piece.alternative,
            body,
        }
    }

    /// The contents without their transfer encoding. What cannot be decoded stays as it is.
    pub fn bytes(&self) -> Vec<u8> {
        let encoding = self.fields.content_transfer_encoding().unwrap_or_default();
        let decoded = match encoding.trim().to_ascii_lowercase().as_str() {
            "base64" => base64(self.body),
            "quoted-printable" => quoted_printable_decode(self.body),
            _ => None,
        };
        decoded.unwrap_or_else(|| self.body.to_vec())
    }

    /// The contents as text with `\n` at the end of lines. U+0000, which no database keeps in a text, is replaced.
    pub fn text(&self) -> String {
        let bytes = self.bytes();
        let decoder = self
            .fields
            .content_type()
            .and_then(|kind| kind.attribute("charset"))
            .and_then(|charset| charset_decoder(charset.as_bytes()));
        let text = match decoder {
            Some(decode) => decode(&bytes),
            None => String::from_utf8_lossy(&bytes).into_owned(),
        };
        text.replace("\r\n", "\n").replace('\0', "\u{fffd}")
    }
}

fn role(fields: &MessagePart<'_>, is_message: bool) -> Role {
    let named = fields.attachment_name().is_some();
    let attached = fields
        .content_disposition()
        .is_some_and(|disposition| disposition.ctype().eq_ignore_ascii_case("attachment"));
    if is_message || named || attached {
        return Role::Attachment;
    }
    match fields.content_type() {
        None => Role::Text,
        Some(kind) if is_any(kind.ctype(), &["text"]) => match kind.subtype() {
            None => Role::Text,
            Some(sub) if is_any(sub, &["plain"]) => Role::Text,
            Some(sub) if is_any(sub, &["html"]) => Role::Html,
            Some(_) => Role::Attachment,
        },
        // A multipart that could not be cut is shown as it stands, so that nothing is lost.
        Some(kind) if is_any(kind.ctype(), &["multipart"]) => Role::Text,
        Some(_) => Role::Attachment,
    }
}

fn is_any(text: &str, of: &[&str]) -> bool {
    of.iter().any(|one| one.eq_ignore_ascii_case(text))
}

/// Up to and after the first empty line.
fn head_and_body(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut end = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        end += line.len();
        if line.trim_ascii().is_empty() {
            break;
        }
    }
    bytes.split_at(end)
}

/// The pieces of a multipart, and its subtype in lower case. `None` if it is none or has no delimiter line.
fn inner_pieces<'m>(fields: &MessagePart<'_>, body: &'m [u8]) -> Option<(Vec<&'m [u8]>, String)> {
    let kind = fields.content_type()?;
    if !is_any(kind.ctype(), &["multipart"]) {
        return None;
    }
    let boundary = kind.attribute("boundary")?.trim_end();
    if boundary.is_empty() {
        return None;
    }
    let pieces = cut(body, boundary.as_bytes());
    let subtype = kind.subtype().unwrap_or("mixed").to_ascii_lowercase();
    (!pieces.is_empty()).then_some((pieces, subtype))
}

/// What stands between the delimiter lines (RFC 2046, 5.1.1): without what is before the first and after the closing
/// one. A missing closing line is forgiven. Stops early at more pieces than a message may have.
fn cut<'m>(body: &'m [u8], boundary: &[u8]) -> Vec<&'m [u8]> {
    let mut pieces = Vec::new();
    let mut begin = None;
    let mut at = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let line_begin = at;
        at += line.len();
        let Some(rest) = line
            .strip_prefix(b"--")
            .and_then(|line| line.strip_prefix(boundary))
        else {
            continue;
        };
        let rest = rest.trim_ascii_end();
        if !matches!(rest, b"" | b"--") {
            continue;
        }
        if let Some(begin) = begin {
            pieces.push(without_line_end(&body[begin..line_begin]));
        }
        begin = (rest != b"--").then_some(at);
        if begin.is_none() || pieces.len() > MOST_PARTS {
            return pieces;
        }
    }
    if let Some(begin) = begin {
        pieces.push(&body[begin..]);
    }
    pieces
}

/// The line end before a delimiter belongs to the delimiter.
fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

/// Decodes leniently: what is not of the alphabet is passed over (RFC 2045, 6.8).
fn base64(body: &[u8]) -> Option<Vec<u8>> {
    base64_decode(body).or_else(|| {
        let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
        let clean: Vec<u8> = body.iter().copied().filter(known).collect();
        base64_decode(&clean)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces<'m>(body: &'m str, boundary: &str) -> Vec<&'m str> {
        cut(body.as_bytes(), boundary.as_bytes())
            .into_iter()
            .map(|piece| std::str::from_utf8(piece).unwrap())
            .collect()
    }

    #[test]
    fn cuts_at_delimiter_lines_only() {
        let body =
            "før\r\n--b\r\n1\r\n\r\n--b  \r\n2\r\n--bx\r\n x--b\r\n--b--\r\nefter\r\n--b\r\n3";
        assert_eq!(pieces(body, "b"), ["1\r\n", "2\r\n--bx\r\n x--b"]);
        assert_eq!(pieces("--b\n1\n--b\n--b\n2", "b"), ["1", "", "2"]);
        assert!(pieces("ingen", "b").is_empty());
        assert!(pieces("--b--\n", "b").is_empty());
    }

    #[test]
    fn a_head_ends_at_the_first_empty_line() {
        assert_eq!(
            head_and_body(b"A: b\r\n\r\nc\r\n\r\nd"),
            (&b"A: b\r\n\r\n"[..], &b"c\r\n\r\nd"[..])
        );
        assert_eq!(head_and_body(b"\nx"), (&b"\n"[..], &b"x"[..]));
        assert_eq!(head_and_body(b"A: b"), (&b"A: b"[..], &b""[..]));
    }

    #[test]
    fn base64_with_dirt_in_it_is_read() {
        assert_eq!(base64(b"SG!Vq\r\n-\x80").unwrap(), b"Hej");
    }
}
