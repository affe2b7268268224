//! Bytes to a mail.
//!
//! The library underneath reads header fields, addresses, dates and letters. It does not read whole messages: it would
//! build attached messages inside each other and take them apart by recursion, and some thousand levels, which fit in
//! a few kilobytes of base64, overflow the stack and end the process; no `catch_unwind` helps. So a message is cut
//! into its parts here (`parts`), with depth and number bounded while cutting, and an attached message is a file like
//! any other. The body is chosen among the parts (`body`), HTML is measured before it is sanitised (`html`), names of
//! attachments are made harmless (`attachment`). All of it runs where a panic is caught.

mod attachment;
mod automatic;
mod body;
mod html;
mod parts;

use crate::address::Mailbox;
use crate::problem::MailProblem;
pub use attachment::Attachment;
pub use automatic::Automatic;
use mail_parser::{Address, HeaderName, HeaderValue, Message};
use sagsgang_domain::Timestamp;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Largest message in bytes.
pub const MOST_BYTES: usize = 25 * 1024 * 1024;
/// Deepest nesting of parts; the message itself is level 1.
pub const MOST_LEVELS: usize = 50;
/// Most parts. An attached message is one part, whatever it has inside.
pub const MOST_PARTS: usize = 1_000;
/// Most recipients, `To` and `Cc` together.
pub const MOST_RECIPIENTS: usize = 200;
/// Most message identifiers kept of `References`; the last ones are the nearest.
const MOST_REFERENCES: usize = 100;

/// A mail that has arrived. Every text in it was chosen by its sender and proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// `Message-ID` without angle brackets.
    pub message_id: Option<String>,
    /// `In-Reply-To` without angle brackets.
    pub in_reply_to: Vec<String>,
    /// `References` without angle brackets, oldest first.
    pub references: Vec<String>,
    /// The first `From`.
    pub from: Mailbox,
    /// Where the sender wants answers, if elsewhere.
    pub reply_to: Vec<Mailbox>,
    /// `To`.
    pub to: Vec<Mailbox>,
    /// `Cc`.
    pub cc: Vec<Mailbox>,
    /// `Date`, as the sender's clock had it.
    pub date: Option<Timestamp>,
    /// `Subject`, decoded, in one line; empty if there is none.
    pub subject: String,
    /// The body as text; made from the HTML if the mail has only that. Lines end with `\n`.
    pub text: String,
    /// Whether [`text`](Self::text) was cut because it was too long.
    pub text_cut: bool,
    /// The body as sanitised HTML, if the mail has HTML that is small and flat enough to be sanitised.
    pub html: Option<String>,
    /// Whether there was HTML that was too large or too deep to be sanitised.
    pub html_withheld: bool,
    /// What came with it, in its order.
    pub attachments: Vec<Attachment>,
    /// Why this was sent by a program; such mail gets no automatic answer (RFC 3834).
    pub automatic: Option<Automatic>,
}

/// Reads a message (RFC 5322, MIME).
///
/// # Errors
/// [`MailProblem`] when the bytes are no mail or are over a limit; the caller keeps the raw copy in quarantine.
pub fn parse(raw: &[u8]) -> Result<Parsed, MailProblem> {
    if raw.len() > MOST_BYTES {
        return Err(MailProblem::TooLarge {
            found: raw.len(),
            limit: MOST_BYTES,
        });
    }
    // Nothing outlives the closure, so no half-changed value can be seen after a panic.
    catch_unwind(AssertUnwindSafe(|| read(raw))).unwrap_or(Err(MailProblem::ReaderFailed))
}

fn read(raw: &[u8]) -> Result<Parsed, MailProblem> {
    let parts = parts::split(raw)?;
    let message = parts::fields(raw).ok_or(MailProblem::NotAMail)?;
    if !looks_like_mail(&message) {
        return Err(MailProblem::NotAMail);
    }
    let from = mailboxes(message.from())
        .into_iter()
        .next()
        .ok_or(MailProblem::NoSender)?;
    let (to, cc) = (mailboxes(message.to()), mailboxes(message.cc()));
    if to.len() + cc.len() > MOST_RECIPIENTS {
        return Err(MailProblem::TooManyRecipients {
            found: to.len() + cc.len(),
            limit: MOST_RECIPIENTS,
        });
    }
    let (text, text_cut) = body::text(&parts);
    let (html, html_withheld) = body::html(&parts);
    Ok(Parsed {
        message_id: message.message_id().map(str::to_owned),
        in_reply_to: identifiers(message.in_reply_to()),
        references: identifiers(message.references()),
        reply_to: mailboxes(message.reply_to()),
        date: message
            .date()
            .map(|date| Timestamp::from_micros(date.to_timestamp().saturating_mul(1_000_000))),
        subject: one_line(message.subject().unwrap_or_default()),
        attachments: attachment::all(&parts),
        automatic: automatic::sign(&message, &from),
        from,
        to,
        cc,
        text,
        text_cut,
        html,
        html_withheld,
    })
}

/// Text that happens to have a colon in its first line has "header fields" too; these it does not have.
fn looks_like_mail(message: &Message<'_>) -> bool {
    message.headers().iter().any(|header| {
        matches!(
            header.name,
            HeaderName::From
                | HeaderName::To
                | HeaderName::Date
                | HeaderName::Subject
                | HeaderName::MessageId
                | HeaderName::Received
                | HeaderName::ReturnPath
        )
    })
}

fn mailboxes(addresses: Option<&Address<'_>>) -> Vec<Mailbox> {
    let Some(addresses) = addresses else {
        return Vec::new();
    };
    addresses
        .iter()
        .filter_map(|one| {
            let address = one.address()?.trim();
            // What has no address cannot be answered; spaces or controls in it would end up in somebody's header.
            let usable = address.contains('@')
                && !address.chars().any(|c| c.is_control() || c.is_whitespace());
            usable.then(|| Mailbox {
                name: one.name().map(one_line).filter(|name| !name.is_empty()),
                address: address.to_owned(),
            })
        })
        .collect()
}

fn identifiers(value: &HeaderValue<'_>) -> Vec<String> {
    let all: Vec<String> = match value {
        HeaderValue::Text(one) => vec![one.to_string()],
        HeaderValue::TextList(many) => many.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    let surplus = all.len().saturating_sub(MOST_REFERENCES);
    all.into_iter().skip(surplus).collect()
}

/// Text for one line: line breaks and other control characters become spaces.
fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars()
        .map(plain)
        .collect::<String>()
        .trim()
        .to_owned()
}
