//! The file of a backup: a ZIP archive with one entry per file, and a list of them with their digests.

use anyhow::{Context, Result, bail, ensure};
use sagsgang_domain::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Component, Path};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Version of this form.
pub(in super::super) const FORMAT: u32 = 1;
/// The name of the list.
const LIST: &str = "backup.json";
/// Where the files stand.
const ROOT: &str = "data/";
/// The name of the database among the files.
pub(in super::super) const DATABASE: &str = "sagsgang.db";
/// Bytes read at once.
const CHUNK: usize = 256 * 1024;

/// What a backup says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in super::super) struct About {
    /// Version of the form.
    pub(in super::super) format: u32,
    /// Version of the program that made it.
    pub(in super::super) program: String,
    /// When it was made.
    pub(in super::super) at: Timestamp,
    /// The keys are in it.
    pub(in super::super) keys: bool,
    /// Its files.
    pub(in super::super) files: Vec<Entry>,
}

/// A file of a backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in super::super) struct Entry {
    /// Path below the data folder, with slashes.
    pub(in super::super) path: String,
    /// Size in bytes.
    pub(in super::super) bytes: u64,
    /// SHA-256, hexadecimal.
    pub(in super::super) sha256: String,
}

/// A backup that is being written.
pub(super) struct Writer {
    zip: ZipWriter<File>,
    files: Vec<Entry>,
}

impl Writer {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // All cases of a municipality stand in it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(path)
            .with_context(|| path.display().to_string())?;
        Ok(Self {
            zip: ZipWriter::new(file),
            files: Vec::new(),
        })
    }

    pub(super) fn add(&mut self, name: &str, path: &Path) -> Result<()> {
        let place = || path.display().to_string();
        let mut file = File::open(path).with_context(place)?;
        self.zip
            .start_file(format!("{ROOT}{name}"), options())
            .with_context(place)?;
        let (bytes, sha256) = copy(&mut file, &mut self.zip).with_context(place)?;
        self.files.push(Entry {
            path: name.to_owned(),
            bytes,
            sha256,
        });
        Ok(())
    }

    pub(super) fn finish(mut self, about: About) -> Result<()> {
        let about = About {
            files: self.files,
            ..about
        };
        self.zip.start_file(LIST, options())?;
        self.zip.write_all(&serde_json::to_vec_pretty(&about)?)?;
        self.zip.finish()?.sync_all()?;
        Ok(())
    }
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .large_file(true)
}

/// Copies, and answers how much it was and its SHA-256.
fn copy(from: &mut impl Read, to: &mut impl Write) -> Result<(u64, String)> {
    let mut chunk = vec![0; CHUNK];
    let (mut bytes, mut digest) = (0, Sha256::new());
    loop {
        let read = from.read(&mut chunk)?;
        if read == 0 {
            return Ok((bytes, hex::encode(digest.finalize())));
        }
        digest.update(&chunk[..read]);
        to.write_all(&chunk[..read])?;
        bytes += read as u64;
    }
}

/// SHA-256 of a file.
pub(super) fn digest(path: &Path) -> Result<String> {
    let mut file = File::open(path).with_context(|| path.display().to_string())?;
    Ok(copy(&mut file, &mut std::io::sink())?.1)
}

/// Reads a backup from end to end and holds each file against the list.
pub(in super::super) fn verify(path: &Path) -> Result<About> {
    read(path, |_| Ok(Box::new(std::io::sink())))
}

/// Writes the files of a backup below a folder that is ours alone, each held against the list.
pub(in super::super) fn extract(path: &Path, folder: &Path) -> Result<About> {
    read(path, |entry| {
        let target = folder.join(&entry.path);
        let parent = target.parent().unwrap_or(folder);
        fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(&target)
            .with_context(|| target.display().to_string())?;
        Ok(Box::new(Synced(file)))
    })
}

/// A file that is on disk when it is flushed.
struct Synced(File);

impl Write for Synced {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.sync_all()
    }
}

fn read(path: &Path, mut target: impl FnMut(&Entry) -> Result<Box<dyn Write>>) -> Result<About> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let mut zip = ZipArchive::new(file)
        .with_context(|| format!("{} is not a whole backup", path.display()))?;
    let about: About = {
        let list = zip
            .by_name(LIST)
            .with_context(|| format!("{} has no {LIST}", path.display()))?;
        serde_json::from_reader(list).context(LIST)?
    };
    ensure!(
        about.format == FORMAT,
        "the backup has form {}, and this program reads form {FORMAT}",
        about.format
    );
    for entry in &about.files {
        if !is_plain(&entry.path) {
            bail!("{:?} is no path inside a data folder", entry.path);
        }
        let mut out = target(entry)?;
        let mut packed = zip
            .by_name(&format!("{ROOT}{}", entry.path))
            .with_context(|| format!("{} is missing", entry.path))?;
        let (bytes, sha256) = copy(&mut packed, &mut out).with_context(|| entry.path.clone())?;
        out.flush()?;
        ensure!(
            bytes == entry.bytes && sha256 == entry.sha256,
            "{} is not what was backed up",
            entry.path
        );
    }
    Ok(about)
}

/// A path that leads nowhere but down.
fn is_plain(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    !path.is_empty()
        && !path.contains('\\')
        && parts.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About {
        About {
            format: FORMAT,
            program: "0".to_owned(),
            at: Timestamp::from_micros(0),
            keys: false,
            files: Vec::new(),
        }
    }

    #[test]
    fn what_goes_in_comes_out_and_a_changed_byte_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let (source, file) = (folder.path().join("a"), folder.path().join("b.zip"));
        let noise: Vec<u8> = (0..300_000_u32)
            .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
            .collect();
        fs::write(&source, &noise).unwrap();
        let mut writer = Writer::create(&file).unwrap();
        writer.add("blobs/ab/one", &source).unwrap();
        writer.finish(about()).unwrap();
        let out = folder.path().join("out");
        assert_eq!(extract(&file, &out).unwrap().files.len(), 1);
        assert_eq!(fs::read(out.join("blobs/ab/one")).unwrap(), noise);
        let mut bytes = fs::read(&file).unwrap();
        bytes[500_000] ^= 1;
        fs::write(&file, bytes).unwrap();
        assert!(verify(&file).is_err());
        fs::write(&file, b"not a backup").unwrap();
        assert!(verify(&file).is_err());
    }

    #[test]
    fn paths_lead_nowhere_but_down() {
        assert!(is_plain("blobs/ab/one") && is_plain("sagsgang.db"));
        for path in ["", "/etc/passwd", "../x", "a/../../x", "a\\..\\x"] {
            assert!(!is_plain(path), "{path}");
        }
    }
}
