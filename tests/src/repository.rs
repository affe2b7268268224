//! The source tree, as git sees it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The repository that this crate belongs to.
pub struct Repository {
    root: PathBuf,
    files: Vec<String>,
}

impl Repository {
    /// Lists the files that are committed or could be (new ones count, ignored ones do not).
    ///
    /// # Errors
    /// Git is missing, or the sources lie outside a git repository.
    pub fn open() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("this crate lies in the repository root")?;
        let listing = Command::new("git")
            // The owner of a clone may be somebody else than the one who runs the tests.
            .args(["-c", "safe.directory=*", "ls-files", "-z"])
            .args(["--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .context("git is needed to list the source files")?;
        ensure!(
            listing.status.success(),
            "git ls-files failed: {}",
            String::from_utf8_lossy(&listing.stderr)
        );
        let mut files: Vec<String> = String::from_utf8(listing.stdout)?
            .split_terminator('\0')
            .filter(|path| root.join(path).is_file()) // a file deleted but not yet committed is listed too
            .map(str::to_owned)
            .collect();
        files.sort();
        files.dedup();
        Ok(Self {
            root: root.to_owned(),
            files,
        })
    }

    /// The folder that holds everything.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Paths relative to the root, with `/` between folders, sorted.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// The text of a file, or nothing when it is not text.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn text(&self, path: &str) -> Result<Option<String>> {
        let bytes =
            std::fs::read(self.root.join(path)).with_context(|| format!("reading {path}"))?;
        Ok(String::from_utf8(bytes).ok())
    }
}
