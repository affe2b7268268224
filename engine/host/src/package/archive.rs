//! `.sagsplugin` files: zip archives, read with suspicion and written so that equal packages give equal bytes.

use super::{MOST_ENTRIES, belongs, link, too_large, unreadable};
use crate::limits::Limits;
use crate::problem::Problem;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// How an entry of the central directory begins, and how long it is without its texts.
const ENTRY: [u8; 4] = [b'P', b'K', 1, 2];
const ENTRY_BYTES: usize = 46;

pub(super) fn read(path: &Path) -> Result<BTreeMap<String, Vec<u8>>, Problem> {
    let shown = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(Limits::PACKAGE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(&shown, &error))?;
    read_bytes(&shown, &bytes)
}

pub(super) fn read_bytes(shown: &str, bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, Problem> {
    if bytes.len() as u64 > Limits::PACKAGE_BYTES {
        return Err(too_large());
    }
    let broken =
        |error: &dyn std::fmt::Display| Problem::new(shown, "package-format", error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    refuse_tricks(shown, bytes, archive.central_directory_start())?;
    let mut files = BTreeMap::new();
    let mut left = Limits::PACKAGE_BYTES;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| broken(&error))?;
        let name = entry.name().to_owned();
        if entry.is_symlink() {
            return Err(link(&name));
        }
        if entry.is_dir() || !belongs(&name) {
            continue;
        }
        let mut content = Vec::new();
        // The stated size of an entry is the sender's claim; what is read counts.
        let read = entry
            .take(left + 1)
            .read_to_end(&mut content)
            .map_err(|error| unreadable(&name, &error))?;
        left = left.checked_sub(read as u64).ok_or_else(too_large)?;
        files.insert(name, content);
    }
    Ok(files)
}

/// Refuses an archive that two readers could read differently: names that stand twice, and names that lead out of it.
fn refuse_tricks(shown: &str, bytes: &[u8], start: u64) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    let mut at = usize::try_from(start).unwrap_or(usize::MAX);
    while let Some(entry) = bytes.get(at..).filter(|rest| rest.starts_with(&ENTRY)) {
        let length = |place: usize| {
            let pair = entry.get(place..place + 2)?;
            Some(usize::from(u16::from_le_bytes([pair[0], pair[1]])))
        };
        let lengths = (length(28), length(30), length(32));
        let (Some(name), Some(extra), Some(comment)) = lengths else {
            break;
        };
        let text = entry
            .get(ENTRY_BYTES..ENTRY_BYTES + name)
            .unwrap_or_default();
        let text = String::from_utf8_lossy(text).into_owned();
        if leads_out(&text) {
            let message = format!("the archive has an entry `{text}` that leads out of it");
            return Err(Problem::new(shown, "package-path", message));
        }
        if seen.len() == MOST_ENTRIES {
            let message = format!("the archive has more than {MOST_ENTRIES} entries");
            return Err(Problem::new(shown, "package-too-large", message));
        }
        if !seen.insert(text.clone()) {
            let message = format!("the archive has two entries `{text}`");
            return Err(Problem::new(shown, "package-duplicate", message));
        }
        at += ENTRY_BYTES + name + extra + comment;
    }
    Ok(())
}

fn leads_out(name: &str) -> bool {
    name.starts_with('/')
        || name.contains(['\\', '\0', ':'])
        || name.split('/').any(|part| part == "..")
}

pub(super) fn write(files: &BTreeMap<String, Vec<u8>>) -> std::io::Result<Vec<u8>> {
    // No time and no owner: they would make equal packages differ.
    let options = SimpleFileOptions::default()
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(name.as_str(), options)?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[track_caller]
    fn refused(bytes: &[u8], code: &str) {
        let problem = read_bytes("x.sagsplugin", bytes).unwrap_err();
        assert_eq!(problem.code, code, "{problem}");
    }

    #[test]
    fn an_honest_archive_is_read() {
        let files = read_bytes(
            "x",
            &zipped(&[("plugin.toml", b"id"), ("src/lib.rs", b"x")]),
        );
        assert_eq!(files.unwrap().keys().collect::<Vec<_>>(), ["plugin.toml"]);
    }

    #[test]
    fn entries_that_lead_out_are_refused() {
        for name in [
            "../plugin.toml",
            "/etc/passwd",
            "schemas/../../x",
            "a\\..\\b",
            "C:x",
        ] {
            let mut bytes = zipped(&[("plugin.toml", b"id"), ("XXXXXXXXXXXXXXXXXXXX", b"y")]);
            // The writer refuses such names, so the name is put in afterwards.
            let padded = format!("{name}{}", "z".repeat(20 - name.len()));
            replace(&mut bytes, b"XXXXXXXXXXXXXXXXXXXX", padded.as_bytes());
            refused(&bytes, "package-path");
        }
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        let mut bytes = zipped(&[("plugin.toml", b"one"), ("plugin.tomx", b"two")]);
        replace(&mut bytes, b"plugin.tomx", b"plugin.toml");
        refused(&bytes, "package-duplicate");
    }

    #[test]
    fn a_link_is_refused() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer
            .add_symlink("README.md", "/etc/passwd", SimpleFileOptions::default())
            .unwrap();
        refused(&writer.finish().unwrap().into_inner(), "package-link");
    }

    #[test]
    fn a_bomb_is_refused_whatever_it_says_of_its_size() {
        let zeros = vec![0; 32 * 1024 * 1024];
        let mut bytes = zipped(&[("plugin.wasm", &zeros)]);
        assert!(bytes.len() < 100_000);
        refused(&bytes, "package-too-large");
        // It claims to hold ten bytes.
        let claimed = u32::try_from(zeros.len()).unwrap().to_le_bytes();
        replace(&mut bytes, &claimed, &10_u32.to_le_bytes());
        assert!(read_bytes("x.sagsplugin", &bytes).is_err());
        let many: Vec<String> = (0..=MOST_ENTRIES).map(|n| format!("schemas/{n}")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
        refused(&zipped(&many), "package-too-large");
    }

    fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
        assert_eq!(from.len(), to.len());
        let places: Vec<usize> = (0..=bytes.len() - from.len())
            .filter(|at| bytes[*at..].starts_with(from))
            .collect();
        assert!(!places.is_empty());
        for at in places {
            bytes[at..at + from.len()].copy_from_slice(to);
        }
    }
}
