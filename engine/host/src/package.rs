//! A plugin's files, from a folder, a `.sagsplugin` file or the program itself.

mod archive;

use crate::limits::Limits;
use crate::manifest::{self, Manifest};
use crate::problem::Problem;
use crate::signature;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The file name of a compiled plugin.
pub const COMPONENT: &str = "plugin.wasm";
/// The file name of a script.
pub const SCRIPT: &str = "plugin.rhai";

/// Folders beside the manifest that belong to a package. Sources and build output do not.
const FOLDERS: [&str; 4] = ["schemas", "config", "samples", "locales"];
const FILES: [&str; 5] = [
    manifest::FILE,
    COMPONENT,
    SCRIPT,
    "README.md",
    signature::FILE,
];
/// Entries of an archive, folders included.
const MOST_ENTRIES: usize = 1_000;

/// The files of a plugin, by their path inside the package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    files: BTreeMap<String, Vec<u8>>,
}

impl Package {
    /// A package out of files that the program already has.
    pub fn from_files(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self { files }
    }

    /// Reads a folder, or one `.sagsplugin` file. Blocks.
    pub fn read(path: &Path) -> Result<Self, Vec<Problem>> {
        let files = if path.is_dir() {
            read_folder(path)
        } else {
            archive::read(path)
        };
        Self::within_limits(files)
    }

    /// Reads the bytes of a `.sagsplugin` file.
    pub fn from_archive(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        Self::within_limits(archive::read_bytes("package", bytes))
    }

    /// The bytes of a `.sagsplugin` file with this content. Equal packages give equal bytes.
    ///
    /// # Errors
    /// When it does not fit into memory or into the format.
    pub fn to_archive(&self) -> std::io::Result<Vec<u8>> {
        archive::write(&self.files)
    }

    fn within_limits(
        files: Result<BTreeMap<String, Vec<u8>>, Problem>,
    ) -> Result<Self, Vec<Problem>> {
        let package = Self {
            files: files.map_err(|problem| vec![problem])?,
        };
        let size: u64 = package.files.values().map(|bytes| bytes.len() as u64).sum();
        if size > Limits::PACKAGE_BYTES {
            return Err(vec![too_large()]);
        }
        Ok(package)
    }

    /// The same package with one more file, or another content of one.
    #[must_use]
    pub fn with_file(mut self, name: &str, bytes: Vec<u8>) -> Self {
        self.files.insert(name.to_owned(), bytes);
        self
    }

    /// The files by name.
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// The manifest.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn manifest(&self) -> Result<Manifest, Vec<Problem>> {
        let text = self.text(manifest::FILE).map_err(|problem| vec![problem])?;
        Manifest::parse(text)
    }

    /// The bytes of a file.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// A file that has to be there and has to be text.
    pub(crate) fn text(&self, name: &str) -> Result<&str, Problem> {
        let bytes = self.file(name).ok_or_else(|| {
            Problem::new(
                name,
                "file-missing",
                "the package does not contain this file",
            )
        })?;
        std::str::from_utf8(bytes)
            .map_err(|_| Problem::new(name, "file-encoding", "the file is not UTF-8 text"))
    }

    /// Names, sizes and times of the files that a package at this path consists of; empty when it does not look like one.
    pub(crate) fn fingerprint(path: &Path) -> BTreeMap<PathBuf, (u64, Option<SystemTime>)> {
        let mut files = BTreeMap::new();
        let mut note = |path: PathBuf| {
            if let Ok(metadata) = path.metadata()
                && metadata.is_file()
            {
                files.insert(path, (metadata.len(), metadata.modified().ok()));
            }
        };
        if path
            .extension()
            .is_some_and(|extension| extension == "sagsplugin")
        {
            note(path.to_owned());
        } else if path.join(manifest::FILE).is_file() {
            FILES.iter().for_each(|name| note(path.join(name)));
            let entries = FOLDERS
                .iter()
                .filter_map(|inner| std::fs::read_dir(path.join(inner)).ok());
            entries
                .flatten()
                .flatten()
                .for_each(|entry| note(entry.path()));
        }
        files
    }

    /// SHA-256 over names and contents, hexadecimal, the signature left out. Equal packages have equal digests, however
    /// they were packed and whoever signed them.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let signed = self
            .files
            .iter()
            .filter(|(name, _)| *name != signature::FILE);
        for (name, bytes) in signed {
            hash.update((name.len() as u64).to_be_bytes());
            hash.update(name);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
        hex::encode(hash.finalize())
    }
}

