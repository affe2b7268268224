//! Kept files, addressed by the SHA-256 of their content. A file is on disk before its digest is answered.

use crate::error::StoreError;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// SHA-256 of a kept file, hexadecimal.
pub type Digest = String;

/// The folder of kept files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs {
    folder: Arc<PathBuf>,
    turn: Arc<AtomicU64>,
}

impl Blobs {
    /// Opens the folder and creates it where there is none.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: Arc::new(folder.to_owned()),
            turn: Arc::default(),
        })
    }

    /// Keeps a file and returns its digest once content and name are on disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn put(&self, bytes: Vec<u8>) -> Result<Digest, StoreError> {
        let blobs = self.clone();
        run_blocking(move || blobs.put_now(&bytes)).await
    }

    /// The content of a kept file; `None` where there is none with this digest.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn get(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(path) = self.path(digest) else {
            return Ok(None);
        };
        run_blocking(move || match fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        })
        .await
    }

    fn path(&self, digest: &str) -> Option<PathBuf> {
        let is_digest = digest.len() == 64
            && digest
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        is_digest.then(|| self.folder.join(&digest[..2]).join(digest))
    }

    fn put_now(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let digest = hex::encode(Sha256::digest(bytes));
        let path = self
            .path(&digest)
            .expect("a digest is 64 hexadecimal digits");
        if path.exists() {
            return Ok(digest);
        }
        let parent = path.parent().expect("a kept file lies in a folder");
        fs::create_dir_all(parent)?;
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let temporary = parent.join(format!(".{}-{turn}.part", std::process::id()));
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, &path)?;
        // The name is on disk only when its folder is.
        File::open(parent)?.sync_all()?;
        File::open(&*self.folder)?.sync_all()?;
        Ok(digest)
    }
}

async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StoreError::File(std::io::Error::other(error)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_put_comes_back_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let digest = blobs.put("Æblevej".into()).await.unwrap();
        assert_eq!(blobs.put("Æblevej".into()).await.unwrap(), digest);
        assert_eq!(
            blobs.get(&digest).await.unwrap().unwrap(),
            "Æblevej".as_bytes()
        );
        assert!(blobs.get(&"0".repeat(64)).await.unwrap().is_none());
        assert!(blobs.get("../../etc/passwd").await.unwrap().is_none());
    }
}
