//! What a call of a plugin leaves beside its result: files, and values in the plugin's own store. Both are written by the
//! commit of the call, or not at all.

use crate::engine::Engine;
use crate::perform::unavailable;
use sagsgang_domain::{Command, DocumentId};
use sagsgang_host::{ActionRef, PluginError, Retry};
use sagsgang_store::{Commit, CommitError, Document, PluginValues};

/// What a call leaves.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    /// Files; their bytes are stored, and nobody finds them before the commit.
    pub(crate) documents: Vec<Document>,
    /// Values of the plugin's own; at most one.
    pub(crate) values: Vec<PluginValues>,
}

impl Kept {
    pub(crate) fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.values.is_empty()
    }

    /// An `attach` of a file made in the same call gets what is known of the file.
    pub(crate) fn with_file_facts(&self, command: Command) -> Command {
        let Command::Attach { document, name, .. } = command else {
            return command;
        };
        match self.documents.iter().find(|made| made.id == document) {
            Some(made) => Command::Attach {
                document,
                name: if name.is_empty() {
                    made.name.clone()
                } else {
                    name
                },
                media_type: made.media_type.clone(),
                size: made.size,
                digest: made.digest.clone(),
            },
            None => Command::Attach {
                document,
                name,
                media_type: String::new(),
                size: 0,
                digest: String::new(),
            },
        }
    }
}

impl Engine {
    /// Stores the bytes of the files that a call made.
    pub(crate) async fn keep_made(
        &self,
        action: &ActionRef,
        made: Vec<sagsgang_host::Document>,
        kept: sagsgang_host::Kept,
    ) -> Result<Kept, PluginError> {
        let mut documents = Vec::with_capacity(made.len());
        for document in made {
            let id: DocumentId = document.handle.parse().map_err(|_| {
                PluginError::BadOutput(format!("{:?} is no handle", document.handle))
            })?;
            let size = document.bytes.len() as u64;
            let stored = self.store.blobs().put(document.bytes).await;
            documents.push(Document {
                id,
                case: None,
                message: None,
                name: document.name,
                media_type: document.media_type,
                size,
                digest: stored.map_err(|error| unavailable(&error.to_string()))?,
                created_at: self.now(),
            });
        }
        Ok(Kept {
            documents,
            values: self.left_values(action, kept),
        })
    }

    /// What a call leaves in the store of its plugin, as a commit takes it.
    pub(crate) fn left_values(
        &self,
        action: &ActionRef,
        kept: sagsgang_host::Kept,
    ) -> Vec<PluginValues> {
        if kept.writes.is_empty() {
            return Vec::new();
        }
        vec![PluginValues {
            plugin: action.plugin.id().to_owned(),
            writes: kept.writes,
            room: kept.room,
            at: self.now(),
        }]
    }

    /// Writes what a call leaves from which nothing else follows.
    pub(crate) async fn keep_values(&self, values: Vec<PluginValues>) -> Result<(), PluginError> {
        if values.is_empty() {
            return Ok(());
        }
        let commit = Commit {
            plugin_values: values,
            ..Commit::default()
        };
        let written = self.store.commit(commit).await;
        written.map_err(|error| match error {
            CommitError::NoRoom => no_room(),
            error => unavailable(&error.to_string()),
        })
    }
}

/// Other calls of the plugin have used up its room while this one ran.
pub(crate) fn no_room() -> PluginError {
    PluginError::Refused {
        code: "kv".to_owned(),
        message: CommitError::NoRoom.to_string(),
        retry: Retry::Ask,
        retry_after_ms: None,
    }
}
