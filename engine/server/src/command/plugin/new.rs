//! `sagsgang plugin new`: a folder that builds and passes its tests.

use crate::cli::{Kind, Language};
use crate::output;
use anyhow::{Context, Result, bail, ensure};
use rust_embed::RustEmbed;
use sagsgang_host::Manifest;
use serde_json::json;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How the names of templates end, so that no tool takes them for what they become.
const ENDING: &str = ".in";
/// Words that no function can be called in each of the languages; in the last two, what a new plugin imports is among them.
const RUST_WORDS: &str = "as async await become box break const continue crate do dyn else enum extern false final fn for gen \
    if impl in let loop macro match mod move mut override priv pub ref return self static struct super \
    trait true try type typeof unsafe unsized use virtual where while yield";
const RHAI_WORDS: &str = "as async await break call case catch const continue curry debug default do each else eval exit \
    export extern false fn for global go goto if import in let loop match module new nil null package \
    print private protected public return shared spawn static super switch sync then this thread throw \
    true try type_of until use var void while with yield";
const JAVASCRIPT_WORDS: &str = "arguments await break case catch class commands const context continue debugger default delete do else enum eval \
    export extends false finally for function http if implements import in instanceof interface let new null \
    package private protected public return static super switch this throw true try typeof var void \
    while with yield";
const PYTHON_WORDS: &str = "and as assert async await break class commands context continue def del elif else except finally for from global http if \
    import in is json lambda nonlocal not or pass raise return try while with yield";

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

