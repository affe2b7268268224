//! Many kept files as one, to be printed at once.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_documents::DocumentError;
use sagsgang_domain::DocumentId;
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// One after another: what is joined and the whole of it are in memory.
static TURN: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(1)));
/// Most bytes of files that are joined.
const MOST_BYTES: u64 = 128 * 1024 * 1024;

/// Why files are not joined.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// One is not there.
    #[error("there is no such file")]
    NotFound,
    /// One is no PDF file, or one that cannot be read.
    #[error("{name} is not a PDF file that can be read")]
    NotReadable {
        /// Its name.
        name: String,
    },
    /// They are too large together.
    #[error("the files are larger than {} MB together", MOST_BYTES / 1024 / 1024)]
    TooLarge,
    /// The database, the disk or the writer failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Engine {
    /// PDF files as one, page behind page in this order.
    ///
    /// # Errors
    /// [`JoinError`] where one is not there or cannot be read, or they are too large together.
    pub async fn documents_as_one(
        &self,
        title: &str,
        ids: &[DocumentId],
    ) -> Result<Vec<u8>, JoinError> {
        let turn = Arc::clone(&TURN).acquire_owned().await;
        let (mut names, mut files, mut size) = (Vec::new(), Vec::new(), 0_u64);
        for id in ids {
            let document = self.document(*id).await?.ok_or(JoinError::NotFound)?;
            size = size.saturating_add(document.size);
            if size > MOST_BYTES {
                return Err(JoinError::TooLarge);
            }
            files.push(self.document_bytes(&document).await?);
            names.push(document.name);
        }
        let title = title.to_owned();
        let joining = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            sagsgang_documents::join(&title, &files)
        });
        let joined = joining
            .await
            .map_err(|error| EngineError::Options(format!("the files were not joined: {error}")))?;
        match joined {
            Ok(whole) => Ok(whole.bytes),
            Err(DocumentError::NotReadable { file }) => Err(JoinError::NotReadable {
                name: names.swap_remove(file),
            }),
            Err(error) => {
                Err(EngineError::Options(format!("the files were not joined: {error}")).into())
            }
        }
    }
}
