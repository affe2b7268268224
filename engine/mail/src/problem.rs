//! Why a message is not read or not written.

/// Why a message is not read or not written. Each has a stable [`code`](MailProblem::code).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailProblem {
    /// The bytes are no message: none of the header fields that every mail has is there.
    #[error("this is not an e-mail: it has no header fields")]
    NotAMail,
    /// A message without a usable `From` address.
    #[error("the message does not say who sent it")]
    NoSender,
    /// More bytes than we read.
    #[error("the message has {found} bytes, the limit is {limit}")]
    TooLarge {
        /// Bytes of the message.
        found: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Parts nested in parts beyond the limit.
    #[error("the parts of the message are nested more than {limit} levels deep")]
    TooDeep {
        /// Levels allowed.
        limit: usize,
    },
    /// More parts than we read.
    #[error("the message has more than {limit} parts")]
    TooManyParts {
        /// Parts allowed.
        limit: usize,
    },
    /// More recipients than we read or write.
    #[error("the message has {found} recipients, the limit is {limit}")]
    TooManyRecipients {
        /// Recipients in `To` and `Cc` together.
        found: usize,
        /// Recipients allowed.
        limit: usize,
    },
    /// A message to nobody cannot be sent.
    #[error("the message has no recipient")]
    NoRecipient,
    /// A value for a header field that would begin a new field, or has another control character.
    #[error("{field} has a line break or another control character in it")]
    ControlCharacter {
        /// The field, in the words of [`Outgoing`](crate::Outgoing).
        field: &'static str,
    },
    /// An address that cannot be an address.
    #[error("{field}: `{value}` is not an e-mail address")]
    InvalidAddress {
        /// The field, in the words of [`Outgoing`](crate::Outgoing).
        field: &'static str,
        /// What stands there.
        value: String,
    },
    /// A message identifier that is not of the form `left@right`.
    #[error("{field}: `{value}` is not a message identifier")]
    InvalidMessageId {
        /// The field, in the words of [`Outgoing`](crate::Outgoing).
        field: &'static str,
        /// What stands there.
        value: String,
    },
    /// An attachment's media type that is not of the form `type/subtype`.
    #[error("`{value}` is not a media type")]
    InvalidMediaType {
        /// What stands there.
        value: String,
    },
    /// The library that reads messages panicked. The message belongs in quarantine, and into our tests.
    #[error("the message could not be read")]
    ReaderFailed,
    /// The library that writes messages refused or panicked.
    #[error("the message could not be written: {0}")]
    WriterFailed(String),
}

impl MailProblem {
    /// The stable name of this problem, for programs and message files.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAMail => "mail-not-a-mail",
            Self::NoSender => "mail-no-sender",
            Self::TooLarge { .. } => "mail-too-large",
            Self::TooDeep { .. } => "mail-too-deep",
            Self::TooManyParts { .. } => "mail-too-many-parts",
            Self::TooManyRecipients { .. } => "mail-too-many-recipients",
            Self::NoRecipient => "mail-no-recipient",
            Self::ControlCharacter { .. } => "mail-control-character",
            Self::InvalidAddress { .. } => "mail-invalid-address",
            Self::InvalidMessageId { .. } => "mail-invalid-message-id",
            Self::InvalidMediaType { .. } => "mail-invalid-media-type",
            Self::ReaderFailed => "mail-reader-failed",
            Self::WriterFailed(_) => "mail-writer-failed",
        }
    }
}
