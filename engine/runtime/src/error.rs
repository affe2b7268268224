//! Why the engine did not do what it was asked.

use crate::action::problem;
use crate::kept::no_room;
use sagsgang_definition::Sentence;
use sagsgang_domain::Rejection;
use sagsgang_store::{CommitError, StoreError};

/// Something that is not the caller's fault.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The database or the file store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The plugin host could not be started.
    #[error("the plugin host could not be started")]
    Host(#[from] sagsgang_host::HostError),
    /// A published text cannot be read any more.
    #[error("the published {kind} {name} cannot be read: {detail}")]
    Definition {
        /// Kind of text.
        kind: String,
        /// Its name.
        name: String,
        /// What is wrong.
        detail: String,
    },
    /// The options do not fit together.
    #[error("{0}")]
    Options(String),
    /// Hashing a password failed.
    #[error("the password could not be hashed")]
    Password,
    /// A kept file is not there any more.
    #[error("the kept file {0} is missing")]
    MissingFile(String),
    /// The database writer has stopped.
    #[error("the engine is stopping")]
    Stopping,
}

/// A plugin's failure, for the person who pressed its button.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PluginProblem {
    /// Stable code.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// When trying again may help, in seconds.
    pub retry_after_seconds: Option<u64>,
}

/// Why a change was not made. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// There is no such thing, or the caller may not know of it.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The rules say no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The caller saw an older version.
    #[error("it has changed since; it is at version {current} now")]
    Stale {
        /// The version now.
        current: u64,
    },
    /// Others kept changing it at the same moment.
    #[error("others are changing this at the same moment; try again")]
    Conflict,
    /// A run of a workflow does not stand where this can be done.
    #[error("{0}")]
    RunState(Sentence),
    /// A run cannot be moved to another version; a sentence for each reason.
    #[error("it cannot be moved to that version: {}", joined(.0))]
    CannotMigrate(Vec<Sentence>),
    /// The same key was used for another request.
    #[error("this key was used for another request")]
    KeyReused,
    /// A plugin failed.
    #[error(transparent)]
    Plugin(#[from] PluginProblem),
    /// Not the caller's fault.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for ExecuteError {
    fn from(error: StoreError) -> Self {
        ExecuteError::Engine(EngineError::Store(error))
    }
}

/// A commit that failed for a reason that deciding again does not mend.
pub(crate) fn commit_failed(error: CommitError) -> ExecuteError {
    match error {
        CommitError::Store(error) => error.into(),
        CommitError::Stopped => ExecuteError::Engine(EngineError::Stopping),
        CommitError::NoRoom => problem(&no_room()),
        CommitError::MessageTaken => ExecuteError::Rejected(Rejection::MessageTaken {
            number: String::new(),
        }),
        CommitError::Conflict
        | CommitError::Repeated
        | CommitError::Stale
        | CommitError::EventRepeated => ExecuteError::Conflict,
    }
}

fn joined(sentences: &[Sentence]) -> String {
    let sentences: Vec<&str> = sentences.iter().map(|one| &**one).collect();
    sentences.join("; ")
}
