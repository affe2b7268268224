//! The business says no: a stable code, and the data that explain it. Texts for people are in the locale files.

use crate::case_type::FieldProblem;
use crate::command::Channel;
use crate::message::MessageState;
use crate::register::RecordProblem;
use crate::rights::Right;
use serde::Serialize;

/// Why a command was not carried out. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(
    tag = "code",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum Rejection {
    /// The caller has no role with the right.
    #[error("you do not have the right to do this")]
    NotAllowed {
        /// The right that is missing.
        right: Right,
    },
    /// The case type has no such status.
    #[error("the case type has no status {status:?}; it has {}", allowed.join(", "))]
    UnknownStatus {
        /// What was asked for.
        status: String,
        /// What there is.
        allowed: Vec<String>,
    },
    /// The case type has no such transition.
    #[error("the case type has no transition {transition:?}; from here it has {}", allowed.join(", "))]
    UnknownTransition {
        /// What was asked for.
        transition: String,
        /// What may be taken now.
        allowed: Vec<String>,
    },
    /// No transition leads there from here.
    #[error("a case cannot go from {from:?} to {to:?}; from here it can go to {}", allowed.join(", "))]
    IllegalTransition {
        /// Status now.
        from: String,
        /// Status asked for.
        to: String,
        /// Statuses that can be reached.
        allowed: Vec<String>,
    },
    /// The transition is reserved for other roles.
    #[error("the transition {transition:?} is for {}", roles.join(", "))]
    TransitionNotForRole {
        /// Name of the transition.
        transition: String,
        /// Roles that may take it.
        roles: Vec<String>,
    },
    /// Fields must have a value first.
    #[error("fill in {} first", fields.join(", "))]
    TransitionNeedsFields {
        /// Name of the transition.
        transition: String,
        /// Fields without a value.
        fields: Vec<String>,
    },
    /// The transition's guard does not hold.
    #[error("the condition of the transition {transition:?} does not hold: {guard}")]
    GuardFailed {
        /// Name of the transition.
        transition: String,
        /// The expression.
        guard: String,
        /// Whether it holds as soon as a reason is given.
        wants_reason: bool,
    },
    /// Not on the case type's scale.
    #[error("the case type has no priority {priority:?}; it has {}", allowed.join(", "))]
    UnknownPriority {
        /// What was asked for.
        priority: String,
        /// The scale.
        allowed: Vec<String>,
    },
    /// Fields do not fit their JSON Schema.
    #[error("{}", problems.iter().map(|p| format!("{}: {}", p.pointer, p.message)).collect::<Vec<_>>().join("; "))]
    InvalidFields {
        /// What is wrong, per value.
        problems: Vec<FieldProblem>,
    },
    /// Values of a record cannot be kept.
    #[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    InvalidRecord {
        /// What is wrong, per value.
        problems: Vec<RecordProblem>,
    },
    /// A text must not be empty.
    #[error("{field} is empty")]
    Empty {
        /// Which text.
        field: &'static str,
    },
    /// A text or list is too long.
    #[error("{field} is longer than {limit}")]
    TooLong {
        /// Which text.
        field: &'static str,
        /// The limit, in characters or items.
        limit: usize,
    },
    /// Not an e-mail address or a phone number.
    #[error("{address:?} is not an address that can be written to")]
    InvalidAddress {
        /// What was given.
        address: String,
    },
    /// The thing to be linked or attached is not there.
    #[error("there is no {kind} {id}")]
    NotFound {
        /// Kind of thing.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// It is linked already.
    #[error("this {kind} is linked to the case already")]
    AlreadyLinked {
        /// Kind of thing.
        kind: &'static str,
    },
    /// It is not linked.
    #[error("this {kind} is not linked to the case")]
    NotLinked {
        /// Kind of thing.
        kind: &'static str,
    },
    /// A case is a part of one other at the most.
    #[error("the case {number} is a part of another case already")]
    HasParent {
        /// Its number.
        number: String,
    },
    /// A case would be a part of itself.
    #[error("the cases would be parts of each other")]
    CircularLink {},
    /// A case cannot go on in itself.
    #[error("a case cannot be merged into itself")]
    MergeIntoItself {},
    /// The case has been merged; what is to be done has to be done where it goes on.
    #[error("the case {number} was merged into {into}")]
    CaseMerged {
        /// Its number.
        number: String,
        /// Number of the case in which it goes on.
        into: String,
    },
    /// The case was not merged.
    #[error("the case was not merged")]
    NotMerged {},
    /// The case is done.
    #[error("the case {number} is closed")]
    CaseClosed {
        /// Its number.
        number: String,
    },
    /// Another case has the message.
    #[error("the message belongs to the case {number}")]
    MessageTaken {
        /// Number of that case.
        number: String,
    },
    /// Only what is kept can be sent again.
    #[error("the message is not kept: it is {}", state.name())]
    MessageNotKept {
        /// Where it stands.
        state: MessageState,
    },
    /// The message goes out or has gone; it cannot be taken back any more.
    #[error("the message cannot be taken back any more")]
    MessageNotHeld {},
    /// The files of a message are too large together.
    #[error("the files of a message have at most {limit_megabytes} MB together")]
    MessageTooLarge {
        /// The limit, in MB.
        limit_megabytes: u64,
    },
    /// A text message carries no files.
    #[error("a text message carries no files")]
    FilesBySms {},
    /// Nothing is set up that could carry the message.
    #[error("nothing is set up that could carry {}", channel.name())]
    NoChannel {
        /// The way that is missing.
        channel: Channel,
    },
    /// No such case type.
    #[error("there is no case type {case_type:?}")]
    UnknownCaseType {
        /// What was asked for.
        case_type: String,
    },
    /// Cases are brought from one version to another, not to the one that they have.
    #[error("both versions are {version}")]
    SameVersion {
        /// The version.
        version: u32,
    },
    /// Cases of this case type are being moved at the moment.
    #[error("cases of {case_type:?} are being moved already; wait until that has ended")]
    MigrationUnderWay {
        /// The case type.
        case_type: String,
    },
    /// Only what was carried out can be taken back.
    #[error("the migration has not been carried out")]
    NotCarriedOut {},
    /// No such user.
    #[error("there is no user {user:?}")]
    UnknownUser {
        /// What was given.
        user: String,
    },
    /// No such template.
    #[error("there is no template {template:?}")]
    UnknownTemplate {
        /// What was given.
        template: String,
    },
    /// A template could not be filled in.
    #[error("the template {template:?} could not be filled in: {detail}")]
    TemplateFailed {
        /// Its name.
        template: String,
        /// Why.
        detail: String,
    },
    /// A file of a kind that is not taken.
    #[error(
        "the file {name:?} is {media_type}, which is not taken; documents, pictures, sound, film and mail are"
    )]
    FileRefused {
        /// Name of the file.
        name: String,
        /// What it is.
        media_type: String,
    },
    /// The case type cannot number cases.
    #[error("the case type's numbering cannot be used: {detail}")]
    BadNumbering {
        /// Why.
        detail: String,
    },
}

