//! A plugin's files, from a folder, a `.sagsplugin` file or the program itself.

use crate::limits::Limits;
use crate::manifest;
use crate::problem::Problem;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The file name of a compiled plugin.
pub const COMPONENT: &str = "plugin.wasm";
/// The file name of a script.
pub const SCRIPT: &str = "plugin.rhai";

/// Folders beside the manifest that belong to a package. Sources and build output do not.
const FOLDERS: [&str; 4] = ["schemas", "config", "samples", "locales"];
const FILES: [&str; 4] = [manifest::FILE, COMPONENT, SCRIPT, "README.md"];

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
            read_archive(path)
        };
        let package = Self {
            files: files.map_err(|problem| vec![problem])?,
        };
        let size: u64 = package.files.values().map(|bytes| bytes.len() as u64).sum();
        if size > Limits::PACKAGE_BYTES {
            return Err(vec![too_large()]);
        }
        Ok(package)
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

    /// SHA-256 over names and contents, hexadecimal. Equal packages have equal digests, however they were packed.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (name, bytes) in &self.files {
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

fn read_archive(path: &Path) -> Result<BTreeMap<String, Vec<u8>>, Problem> {
    let shown = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let file = std::fs::File::open(path).map_err(|error| unreadable(&shown, &error))?;
    let broken =
        |error: zip::result::ZipError| Problem::new(&shown, "package-format", error.to_string());
    let mut archive = zip::ZipArchive::new(file).map_err(broken)?;
    let mut files = BTreeMap::new();
    let mut left = Limits::PACKAGE_BYTES;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(broken)?;
        let name = entry.name().to_owned();
        if entry.is_dir() || !belongs(&name) {
            continue;
        }
        let mut bytes = Vec::new();
        // The stated size of an entry is the sender's claim; what is read counts.
        let read = entry
            .take(left + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| unreadable(&name, &error))?;
        left = left.checked_sub(read as u64).ok_or_else(too_large)?;
        files.insert(name, bytes);
    }
    Ok(files)
}

fn unreadable(name: &str, error: &std::io::Error) -> Problem {
    Problem::new(name, "file-unreadable", error.to_string())
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
    use std::io::Write;

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
        let mut writer = zip::ZipWriter::new(std::fs::File::create(&archive).unwrap());
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
            writer
                .start_file(name, zip::write::SimpleFileOptions::default())
                .unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        let read = Package::read(folder.path()).unwrap();
        assert_eq!(read, Package::read(&archive).unwrap());
        assert_eq!(
            read.files.keys().collect::<Vec<_>>(),
            ["plugin.toml", "schemas/input.json"]
        );
        assert_eq!(read.digest().len(), 64);
    }

    #[test]
    fn what_is_not_a_package_is_said_so() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let problems = Package::read(file.path()).unwrap_err();
        assert_eq!(problems[0].code, "package-format");
    }
}
