//! The languages have the same texts, every text is used, and templates hold no text of their own.

use super::*;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|one| one == ending) {
            found.push(path);
        }
    }
    found
}

/// Keys with their variables, of all files of a language.
fn texts(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
    let key = Regex::new(r"(?m)^([a-z][a-z0-9-]*) =").unwrap();
    let variable = Regex::new(r"\$([a-z]+)").unwrap();
    let mut texts = BTreeMap::new();
    for file in files(&folder("locales").join(locale.tag()), "ftl") {
        let source = fs::read_to_string(&file).unwrap();
        let starts: Vec<_> = key
            .captures_iter(&source)
            .map(|found| (found.get(0).unwrap().start(), found[1].to_owned()))
            .collect();
        let ends = starts
            .iter()
            .skip(1)
            .map(|(start, _)| *start)
            .chain([source.len()]);
        for ((start, name), end) in starts.iter().zip(ends) {
            let variables = variable
                .captures_iter(&source[*start..end])
                .map(|found| found[1].to_owned())
                .collect();
            assert!(
                texts.insert(name.clone(), variables).is_none(),
                "{name} stands twice"
            );
        }
    }
    texts
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut paths = files(&folder("templates"), "html");
    paths.extend(
        files(&folder("src"), "rs")
            .into_iter()
            .filter(|path| !path.ends_with("tests.rs")),
    );
    paths
        .into_iter()
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn both_languages_have_the_same_texts_with_the_same_variables() {
    assert_eq!(texts(Locale::Danish), texts(Locale::English));
}

#[test]
fn every_file_of_a_language_is_part_of_its_bundle() {
    for locale in Locale::ALL {
        for key in texts(locale).keys() {
            assert!(
                locale.bundle().get_message(key).is_some(),
                "{key} is in a file that is not read"
            );
        }
    }
}

#[test]
fn every_text_is_used() {
    let sources: String = sources().into_iter().map(|(_, source)| source).collect();
    let unused: Vec<_> = texts(Locale::Danish)
        .into_keys()
        .filter(|key| !sources.contains(&format!("\"{key}\"")))
        .collect();
    assert_eq!(unused, Vec::<String>::new());
}

#[test]
fn every_text_that_a_template_asks_for_exists() {
    let texts = texts(Locale::Danish);
    let call = Regex::new(r#"\.(?:text|with|count|rich)\(\s*"([^"]+)"([^)]*)"#).unwrap();
    for (path, source) in sources() {
        for found in call.captures_iter(&source) {
            let variables = texts
                .get(&found[1])
                .unwrap_or_else(|| panic!("{path:?} asks for {:?}", &found[1]));
            let takes = found[0].starts_with(".text");
            assert!(
                !takes || variables.is_empty(),
                "{path:?}: {:?} needs {variables:?}",
                &found[1]
            );
        }
    }
}

#[test]
fn locale_files_hold_no_html_but_bold_words() {
    for file in Locale::ALL
        .iter()
        .flat_map(|locale| files(&folder("locales").join(locale.tag()), "ftl"))
    {
        let plain = fs::read_to_string(&file)
            .unwrap()
            .replace("<b>", "")
            .replace("</b>", "");
        assert!(!plain.contains('<') && !plain.contains("&lt;"), "{file:?}");
    }
}

#[test]
fn no_template_holds_a_text_of_its_own() {
    let tags = Regex::new(r"(?s)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<[^>]*>").unwrap();
    // Names of keys are the same in every language.
    let keys = ["Enter", "Esc", "K", "j", "k", "x"];
    // Calls hold quotes inside attributes; without them an attribute ends where its value ends.
    let calls = Regex::new(r"(?s)\{\{.*?\}\}|\{%.*?%\}").unwrap();
    // The one file that holds attributes only.
    let attributes = |path: &PathBuf| path.ends_with("part/field_state.html");
    for path in files(&folder("templates"), "html")
        .into_iter()
        .filter(|path| !attributes(path))
    {
        let source = fs::read_to_string(&path).unwrap();
        let without_calls = calls.replace_all(&source, "");
        let text = tags.replace_all(&without_calls, " ");
        let words = text
            .split_whitespace()
            .filter(|word| word.chars().any(char::is_alphabetic) && !keys.contains(word));
        assert_eq!(words.collect::<Vec<_>>(), Vec::<&str>::new(), "{path:?}");
    }
}

#[test]
fn no_template_holds_script_style_or_handlers() {
    let forbidden =
        Regex::new(r#"(?i)\son[a-z]+=|\sstyle=|<style|hx-on|"js:|javascript:|<script>"#).unwrap();
    for path in files(&folder("templates"), "html") {
        let source = fs::read_to_string(&path).unwrap();
        assert!(
            !forbidden.is_match(&source),
            "{path:?} holds {:?}",
            forbidden
                .find(&source)
                .map(|found| found.as_str().to_owned())
        );
    }
}

#[test]
fn numbers_are_grouped_as_the_language_does() {
    assert_eq!(
        Locale::Danish.count("cases-on-page", 1_284_u64),
        "1.284 sager på siden"
    );
    assert_eq!(
        Locale::English.count("cases-on-page", 1_u64),
        "1 case on this page"
    );
    assert_eq!(thousands(12, '.'), "12");
    assert_eq!(thousands(1_234_567, '.'), "1.234.567");
}