/// What a rejection is about; it decides the HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectionKind {
    /// The caller may not.
    Forbidden,
    /// What was asked cannot be understood or is not valid.
    Invalid,
    /// It is valid, but not in the state that the case is in.
    Conflict,
}

impl Rejection {
    /// The stable code, as in the JSON form.
    pub fn code(&self) -> &'static str {
        match self {
            Rejection::NotAllowed { .. } => "not-allowed",
            Rejection::UnknownStatus { .. } => "unknown-status",
            Rejection::UnknownTransition { .. } => "unknown-transition",
            Rejection::IllegalTransition { .. } => "illegal-transition",
            Rejection::TransitionNotForRole { .. } => "transition-not-for-role",
            Rejection::TransitionNeedsFields { .. } => "transition-needs-fields",
            Rejection::GuardFailed { .. } => "guard-failed",
            Rejection::UnknownPriority { .. } => "unknown-priority",
            Rejection::InvalidFields { .. } => "invalid-fields",
            Rejection::InvalidRecord { .. } => "invalid-record",
            Rejection::Empty { .. } => "empty",
            Rejection::TooLong { .. } => "too-long",
            Rejection::InvalidAddress { .. } => "invalid-address",
            Rejection::NotFound { .. } => "not-found",
            Rejection::AlreadyLinked { .. } => "already-linked",
            Rejection::NotLinked { .. } => "not-linked",
            Rejection::HasParent { .. } => "has-parent",
            Rejection::CircularLink {} => "circular-link",
            Rejection::MergeIntoItself {} => "merge-into-itself",
            Rejection::CaseMerged { .. } => "case-merged",
            Rejection::NotMerged {} => "not-merged",
            Rejection::CaseClosed { .. } => "case-closed",
            Rejection::MessageTaken { .. } => "message-taken",
            Rejection::MessageNotKept { .. } => "message-not-kept",
            Rejection::MessageNotHeld {} => "message-not-held",
            Rejection::MessageTooLarge { .. } => "message-too-large",
            Rejection::FilesBySms {} => "files-by-sms",
            Rejection::NoChannel { .. } => "no-channel",
            Rejection::UnknownCaseType { .. } => "unknown-case-type",
            Rejection::SameVersion { .. } => "same-version",
            Rejection::MigrationUnderWay { .. } => "migration-under-way",
            Rejection::NotCarriedOut {} => "not-carried-out",
            Rejection::UnknownUser { .. } => "unknown-user",
            Rejection::UnknownTemplate { .. } => "unknown-template",
            Rejection::TemplateFailed { .. } => "template-failed",
            Rejection::FileRefused { .. } => "file-refused",
            Rejection::BadNumbering { .. } => "bad-numbering",
        }
    }

    /// All codes, for the test that each has its texts.
    pub const CODES: [&'static str; 37] = [
        "not-allowed",
        "unknown-status",
        "unknown-transition",
        "illegal-transition",
        "transition-not-for-role",
        "transition-needs-fields",
        "guard-failed",
        "unknown-priority",
        "invalid-fields",
        "invalid-record",
        "empty",
        "too-long",
        "invalid-address",
        "not-found",
        "already-linked",
        "not-linked",
        "has-parent",
        "circular-link",
        "merge-into-itself",
        "case-merged",
        "not-merged",
        "case-closed",
        "message-taken",
        "message-not-kept",
        "message-not-held",
        "message-too-large",
        "files-by-sms",
        "no-channel",
        "unknown-case-type",
        "same-version",
        "migration-under-way",
        "not-carried-out",
        "unknown-user",
        "unknown-template",
        "template-failed",
        "file-refused",
        "bad-numbering",
    ];

    /// What the rejection is about.
    pub fn kind(&self) -> RejectionKind {
        match self {
            Rejection::NotAllowed { .. } | Rejection::TransitionNotForRole { .. } => {
                RejectionKind::Forbidden
            }
            Rejection::IllegalTransition { .. }
            | Rejection::TransitionNeedsFields { .. }
            | Rejection::GuardFailed { .. }
            | Rejection::AlreadyLinked { .. }
            | Rejection::NotLinked { .. }
            | Rejection::HasParent { .. }
            | Rejection::CircularLink {}
            | Rejection::CaseMerged { .. }
            | Rejection::NotMerged {}
            | Rejection::CaseClosed { .. }
            | Rejection::MigrationUnderWay { .. }
            | Rejection::NotCarriedOut {}
            | Rejection::MessageTaken { .. }
            | Rejection::MessageNotKept { .. }
            | Rejection::MessageNotHeld {}
            | Rejection::NoChannel { .. } => RejectionKind::Conflict,
            _ => RejectionKind::Invalid,
        }
    }
}
