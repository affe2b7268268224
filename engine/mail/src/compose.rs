//! A mail to bytes.
//!
//! The builder underneath panics on a line break in a name and would fold a chosen header field into ours elsewhere.
//! So every value that goes into a header field is looked at first, and the building runs where a panic is caught.

use crate::address::Mailbox;
use crate::parse::MOST_RECIPIENTS;
use crate::problem::MailProblem;
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox as Address, MessageBuilder, MultiPart, SinglePart};
use sagsgang_domain::Timestamp;
use sha2::{Digest, Sha256};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, SystemTime};

/// A mail that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// `Message-ID`, `left@right` without angle brackets. Sending the same mail again keeps it, so that the receiver
    /// can tell.
    pub message_id: String,
    /// `Date`.
    pub date: Timestamp,
    /// `From`.
    pub from: Mailbox,
    /// `Reply-To`: the address with the token of the case.
    pub reply_to: Option<Mailbox>,
    /// `To`; together with `cc` 1 to 200.
    pub to: Vec<Mailbox>,
    /// `Cc`.
    pub cc: Vec<Mailbox>,
    /// `Subject`, in one line.
    pub subject: String,
    /// The body.
    pub text: String,
    /// `In-Reply-To`, without angle brackets.
    pub in_reply_to: Option<String>,
    /// `References`, without angle brackets, oldest first.
    pub references: Vec<String>,
    /// Who wrote it; anything but a person is told to the receiver's programs.
    pub origin: Origin,
    /// What goes with it.
    pub attachments: Vec<OutgoingAttachment>,
}

/// Who wrote a mail. Becomes `Auto-Submitted` (RFC 3834).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A person wrote it; no field.
    Person,
    /// A workflow wrote it of its own accord: `auto-generated`.
    Generated,
    /// A workflow wrote it in answer to a mail: `auto-replied`.
    Replied,
}

/// A file that goes with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingAttachment {
    /// Its name, as the receiver sees it.
    pub name: String,
    /// Its media type, `application/pdf`.
    pub media_type: String,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// Writes a mail (RFC 5322, MIME). Equal mails give equal bytes.
///
/// # Errors
/// [`MailProblem`] when a value cannot stand in a mail: a line break in a header field, an address that is none, no
/// recipient or too many.
pub fn compose(outgoing: &Outgoing) -> Result<Vec<u8>, MailProblem> {
    check(outgoing)?;
    // Nothing outlives the closure, so no half-changed value can be seen after a panic.
    catch_unwind(AssertUnwindSafe(|| write(outgoing)))
        .unwrap_or_else(|_| Err(MailProblem::WriterFailed("it panicked".to_owned())))
}

fn check(outgoing: &Outgoing) -> Result<(), MailProblem> {
    match outgoing.to.len() + outgoing.cc.len() {
        0 => return Err(MailProblem::NoRecipient),
        found if found > MOST_RECIPIENTS => {
            return Err(MailProblem::TooManyRecipients {
                found,
                limit: MOST_RECIPIENTS,
            });
        }
        _ => {}
    }
    let boxes = [("from", &outgoing.from)]
        .into_iter()
        .chain(outgoing.reply_to.iter().map(|one| ("replyTo", one)))
        .chain(outgoing.to.iter().map(|one| ("to", one)))
        .chain(outgoing.cc.iter().map(|one| ("cc", one)));
    for (field, one) in boxes {
        plain(field, one.name.as_deref().unwrap_or_default())?;
        plain(field, &one.address)?;
    }
    plain("subject", &outgoing.subject)?;
    message_id("messageId", &outgoing.message_id)?;
    if let Some(id) = &outgoing.in_reply_to {
        message_id("inReplyTo", id)?;
    }
    for id in &outgoing.references {
        message_id("references", id)?;
    }
    for file in &outgoing.attachments {
        plain("attachments", &file.name)?;
        plain("attachments", &file.media_type)?;
    }
    Ok(())
}

