//! Why a row is not kept. The sentences here are those of the command line; the interface has its own.

use sagsgang_definition::NotConverted;
use sagsgang_domain::rights::UnknownRole;
use sagsgang_domain::{KleFault, RecordKind, Rejection, Role};

/// Why a row is not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A row has another number of columns than the titles.
    #[error("the row has {found} columns and the titles {wanted}")]
    Columns {
        /// Of the row.
        found: usize,
        /// Of the titles.
        wanted: usize,
    },
    /// A line is no JSON object; what the reader says.
    #[error("not a JSON object: {0}")]
    NoObject(String),
    /// A value cannot be converted.
    #[error("{field}: {fault}")]
    Value {
        /// The field that it is for.
        field: String,
        /// Why.
        fault: NotConverted,
    },
    /// A value has a sign in it that is none: its number is 0.
    #[error("{0}: has a character in it whose number is 0")]
    Nul(String),
    /// A value is not a number.
    #[error("{field}: {value:?} is not a number")]
    NoNumber {
        /// The field that it is for.
        field: String,
        /// The value.
        value: String,
    },
    /// A value is neither a day nor a moment.
    #[error("{0:?} is neither a day nor a moment")]
    NoMoment(String),
    /// One of these fields has to be filled.
    #[error("{} is missing", .0.join(" or "))]
    Missing(&'static [&'static str]),
    /// Another row has the same key.
    #[error("the key {key} stands on line {line} too")]
    KeyTwice {
        /// The key.
        key: String,
        /// Where it stands first.
        line: u64,
    },
    /// What the row refers to is not there.
    #[error("there is no {} {word}", kind.name())]
    NoRecord {
        /// What is referred to.
        kind: RecordKind,
        /// As the file has it.
        word: String,
    },
    /// Another row is the same record.
    #[error("another row of the file is this record")]
    RecordTwice,
    /// Somebody else was quicker.
    #[error(
        "the record was changed by somebody else at the same moment, or another one has its key"
    )]
    Conflict,
    /// Another record carries the number.
    #[error("another record is {0}")]
    OtherRecord(String),
    /// The record comes from another register.
    #[error("the record belongs to {0}")]
    OfOtherSource(String),
    /// A contact is of neither kind.
    #[error("kind is person or company, not {0:?}")]
    ContactKind(String),
    /// The rules of records or cases refuse it.
    #[error(transparent)]
    Rejected(Rejection),
    /// A case would begin later than now.
    #[error("created lies in the future")]
    CreatedLater,
    /// The case is not there any more.
    #[error("the case is not there any more")]
    CaseGone,
    /// Others keep changing the case.
    #[error("others keep changing the case at the same moment")]
    CaseBusy,
    /// The user is shut out.
    #[error("the user {0} is shut out")]
    UserShutOut(String),
    /// A user name has spaces in it.
    #[error("the user name {0:?} has spaces in it")]
    UserName(String),
    /// There is no such role.
    #[error(transparent)]
    UnknownRole(UnknownRole),
    /// People cannot have this role.
    #[error("nobody can be {}", .0.name())]
    RoleOfNobody(Role),
    /// A text is no UUID.
    #[error("{0:?} is no UUID")]
    NoUuid(String),
    /// An entry of the classification is wrong.
    #[error(transparent)]
    Kle(KleFault),
    /// The engine refuses the case for another cause, in its words.
    #[error("{0}")]
    Other(String),
}

impl Reason {
    /// A value of a field that cannot be converted.
    pub(super) fn value(field: &str, fault: NotConverted) -> Self {
        Self::Value {
            field: field.to_owned(),
            fault,
        }
    }
}
