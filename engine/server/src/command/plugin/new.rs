//! `sagsgang plugin new`: a folder that builds and passes its tests.

use crate::cli::Language;
use crate::output;
use anyhow::{Context, Result, bail, ensure};
use rust_embed::RustEmbed;
use sagsgang_host::Manifest;
use serde_json::json;
use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How the names of templates end, so that no tool takes them for what they become.
const ENDING: &str = ".in";
/// Words that no function can be called in one of the languages.
const RESERVED: [&str; 44] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "test", "trait", "type", "use", "while",
];

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/templates/plugin"]
struct Templates;

/// The crate for plugin authors, so that a plugin builds wherever it lies.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../sdk/rust/src"]
struct Sdk;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../sdk/rust/macros/src"]
struct Macros;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../sdk/wit"]
struct Wit;

/// Manifests of the crate for plugin authors.
const SDK_FILES: [(&str, &str); 2] = [
    (
        "sdk/rust/Cargo.toml",
        include_str!("../../../../../sdk/rust/Cargo.toml"),
    ),
    (
        "sdk/rust/macros/Cargo.toml",
        include_str!("../../../../../sdk/rust/macros/Cargo.toml"),
    ),
];

pub(super) fn run(name: &str, language: Language, json: bool) -> Result<ExitCode> {
    let folder = Path::new(name);
    let template = match language {
        Language::Rust => "rust/",
        Language::Rhai => "rhai/",
        Language::Javascript | Language::Python => bail!(
            "there is no template for this language: its compilers make components that import WASI (clocks, files, \
             standard output), and this engine gives plugins none of it, so what they make would be refused at \
             installation. Use --lang rust or --lang rhai"
        ),
    };
    ensure!(
        !folder.exists(),
        "{} is there already; choose another name, or remove it",
        folder.display()
    );
    let files = files(name, template)?;
    for (path, bytes) in &files {
        let place = folder.join(path);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        }
        fs::write(&place, bytes).with_context(|| place.display().to_string())?;
    }
    match json {
        true => {
            let paths: Vec<&PathBuf> = files.iter().map(|(path, _)| path).collect();
            output::json(&json!({ "id": name, "folder": folder, "files": paths }))?;
        }
        false => {
            output::line(&format!("{} is there. Next:", folder.display()))?;
            output::line(&format!("  cd {}", folder.display()))?;
            output::line("  sagsgang plugin test")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The files of a new plugin, with its names filled in.
fn files(id: &str, template: &str) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let action = id.rsplit('.').next().unwrap_or(id);
    let function = action.replace('-', "_");
    ensure!(
        action.starts_with(|first: char| first.is_ascii_lowercase())
            && !RESERVED.contains(&function.as_str()),
        "{action:?} cannot be the name of a function; its name begins with a letter and is no word of the language"
    );
    let mut title = action.replace('-', " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let filled = |text: &str| {
        text.replace("{{id}}", id)
            .replace("{{action}}", action)
            .replace("{{function}}", &function)
            .replace("{{title}}", &title)
    };
    let mut files = Vec::new();
    for name in Templates::iter().filter(|name| name.starts_with(template)) {
        let file = Templates::get(&name).with_context(|| format!("the template {name} is gone"))?;
        let text = std::str::from_utf8(&file.data)?;
        let path = name[template.len()..].trim_end_matches(ENDING);
        files.push((PathBuf::from(path), filled(text).into_bytes()));
    }
    let manifest = files
        .iter()
        .find(|(path, _)| path == Path::new("plugin.toml"))
        .context("the template has no manifest")?;
    if let Err(problems) = Manifest::parse(&String::from_utf8_lossy(&manifest.1)) {
        bail!(
            "{}",
            problems
                .first()
                .map(ToString::to_string)
                .unwrap_or_default()
        );
    }
    if template.starts_with("rust") {
        files.extend(SDK_FILES.map(|(path, text)| (path.into(), text.as_bytes().to_vec())));
        files.extend(embedded::<Sdk>("sdk/rust/src"));
        files.extend(embedded::<Macros>("sdk/rust/macros/src"));
        files.extend(embedded::<Wit>("sdk/wit"));
    }
    Ok(files)
}

fn embedded<E: RustEmbed>(folder: &'static str) -> impl Iterator<Item = (PathBuf, Vec<u8>)> {
    E::iter().filter_map(move |name: Cow<'static, str>| {
        let file = E::get(&name)?;
        Some((
            Path::new(folder).join(name.as_ref()),
            file.data.into_owned(),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_plugin_has_its_names_everywhere() {
        for template in ["rust/", "rhai/"] {
            let files = files("dk.example.say-hello", template).unwrap();
            let text = |name: &str| {
                let found = files.iter().find(|(path, _)| path == Path::new(name));
                String::from_utf8(found.unwrap_or_else(|| panic!("{name}")).1.clone()).unwrap()
            };
            let manifest = Manifest::parse(&text("plugin.toml")).unwrap();
            assert_eq!(manifest.id, "dk.example.say-hello");
            assert_eq!(manifest.actions[0].name, "say-hello");
            assert_eq!(manifest.title("da"), "Say hello");
            for (path, bytes) in files.iter().filter(|(path, _)| !path.starts_with("sdk")) {
                let text = String::from_utf8_lossy(bytes);
                assert!(!text.contains("{{"), "{}", path.display());
            }
        }
        let rust = files("greet", "rust/").unwrap();
        for needed in [
            "sdk/rust/Cargo.toml",
            "sdk/rust/src/lib.rs",
            "sdk/rust/macros/src/lib.rs",
            "sdk/wit/v1/action.wit",
        ] {
            assert!(
                rust.iter().any(|(path, _)| path == Path::new(needed)),
                "{needed}"
            );
        }
    }

    #[test]
    fn a_name_that_cannot_be_used_is_refused() {
        for name in ["Greet", "", "1st", "match", "a b", "../up", "x."] {
            assert!(files(name, "rhai/").is_err(), "{name}");
        }
    }
}