fn write(outgoing: &Outgoing) -> Result<Vec<u8>, MailProblem> {
    let text = SinglePart::plain(outgoing.text.clone());
    let head = head(outgoing)?;
    let message = if outgoing.attachments.is_empty() {
        head.singlepart(text)
    } else {
        let mut parts = MultiPart::mixed()
            .boundary(boundary(&outgoing.message_id))
            .singlepart(text);
        for file in &outgoing.attachments {
            let kind = ContentType::parse(&file.media_type).map_err(|_| {
                MailProblem::InvalidMediaType {
                    value: file.media_type.clone(),
                }
            })?;
            let part = Attachment::new(file.name.clone()).body(file.bytes.clone(), kind);
            parts = parts.singlepart(part);
        }
        head.multipart(parts)
    };
    message
        .map(|message| message.formatted())
        .map_err(|error| MailProblem::WriterFailed(error.to_string()))
}

fn head(outgoing: &Outgoing) -> Result<MessageBuilder, MailProblem> {
    let mut head = Message::builder()
        .message_id(Some(format!("<{}>", outgoing.message_id)))
        .date(system_time(outgoing.date))
        .from(address("from", &outgoing.from)?)
        .subject(outgoing.subject.clone());
    if let Some(one) = &outgoing.reply_to {
        head = head.reply_to(address("replyTo", one)?);
    }
    for one in &outgoing.to {
        head = head.to(address("to", one)?);
    }
    for one in &outgoing.cc {
        head = head.cc(address("cc", one)?);
    }
    if let Some(id) = &outgoing.in_reply_to {
        head = head.in_reply_to(format!("<{id}>"));
    }
    if !outgoing.references.is_empty() {
        let ids: Vec<String> = outgoing
            .references
            .iter()
            .map(|id| format!("<{id}>"))
            .collect();
        head = head.references(ids.join(" "));
    }
    let automatic = match outgoing.origin {
        Origin::Person => None,
        Origin::Generated => Some("auto-generated"),
        Origin::Replied => Some("auto-replied"),
    };
    if let Some(value) = automatic {
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        head = head.raw_header(HeaderValue::new(name, value.to_owned()));
    }
    Ok(head)
}

fn address(field: &'static str, mailbox: &Mailbox) -> Result<Address, MailProblem> {
    let address = mailbox
        .address
        .parse()
        .map_err(|_| MailProblem::InvalidAddress {
            field,
            value: mailbox.address.clone(),
        })?;
    Ok(Address::new(mailbox.name.clone(), address))
}

/// A value that stays within its header field.
fn plain(field: &'static str, value: &str) -> Result<(), MailProblem> {
    // U+2028 and U+2029 are line breaks for some programs that read our mail.
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if value.contains(breaks) {
        return Err(MailProblem::ControlCharacter { field });
    }
    Ok(())
}

fn message_id(field: &'static str, id: &str) -> Result<(), MailProblem> {
    let printable = |half: &str| {
        !half.is_empty()
            && half
                .bytes()
                .all(|b| b.is_ascii_graphic() && !b"<>@".contains(&b))
    };
    // A header line may have 998 characters (RFC 5322, 2.1.1), and an identifier cannot be folded.
    let valid = id.len() <= 900
        && id
            .split_once('@')
            .is_some_and(|(left, right)| printable(left) && printable(right));
    valid
        .then_some(())
        .ok_or_else(|| MailProblem::InvalidMessageId {
            field,
            value: id.to_owned(),
        })
}

/// A line that parts the parts. Made from the identifier, so that equal mails have equal bytes.
fn boundary(message_id: &str) -> String {
    let digest = Sha256::digest(message_id.as_bytes());
    let hex: String = digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("=_{hex}")
}

/// Mail has whole seconds, and no years before 1970 worth telling.
fn system_time(moment: Timestamp) -> SystemTime {
    let seconds = u64::try_from(moment.as_micros() / 1_000_000).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}
