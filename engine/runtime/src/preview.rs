//! Small pictures of kept images.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_documents::{PreviewError, preview};
use sagsgang_store::Document;
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// Images read and unpacked at the same moment: each may take a few hundred megabytes.
static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(2)));
/// Most bytes of a file that is read for a picture.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// How large a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreviewSize {
    /// In a list of files.
    Thumbnail,
    /// On a page of its own.
    Page,
}

impl PreviewSize {
    const fn side(self) -> u32 {
        match self {
            Self::Thumbnail => 320,
            Self::Page => 1_600,
        }
    }
}

impl Engine {
    /// A kept image drawn anew, as a JPEG; or why there is none.
    ///
    /// # Errors
    /// When the disk fails or the file is gone.
    pub async fn preview(
        &self,
        document: &Document,
        size: PreviewSize,
    ) -> Result<Result<Vec<u8>, PreviewError>, EngineError> {
        if document.size > MOST_BYTES {
            return Ok(Err(PreviewError::TooLarge));
        }
        let turn = Arc::clone(&TURNS).acquire_owned().await;
        let bytes = self.document_bytes(document).await?;
        let drawing = tokio::task::spawn_blocking(move || {
            // Held until the image is drawn, also where whoever asked has left.
            let _turn = turn;
            preview(&bytes, size.side())
        });
        let drawing = drawing.await;
        // A reader that gives up on an image must not take the page with it.
        Ok(drawing.unwrap_or(Err(PreviewError::Damaged)))
    }
}
