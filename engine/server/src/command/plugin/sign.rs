//! `sagsgang plugin key`, `sign` and `digest`: who vouches for a package.

use super::{put, read};
use crate::output;
use anyhow::{Context, Result, anyhow, ensure};
use sagsgang_host::{SigningKey, TrustedKeys, signature};
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

/// With a private key, or with a signature that `minisign` has made.
pub(super) enum Means<'a> {
    Key(&'a Path),
    Signature {
        file: &'a Path,
        /// By which it is checked.
        public: Option<&'a Path>,
    },
}

pub(super) fn run(path: &Path, means: &Means<'_>, json: bool) -> Result<ExitCode> {
    let package = read(path)?;
    let mut is_checked = true;
    let (signature, by) = match means {
        Means::Key(file) => {
            let place = || file.display().to_string();
            let text = fs::read_to_string(file).with_context(place)?;
            let key = SigningKey::parse(&text).with_context(place)?;
            (key.sign(&package), key.public())
        }
        Means::Signature { file, public } => {
            let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
            let keys = public.map_or_else(|| Ok(TrustedKeys::default()), keys_of)?;
            let with = package
                .clone()
                .with_file(signature::FILE, text.clone().into_bytes());
            let signer = signature::signer(&with, &keys);
            let signer = signer.map_err(|problem| anyhow!("{problem}"))?;
            let signer = signer.context("there is no signature")?;
            is_checked = signer.name.is_some();
            ensure!(
                is_checked || public.is_none(),
                "the signature is of the key {}, which --public does not have",
                signer.key
            );
            (text, signer.key)
        }
    };
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
            "path": path, "digest": package.digest(), "publicKey": by, "checked": is_checked,
        }))?,
        false if is_checked => output::line(&format!("{} is signed by {by}", path.display()))?,
        false => output::line(&format!(
            "{} has the signature of {by}; --public FILE would check that it fits",
            path.display()
        ))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn keys_of(file: &Path) -> Result<TrustedKeys> {
    let place = || file.display().to_string();
    let text = fs::read_to_string(file).with_context(place)?;
    TrustedKeys::parse(&text).with_context(place)
}

/// Prints what is signed of a package, for `minisign`.
pub(super) fn digest(path: &Path, json: bool) -> Result<ExitCode> {
    let package = read(path)?;
    match json {
        true => output::json(&json!({ "path": path, "digest": package.digest() }))?,
        false => output::line(signature::signed_text(&package).trim_end())?,
    }
    Ok(ExitCode::SUCCESS)
}
