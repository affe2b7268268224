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
/// Words that no function can be called in each of the languages.
const RUST_WORDS: &str = "as async await become box break const continue crate do dyn else enum extern false final fn for gen \
    if impl in let loop macro match mod move mut override priv pub ref return self static struct super \
    trait true try type typeof unsafe unsized use virtual where while yield";
const RHAI_WORDS: &str = "as async await break call case catch const continue curry debug default do each else eval exit \
    export extern false fn for global go goto if import in let loop match module new nil null package \
    print private protected public return shared spawn static super switch sync then this thread throw \
    true try type_of until use var void while with yield";
const JAVASCRIPT_WORDS: &str = "arguments await break case catch class const continue debugger default delete do else enum eval \
    export extends false finally for function if implements import in instanceof interface let new null \
    package private protected public return static super switch this throw true try typeof var void \
    while with yield";
const PYTHON_WORDS: &str = "and as assert async await break class continue def del elif else except finally for from global if \
    import in is lambda nonlocal not or pass raise return try while with yield";

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

/// The crate that plays recorded calls in tests.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../sdk/testing/src"]
struct Testing;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../sdk/wit"]
struct Wit;

/// The package for plugin authors in JavaScript.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../sdk/javascript/src"]
struct JavaScript;

/// The package for plugin authors in Python.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../sdk/python/sagsgang_plugin"]
struct Python;

/// A file of the repository, under its path there.
macro_rules! own_file {
    ($path:literal) => {
        ($path, include_str!(concat!("../../../../../", $path)))
    };
}

/// What else belongs to the packages for plugin authors.
const RUST_FILES: [(&str, &str); 3] = [
    own_file!("sdk/rust/Cargo.toml"),
    own_file!("sdk/rust/macros/Cargo.toml"),
    own_file!("sdk/testing/Cargo.toml"),
];
const JAVASCRIPT_FILES: [(&str, &str); 7] = [
    own_file!("sdk/javascript/build.js"),
    own_file!("sdk/javascript/index.d.ts"),
    own_file!("sdk/javascript/index.js"),
    own_file!("sdk/javascript/package-lock.json"),
    own_file!("sdk/javascript/package.json"),
    own_file!("sdk/javascript/testing.d.ts"),
    own_file!("sdk/javascript/testing.js"),
];
const PYTHON_FILES: [(&str, &str); 1] = [own_file!("sdk/python/requirements.txt")];

pub(super) fn run(name: &str, language: Language, json: bool) -> Result<ExitCode> {
    let folder = Path::new(name);
    let template = match language {
        Language::Rust => "rust/",
        Language::Rhai => "rhai/",
        Language::Javascript => "javascript/",
        Language::Python => "python/",
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
            if language != Language::Rhai {
                output::line("  sagsgang plugin build")?;
            }
            output::line("  sagsgang plugin test")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The files of a new plugin, with its names filled in.
fn files(id: &str, template: &str) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let action = id.rsplit('.').next().unwrap_or(id);
    let function = action.replace('-', "_");
    let words = match template {
        "rust/" => RUST_WORDS,
        "rhai/" => RHAI_WORDS,
        "javascript/" => JAVASCRIPT_WORDS,
        _ => PYTHON_WORDS,
    };
    ensure!(
        action.starts_with(|first: char| first.is_ascii_lowercase())
            && words.split(' ').all(|word| word != function),
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
            .replace("{{camel}}", &camel(action))
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
    match template {
        "rust/" => {
            files.extend(fixed(&RUST_FILES));
            files.extend(embedded::<Sdk>("sdk/rust/src"));
            files.extend(embedded::<Macros>("sdk/rust/macros/src"));
            files.extend(embedded::<Testing>("sdk/testing/src"));
        }
        "javascript/" => {
            files.extend(fixed(&JAVASCRIPT_FILES));
            files.extend(embedded::<JavaScript>("sdk/javascript/src"));
        }
        "python/" => {
            files.extend(fixed(&PYTHON_FILES));
            let sources = embedded::<Python>("sdk/python/sagsgang_plugin");
            files.extend(
                sources.filter(|(path, _)| path.extension().is_some_and(|end| end == "py")),
            );
        }
        _ => return Ok(files),
    }
    files.extend(embedded::<Wit>("sdk/wit"));
    Ok(files)
}

/// `say-hello` as `sayHello`.
fn camel(action: &str) -> String {
    let mut words = action.split('-').filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

fn fixed(files: &[(&str, &str)]) -> impl Iterator<Item = (PathBuf, Vec<u8>)> {
    files
        .iter()
        .map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()))
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
        for template in ["rust/", "rhai/", "javascript/", "python/"] {
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
        for (template, needed) in [
            ("rust/", "sdk/rust/Cargo.toml"),
            ("rust/", "sdk/rust/src/lib.rs"),
            ("rust/", "sdk/rust/macros/src/lib.rs"),
            ("rust/", "sdk/testing/Cargo.toml"),
            ("rust/", "sdk/testing/src/lib.rs"),
            ("rust/", "sdk/wit/v1/action.wit"),
            ("javascript/", "package-lock.json"),
            ("javascript/", "sdk/javascript/build.js"),
            ("javascript/", "sdk/javascript/index.d.ts"),
            ("javascript/", "sdk/javascript/src/prelude.js"),
            ("javascript/", "sdk/wit/v1/action.wit"),
            ("python/", "sdk/python/requirements.txt"),
            ("python/", "sdk/python/sagsgang_plugin/build.py"),
            ("python/", "sdk/wit/v1/action.wit"),
        ] {
            let files = files("greet", template).unwrap();
            assert!(
                files.iter().any(|(path, _)| path == Path::new(needed)),
                "{needed}"
            );
        }
    }

    #[test]
    fn a_function_in_javascript_is_written_as_there() {
        assert_eq!(camel("say-hello"), "sayHello");
        assert_eq!(camel("greet"), "greet");
        assert_eq!(camel("route-2"), "route2");
    }

    #[test]
    fn a_name_that_cannot_be_used_is_refused() {
        for name in ["Greet", "", "1st", "match", "a b", "../up", "x."] {
            assert!(files(name, "rhai/").is_err(), "{name}");
        }
        for (template, word) in [
            ("rust/", "unsafe"),
            ("rust/", "where"),
            ("rhai/", "this"),
            ("javascript/", "extends"),
            ("javascript/", "implements"),
            ("python/", "lambda"),
        ] {
            assert!(files(word, template).is_err(), "{word}");
        }
        assert!(files("lambda", "rust/").is_ok());
    }
}
