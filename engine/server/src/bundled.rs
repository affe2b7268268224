//! What comes inside the program: the bundled plugins, the script interpreter, the configuration pack.

use anyhow::{Context, Result};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// File name of the script interpreter among the plugins.
const RUNNER: &str = "rhai-runner.wasm";

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../plugins/dist"]
struct Plugins;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../workflows/waste"]
struct Pack;

/// The bundled plugins as a folder. They are written to the data folder once per version of the program.
///
/// # Errors
/// When the data folder cannot be written.
pub fn plugins(data: &Path) -> Result<Option<PathBuf>> {
    let mut names: Vec<Cow<'static, str>> =
        Plugins::iter().filter(|name| name.contains('/')).collect();
    if names.is_empty() {
        return Ok(None);
    }
    names.sort();
    let mut digest = Sha256::new();
    for name in &names {
        let file = Plugins::get(name).with_context(|| format!("the bundled {name} is gone"))?;
        digest.update(name.as_bytes());
        digest.update(file.metadata.sha256_hash());
    }
    let version = format!(
        "{}-{}",
        env!("CARGO_PKG_VERSION"),
        &hex::encode(digest.finalize())[..16]
    );
    let parent = data.join("cache").join("bundled");
    let folder = parent.join(version);
    if folder.is_dir() {
        return Ok(Some(folder));
    }
    // Written beside and renamed, so that a folder that is there is whole.
    let part = parent.join(format!(".part-{}", std::process::id()));
    write_all(&part, &names).with_context(|| format!("writing {}", part.display()))?;
    match fs::rename(&part, &folder) {
        Err(error) if !folder.is_dir() => {
            Err(error).with_context(|| format!("writing {}", folder.display()))
        }
        // Another process of the same version was quicker.
        Err(_) => Ok(fs::remove_dir_all(&part)?),
        Ok(()) => Ok(()),
    }?;
    Ok(Some(folder))
}

fn write_all(folder: &Path, names: &[Cow<'static, str>]) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    for name in names {
        let path = folder.join(name.as_ref());
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let file = Plugins::get(name).with_context(|| format!("the bundled {name} is gone"))?;
        fs::write(path, &file.data)?;
    }
    Ok(())
}

/// The files of each bundled plugin, by their path inside the package.
pub fn packages() -> Vec<BTreeMap<String, Vec<u8>>> {
    let mut packages: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for name in Plugins::iter() {
        if let (Some((plugin, path)), Some(file)) = (name.split_once('/'), Plugins::get(&name)) {
            let files = packages.entry(plugin.to_owned()).or_default();
            files.insert(path.to_owned(), file.data.into_owned());
        }
    }
    packages.into_values().collect()
}

/// The script interpreter.
pub fn runner() -> Option<Cow<'static, [u8]>> {
    Plugins::get(RUNNER).map(|file| file.data)
}

/// The configuration pack: paths and texts, in the order of their paths.
pub fn pack() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Pack::iter()
        .filter(|name| name.ends_with(".yaml") || name.ends_with(".yml"))
        .filter_map(|name| {
            let file = Pack::get(&name)?;
            let text = String::from_utf8(file.data.into_owned()).ok()?;
            Some((name.into_owned(), text))
        })
        .collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pack_has_case_types_and_workflows() {
        let pack = pack();
        let has = |start: &str| {
            pack.iter()
                .any(|(path, text)| path.starts_with(start) && !text.is_empty())
        };
        assert!(has("case-types/") && has("workflows/") && has("templates/"));
    }

    #[test]
    fn the_program_holds_plugins_and_the_interpreter_and_nothing_else() {
        for files in packages() {
            assert!(files.contains_key("plugin.toml"), "{:?}", files.keys());
        }
        let mut single = Plugins::iter().filter(|name| !name.contains('/'));
        assert!(single.all(|name| name == RUNNER));
    }

    #[test]
    fn bundled_plugins_are_written_once_and_whole() {
        let data = tempfile::tempdir().unwrap();
        let Some(folder) = plugins(data.path()).unwrap() else {
            assert!(
                Plugins::iter().all(|name| !name.contains('/')),
                "plugins are there and were not written"
            );
            return;
        };
        let written = fs::metadata(&folder).unwrap().modified().unwrap();
        assert_eq!(plugins(data.path()).unwrap(), Some(folder.clone()));
        assert_eq!(fs::metadata(&folder).unwrap().modified().unwrap(), written);
        let siblings: Vec<_> = fs::read_dir(folder.parent().unwrap()).unwrap().collect();
        assert_eq!(siblings.len(), 1);
    }
}
