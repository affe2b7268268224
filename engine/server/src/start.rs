//! Opening the engine with the settings: for serving, or for one command beside a server that may be running.

use crate::bundled;
use crate::config::Settings;
use anyhow::{Context, Result, bail, ensure};
use rand::TryRngCore;
use rand::rngs::OsRng;
use sagsgang_domain::Caller;
use sagsgang_runtime::{Engine, EngineOptions, NewAccount};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// Memory for pages that are written, in MiB: where memory is shared with much else, and where one command changes much and
/// ends.
const SERVING_CACHE: u32 = 8;
const COMMAND_CACHE: u32 = 128;

/// What the engine is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Serving: with all plugins that may be here.
    Serve,
    /// One command that is about plugins: with all of them, signed or not. What runs is decided by the server that runs it, and
    /// its settings need not be known to who gives the command.
    Plugins,
    /// One command on the data: without plugins, which take time to load.
    Command,
}

/// Opens the engine. Nothing runs by itself yet.
///
/// # Errors
/// When the data folder cannot be written or the engine cannot be opened.
pub async fn open(settings: &Settings, purpose: Purpose) -> Result<Arc<Engine>> {
    fs::create_dir_all(&settings.data)
        .with_context(|| format!("data folder {}", settings.data.display()))?;
    let mut options = EngineOptions {
        database: settings.database.clone(),
        municipality: settings.municipality.clone(),
        smtp: settings.smtp.clone(),
        sender: settings.sender.clone(),
        base_url: settings.base_url.clone(),
        reply_key: reply_key(&settings.reply_key_file)?,
        plugin_development: settings.plugin_development,
        signed_plugins_only: purpose == Purpose::Serve
            && !(settings.unsigned_plugins || settings.plugin_development),
        trusted_keys: settings.trusted_keys.clone(),
        secret_keys: secret_keys(&settings.secret_key_file)?,
        plugin_ceiling: settings.plugin_ceiling.clone(),
        plugin_calls: settings.plugin_calls,
        http_allow: settings.http_allow.clone(),
        secrets: settings.secrets.clone(),
        limits: settings.limits.clone(),
        most_waiting: settings.most_waiting,
        most_calls: settings.most_calls,
        file_types: settings.file_types.clone(),
        take_back_seconds: settings.take_back_seconds,
        allow_loopback: settings.allow_loopback,
        readers: settings.readers,
        write_cache: match purpose {
            Purpose::Serve => SERVING_CACHE,
            Purpose::Plugins | Purpose::Command => COMMAND_CACHE,
        },
        ..EngineOptions::in_folder(settings.data.clone())
    };
    if purpose != Purpose::Command {
        fs::create_dir_all(&settings.plugins)
            .with_context(|| format!("plugin folder {}", settings.plugins.display()))?;
        options.plugins = Some(settings.plugins.clone());
        options.pack = bundled::pack();
        options.bundled_plugins = bundled::plugins(&settings.data)?;
        options.runner = bundled::runner();
        if options.bundled_plugins.is_none() {
            tracing::warn!("this program was built without plugins; build them with `make guests`");
        }
    }
    Ok(Engine::open(options).await?)
}

/// On the first start the bundled pack is published. Later it is the municipality's own.
///
/// # Errors
/// When it cannot be published.
pub async fn publish_pack(engine: &Engine) -> Result<()> {
    if !engine.case_types().is_empty() {
        return Ok(());
    }
    let published = engine
        .publish(&Caller::system(), bundled::pack())
        .await
        .context("the bundled configuration pack")?;
    tracing::info!(
        texts = published.len(),
        "the bundled configuration pack is published"
    );
    Ok(())
}

/// On the first start there is nobody who could log in: makes an administrator and answers the password for one use.
///
/// # Errors
/// When the database fails.
pub async fn first_administrator(engine: &Engine) -> Result<Option<String>> {
    if !engine.accounts().await?.is_empty() {
        return Ok(None);
    }
    let password = new_password()?;
    engine
        .put_account(NewAccount {
            name: "administrator".to_owned(),
            display_name: "Administrator".to_owned(),
            roles: vec![sagsgang_domain::Role::Administrator],
            team: None,
            password: Some(password.clone()),
            locale: "da".to_owned(),
        })
        .await?;
    Ok(Some(password))
}

/// A password that can be read out and typed: four groups of five letters and digits, 103 bits.
///
/// # Errors
/// When the operating system has no randomness to give.
pub fn new_password() -> Result<String> {
    // No letters and digits that look alike.
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    OsRng
        .try_fill_bytes(&mut bytes)
        .context("the operating system gives no randomness")?;
    let letters: Vec<char> = bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect();
    let groups: Vec<String> = letters
        .chunks(5)
        .map(|group| group.iter().collect())
        .collect();
    Ok(groups.join("-"))
}

/// The key of the tokens by which replies find their case; made on the first start.
fn reply_key(path: &Path) -> Result<[u8; 32]> {
    let keys = keys(path).with_context(|| format!("key of reply tokens {}", path.display()))?;
    match keys[..] {
        [key] => Ok(key),
        _ => bail!("key of reply tokens {}: not one key", path.display()),
    }
}

/// The keys of plugins' secrets, the one that seals first; made on the first start.
fn secret_keys(path: &Path) -> Result<Vec<[u8; 32]>> {
    keys(path).with_context(|| format!("key of plugins' secrets {}", path.display()))
}

/// The keys of a file, one on each line; a file that is not there is made with one.
fn keys(path: &Path) -> Result<Vec<[u8; 32]>> {
    if !path.exists() {
        let mut key = [0; 32];
        OsRng
            .try_fill_bytes(&mut key)
            .context("the operating system gives no randomness")?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        writeln!(file, "{}", hex::encode(key))?;
        file.sync_all()?;
        return Ok(vec![key]);
    }
    let text = fs::read_to_string(path)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let keys: Vec<[u8; 32]> = lines
        .map(|line| {
            let bytes = hex::decode(line)?;
            let key = bytes.try_into();
            key.map_err(|_| anyhow::anyhow!("not 32 bytes in hexadecimal"))
        })
        .collect::<Result<_>>()?;
    ensure!(!keys.is_empty(), "the file is empty");
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_key_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reply.key");
        let key = reply_key(&path).unwrap();
        assert_eq!(reply_key(&path).unwrap(), key);
        fs::write(&path, "short").unwrap();
        assert!(reply_key(&path).is_err());
    }

    #[test]
    fn a_new_key_of_secrets_goes_above_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets.key");
        let old = secret_keys(&path).unwrap();
        let text = format!("{}\n{}\n", "07".repeat(32), hex::encode(old[0]));
        fs::write(&path, text).unwrap();
        assert_eq!(secret_keys(&path).unwrap(), [[7; 32], old[0]]);
        fs::write(&path, "\n").unwrap();
        assert!(secret_keys(&path).is_err());
    }

    #[test]
    fn passwords_are_long_and_differ() {
        let password = new_password().unwrap();
        assert_eq!(password.len(), 23);
        assert_ne!(password, new_password().unwrap());
    }
}
