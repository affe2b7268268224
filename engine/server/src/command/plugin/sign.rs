//! `sagsgang plugin key` and `sign`: who vouches for a package.

use super::{put, read};
use crate::output;
use anyhow::{Context, Result, ensure};
use sagsgang_host::{SigningKey, signature};
use serde_json::json;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn key(file: &Path, json: bool) -> Result<ExitCode> {
    ensure!(
        !file.exists(),
        "{} is there already; a key is never written over",
        file.display()
    );
    let (key, text) = SigningKey::generate()?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options
        .open(file)
        .with_context(|| file.display().to_string())?;
    written.write_all(text.as_bytes())?;
    written.sync_all()?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    match json {
        true => output::json(&json!({ "path": file, "publicKey": key.public() }))?,
        false => output::line(&format!("{name} {}", key.public()))?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn run(path: &Path, key: &Path, json: bool) -> Result<ExitCode> {
    let place = || key.display().to_string();
    let text = fs::read_to_string(key).with_context(place)?;
    let key = SigningKey::parse(&text).with_context(place)?;
    let package = read(path)?;
    let signature = key.sign(&package);
    if path.is_dir() {
        put(&path.join(signature::FILE), signature.as_bytes())?;
    } else {
        let signed = package
            .clone()
            .with_file(signature::FILE, signature.into_bytes());
        put(path, &signed.to_archive()?)?;
    }
    match json {
        true => output::json(&json!({
            "path": path, "digest": package.digest(), "publicKey": key.public(),
        }))?,
        false => output::line(&format!("{} is signed by {}", path.display(), key.public()))?,
    }
    Ok(ExitCode::SUCCESS)
}