pub(super) fn run(name: &str, language: Language, kind: Kind, json: bool) -> Result<ExitCode> {
    let folder = Path::new(name);
    ensure!(
        !folder.exists(),
        "{} is there already; choose another name, or remove it",
        folder.display()
    );
    let files = files(name, language, kind)?;
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
fn files(id: &str, language: Language, kind: Kind) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let template = match language {
        Language::Rust => "rust/",
        Language::Rhai => "rhai/",
        Language::Javascript => "javascript/",
        Language::Python => "python/",
    };
    let action = id.rsplit('.').next().unwrap_or(id);
    let function = action.replace('-', "_");
    let words = match language {
        Language::Rust => RUST_WORDS,
        Language::Rhai => RHAI_WORDS,
        Language::Javascript => JAVASCRIPT_WORDS,
        Language::Python => PYTHON_WORDS,
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
    let wording = wording(language, kind);
    let filled = |text: &str| {
        let text = wording.iter().fold(text.to_owned(), |text, (mark, words)| {
            text.replace(mark, words)
        });
        text.replace("{{id}}", id)
            .replace("{{action}}", action)
            .replace("{{function}}", &function)
            .replace("{{camel}}", &camel(action))
            .replace("{{type}}", &type_name(action, kind))
            .replace("{{title}}", &title)
    };
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for (path, name) in templates(template, kind) {
        let file = Templates::get(&name).with_context(|| format!("the template {name} is gone"))?;
        let text = std::str::from_utf8(&file.data)?;
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
    match language {
        Language::Rust => {
            files.extend(fixed(&RUST_FILES));
            files.extend(embedded::<Sdk>("sdk/rust/src"));
            files.extend(embedded::<Macros>("sdk/rust/macros/src"));
            files.extend(embedded::<Testing>("sdk/testing/src"));
        }
        Language::Javascript => {
            files.extend(fixed(&JAVASCRIPT_FILES));
            files.extend(embedded::<JavaScript>("sdk/javascript/src"));
        }
        Language::Python => {
            files.extend(fixed(&PYTHON_FILES));
            let sources = embedded::<Python>("sdk/python/sagsgang_plugin");
            files.extend(
                sources.filter(|(path, _)| path.extension().is_some_and(|end| end == "py")),
            );
        }
        Language::Rhai => return Ok(files),
    }
    files.extend(embedded::<Wit>("sdk/wit"));
    Ok(files)
}

/// The templates of a kind by the path that each becomes: those of the language, and in their place or beside them those of
/// the kind. What only an action has is left out for the others.
fn templates(language: &str, kind: Kind) -> BTreeMap<String, String> {
    let folder = match kind {
        Kind::Action => None,
        Kind::Panel => Some("kinds/panel/"),
        Kind::Channel => Some("kinds/channel/"),
        Kind::Provider => Some("kinds/provider/"),
    };
    let languages = ["rust/", "rhai/", "javascript/", "python/"];
    let under = |place: String| {
        Templates::iter().filter_map(move |name| {
            let path = name.strip_prefix(&place)?.trim_end_matches(ENDING);
            Some((path.to_owned(), name.into_owned()))
        })
    };
    let mut found: BTreeMap<String, String> = under(language.to_owned()).collect();
    if let Some(folder) = folder {
        found.retain(|path, _| !path.starts_with("schemas/") && !path.starts_with("calls/"));
        let common = under(folder.to_owned());
        found.extend(common.filter(|(path, _)| !languages.iter().any(|one| path.starts_with(one))));
        found.extend(under(format!("{folder}{language}")));
    }
    found
}

/// Words that differ by language and kind.
fn wording(language: Language, kind: Kind) -> [(&'static str, &'static str); 5] {
    let about = match kind {
        Kind::Action => "greets somebody and notes it in the case",
        Kind::Panel => "shows on the page of a case which containers it is about",
        Kind::Channel => "carries text messages through a carrier",
        Kind::Provider => "looks addresses up in a register while somebody types",
    };
    let each = match (kind, language) {
        (Kind::Action, Language::Rhai) => "one function for each action",
        (Kind::Action, _) => "one plain function for each action",
        (Kind::Panel, Language::Rust) => "one type for each panel, with the trait `Panel`",
        (Kind::Panel, _) => "one function for each panel",
        (Kind::Channel, Language::Rust) => "one type for each channel, with the trait `Channel`",
        (Kind::Channel, _) => {
            "two functions for each channel, one that delivers and one that receives"
        }
        (Kind::Provider, Language::Rust) => "one type for each provider, with the trait `Provider`",
        (Kind::Provider, _) => "one function for each provider",
    };
    let (schemas, schemars) = match kind {
        Kind::Action => (
            "- `schemas/` come from the types of the source.\n",
            "schemars = \"1\"\n",
        ),
        _ => ("", ""),
    };
    let limits = match language {
        Language::Python => {
            "\n# The interpreter needs more room than other plugins.\n[limits]\nmemory = \"64 MiB\"\n"
        }
        _ => "",
    };
    [
        ("{{about}}", about),
        ("{{each}}", each),
        ("{{schemas}}", schemas),
        ("{{schemars}}", schemars),
        ("{{limits}}", limits),
    ]
}

/// The panel `say-hello` as `SayHelloPanel`, which no name of the package for plugin authors is.
fn type_name(offer: &str, kind: Kind) -> String {
    let mut name = format!("{}{kind:?}", camel(offer));
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name
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

    const LANGUAGES: [Language; 4] = [
        Language::Rust,
        Language::Rhai,
        Language::Javascript,
        Language::Python,
    ];
    const KINDS: [Kind; 4] = [Kind::Action, Kind::Panel, Kind::Channel, Kind::Provider];

    #[test]
    fn a_new_plugin_has_its_names_everywhere() {
        let all = LANGUAGES
            .into_iter()
            .flat_map(|language| KINDS.into_iter().map(move |kind| (language, kind)));
        for (language, kind) in all {
            let files = files("dk.example.say-hello", language, kind).unwrap();
            let text = |name: &str| {
                let found = files.iter().find(|(path, _)| path == Path::new(name));
                String::from_utf8(found.unwrap_or_else(|| panic!("{name}")).1.clone()).unwrap()
            };
            let manifest = Manifest::parse(&text("plugin.toml")).unwrap();
            assert_eq!(manifest.id, "dk.example.say-hello");
            let offers: Vec<_> = manifest
                .offers()
                .iter()
                .map(|offer| format!("{:?} {}", kind, offer.name()).to_lowercase())
                .collect();
            let kind_name = manifest.offers()[0].kind();
            assert_eq!(offers, [format!("{kind_name} say-hello")], "{language:?}");
            assert_eq!(manifest.title("da"), "Say hello");
            let (mut calls, mut tests) = (0, 0);
            for (path, bytes) in files.iter().filter(|(path, _)| !path.starts_with("sdk")) {
                let text = String::from_utf8_lossy(bytes);
                assert!(
                    !text.contains("{{"),
                    "{language:?} {kind:?} {}",
                    path.display()
                );
                calls += usize::from(path.starts_with("calls"));
                tests += usize::from(text.contains("testing"));
                let is_schema = path.ends_with("schemas/output.json");
                assert!(kind == Kind::Action || !is_schema, "{kind:?}");
            }
            assert!(calls >= 2, "{language:?} {kind:?}: {calls}");
            assert_eq!(
                tests > 0,
                language != Language::Rhai,
                "{language:?} {kind:?}"
            );
        }
    }

    #[test]
    fn a_new_plugin_brings_what_it_is_built_with() {
        for (language, needed) in [
            (Language::Rust, "sdk/rust/Cargo.toml"),
            (Language::Rust, "sdk/rust/src/lib.rs"),
            (Language::Rust, "sdk/rust/macros/src/lib.rs"),
            (Language::Rust, "sdk/testing/Cargo.toml"),
            (Language::Rust, "sdk/testing/src/lib.rs"),
            (Language::Rust, "sdk/wit/v1/action.wit"),
            (Language::Javascript, "package-lock.json"),
            (Language::Javascript, "sdk/javascript/build.js"),
            (Language::Javascript, "sdk/javascript/index.d.ts"),
            (Language::Javascript, "sdk/javascript/src/prelude.js"),
            (Language::Javascript, "sdk/wit/v1/action.wit"),
            (Language::Python, "sdk/python/requirements.txt"),
            (Language::Python, "sdk/python/sagsgang_plugin/build.py"),
            (Language::Python, "sdk/wit/v1/action.wit"),
        ] {
            for kind in KINDS {
                let files = files("greet", language, kind).unwrap();
                assert!(
                    files.iter().any(|(path, _)| path == Path::new(needed)),
                    "{needed}"
                );
            }
        }
    }

    #[test]
    fn a_function_in_javascript_is_written_as_there() {
        assert_eq!(camel("say-hello"), "sayHello");
        assert_eq!(camel("greet"), "greet");
        assert_eq!(type_name("say-hello", Kind::Panel), "SayHelloPanel");
        assert_eq!(camel("route-2"), "route2");
    }

    #[test]
    fn a_name_that_cannot_be_used_is_refused() {
        for name in ["Greet", "", "1st", "match", "a b", "../up", "x."] {
            assert!(files(name, Language::Rhai, Kind::Action).is_err(), "{name}");
        }
        for (language, word) in [
            (Language::Rust, "unsafe"),
            (Language::Rust, "where"),
            (Language::Rhai, "this"),
            (Language::Javascript, "extends"),
            (Language::Javascript, "implements"),
            (Language::Python, "lambda"),
            (Language::Python, "context"),
            (Language::Javascript, "http"),
        ] {
            assert!(files(word, language, Kind::Action).is_err(), "{word}");
        }
        assert!(files("lambda", Language::Rust, Kind::Action).is_ok());
    }
}
