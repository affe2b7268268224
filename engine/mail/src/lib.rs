//! Message text to values and back; SMTP at its rim.
//!
//! What arrives is bytes from strangers. [`parse`] turns them into a [`Parsed`] mail whose every part is bounded and
//! harmless, or says with a [`MailProblem`] why it does not, so that the caller puts the raw copy into quarantine: a
//! mail is never lost and never takes the engine down. What leaves is a value, an [`Outgoing`]; [`compose`] makes the
//! bytes of it, the same ones each time, and [`Smtp`] hands them to a mail server and says whether it is worth trying
//! again.
//!
//! A mail belongs to a case only if it brings back a token that we made ([`reply_token`], [`find_token`]): a number
//! alone can be guessed. Which mail may do what with a case is decided elsewhere.
//!
//! [`sms`] has the two things that text messages need: telephone numbers in one form, and how many parts a text costs.

mod address;
mod compose;
mod parse;
mod problem;
pub mod sms;
mod smtp;
mod token;

pub use address::Mailbox;
pub use compose::{Origin, Outgoing, OutgoingAttachment, compose};
pub use parse::{
    Attachment, Automatic, MOST_BYTES, MOST_LEVELS, MOST_PARTS, MOST_RECIPIENTS, Parsed, parse,
};
pub use problem::MailProblem;
pub use smtp::{Accepted, Envelope, Permanence, SendFailure, Smtp, SmtpConfig, Tls};
pub use token::{ReplyKey, find_token, reply_token};