/// Whether a path inside a package belongs to it.
fn belongs(name: &str) -> bool {
    match name.split_once('/') {
        None => FILES.contains(&name),
        Some((folder, file)) => {
            FOLDERS.contains(&folder) && !file.contains('/') && !file.starts_with('.')
        }
    }
}

fn read_folder(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Problem> {
    let mut files = BTreeMap::new();
    let mut take = |path: &Path, name: String| -> Result<(), Problem> {
        if belongs(&name) && path.is_symlink() {
            return Err(link(&name));
        }
        if belongs(&name) && path.is_file() {
            let size = path
                .metadata()
                .map_err(|error| unreadable(&name, &error))?
                .len();
            if size > Limits::PACKAGE_BYTES {
                return Err(too_large());
            }
            let bytes = std::fs::read(path).map_err(|error| unreadable(&name, &error))?;
            files.insert(name, bytes);
        }
        Ok(())
    };
    for name in FILES {
        take(&folder.join(name), name.to_owned())?;
    }
    for inner in FOLDERS {
        if folder.join(inner).is_symlink() {
            return Err(link(inner));
        }
        let Ok(entries) = std::fs::read_dir(folder.join(inner)) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = format!("{inner}/{}", entry.file_name().to_string_lossy());
            take(&entry.path(), name)?;
        }
    }
    Ok(files)
}

fn unreadable(name: &str, error: &std::io::Error) -> Problem {
    Problem::new(name, "file-unreadable", error.to_string())
}

/// A link would bring in a file of the server that the author of the package never had.
fn link(name: &str) -> Problem {
    Problem::new(
        name,
        "package-link",
        "a package has files, not links to files",
    )
    .hint("put a copy of the file in its place")
}

fn too_large() -> Problem {
    let message = format!(
        "the package is larger than {} MiB",
        Limits::PACKAGE_BYTES >> 20
    );
    Problem::new(manifest::FILE, "package-too-large", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_and_archive_are_the_same_package() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("schemas")).unwrap();
        std::fs::create_dir_all(folder.path().join("src")).unwrap();
        let files = [
            ("plugin.toml", "id"),
            ("schemas/input.json", "{}"),
            ("src/lib.rs", "secret"),
            ("note.txt", "x"),
        ];
        let archive = folder.path().join("one.sagsplugin");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let all = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        std::fs::write(&archive, archive::write(&all.into()).unwrap()).unwrap();
        let read = Package::read(folder.path()).unwrap();
        assert_eq!(read, Package::read(&archive).unwrap());
        assert_eq!(read.to_archive().unwrap(), read.to_archive().unwrap());
        assert_eq!(
            read.files.keys().collect::<Vec<_>>(),
            ["plugin.toml", "schemas/input.json"]
        );
        assert_eq!(read.digest().len(), 64);
    }

    #[test]
    fn links_in_a_folder_are_refused() {
        let outside = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(outside.path(), "a secret of the server").unwrap();
        let outer = tempfile::tempdir().unwrap();
        for name in ["README.md", "schemas/input.json"] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("plugin.toml"), "id").unwrap();
            std::fs::create_dir_all(folder.path().join("schemas")).unwrap();
            assert!(Package::read(folder.path()).is_ok());
            std::os::unix::fs::symlink(outside.path(), folder.path().join(name)).unwrap();
            let problems = Package::read(folder.path()).unwrap_err();
            assert_eq!(
                (problems[0].code, problems[0].file.as_str()),
                ("package-link", name)
            );
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("plugin.toml"), "id").unwrap();
        std::os::unix::fs::symlink(outer.path(), folder.path().join("config")).unwrap();
        assert_eq!(
            Package::read(folder.path()).unwrap_err()[0].code,
            "package-link"
        );
    }

    #[test]
    fn what_is_not_a_package_is_said_so() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let problems = Package::read(file.path()).unwrap_err();
        assert_eq!(problems[0].code, "package-format");
    }
}
