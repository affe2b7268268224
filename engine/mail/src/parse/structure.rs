//! The shape of a message, looked at before it is read.
//!
//! The reader underneath builds attached messages inside each other and takes them apart by recursion. Thousands of
//! levels, which fit in a few kilobytes, would then overflow the stack, and that ends the process: no `catch_unwind`
//! helps. So a first pass reads without decoding anything, which needs no recursion, takes the tree apart with a list
//! of its own, and looks inside encoded attached messages the same way. Only what is flat enough is read for real.

use super::{MOST_LEVELS, MOST_PARTS};
use crate::problem::MailProblem;
use mail_parser::{HeaderName, Message, MessageParser, MessagePart, PartType};

/// Refuses what is nested too deeply or has too many parts. Says nothing about bytes that are no message.
pub(super) fn check(raw: &[u8]) -> Result<(), MailProblem> {
    let mut shape = Shape::default();
    shape.look_at(raw, 1);
    if shape.levels > MOST_LEVELS {
        return Err(MailProblem::TooDeep { limit: MOST_LEVELS });
    }
    if shape.parts > MOST_PARTS {
        return Err(MailProblem::TooManyParts {
            found: shape.parts,
            limit: MOST_PARTS,
        });
    }
    Ok(())
}

/// What was found so far.
#[derive(Default)]
struct Shape {
    levels: usize,
    parts: usize,
}

impl Shape {
    /// Calls itself for encoded attached messages only, and not below the deepest level allowed.
    fn look_at(&mut self, raw: &[u8], level: usize) {
        // The transfer encoding is kept as it was written and therefore not acted upon.
        let reader = MessageParser::new()
            .header_content_type(HeaderName::ContentType)
            .default_header_raw();
        let mut waiting: Vec<(Message<'_>, usize)> = Vec::new();
        waiting.extend(reader.parse(raw).map(|message| (message, level)));
        while let Some((message, level)) = waiting.pop() {
            let mut levels = vec![level; message.parts.len()];
            for (index, part) in message.parts.into_iter().enumerate() {
                let level = levels[index];
                self.parts += 1;
                self.levels = self.levels.max(level);
                if level <= MOST_LEVELS
                    && let Some(inner) = encoded_message(&part, raw)
                {
                    self.look_at(&inner, level + 1);
                }
                match part.body {
                    // A part stands before the parts inside it.
                    PartType::Multipart(children) => {
                        for child in children {
                            if let Some(known) = levels.get_mut(child as usize) {
                                *known = level + 1;
                            }
                        }
                    }
                    PartType::Message(inner) => waiting.push((inner, level + 1)),
                    _ => {}
                }
            }
        }
    }
}

/// The decoded bytes of an attached message in a transfer encoding. RFC 2046 forbids it, some programs do it, and the
/// reader decodes it. A part without a type counts too: in a digest it is a message.
fn encoded_message(part: &MessagePart<'_>, raw: &[u8]) -> Option<Vec<u8>> {
    let header = |name| part.headers.iter().rfind(|header| header.name == name);
    let encoding = header(HeaderName::ContentTransferEncoding)?;
    let encoding = encoding.value.as_text()?.trim().to_ascii_lowercase();
    if !matches!(encoding.as_str(), "base64" | "quoted-printable") {
        return None;
    }
    let may_be_message = header(HeaderName::ContentType)
        .and_then(|header| header.value.as_content_type())
        .is_none_or(|kind| kind.ctype().eq_ignore_ascii_case("message"));
    if !may_be_message {
        return None;
    }
    // Decoded by the reader itself and not beside it, so that both see the same: as a text without a type of its own.
    let body = raw.get(part.offset_body as usize..part.offset_end as usize)?;
    let alone = [
        format!("Content-Transfer-Encoding: {encoding}\r\n\r\n").as_bytes(),
        body,
    ]
    .concat();
    let mut decoded = MessageParser::new()
        .header_text(HeaderName::ContentTransferEncoding)
        .parse(&alone)?;
    match decoded.parts.pop()?.body {
        PartType::Text(text) => Some(text.into_owned().into_bytes()),
        _ => None,
    }
}
