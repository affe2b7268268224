//! What is derived from the sources stands in the tree as it would be derived now. `make generate` writes it again.

use std::collections::BTreeMap;
use std::{env, fs};

use anyhow::{Result, bail};
use sagsgang_definition::{Severity, Workflow, codes};
use sagsgang_tests::error_pages::{self, Code};
use sagsgang_tests::interface_pages;
use sagsgang_tests::repository::Repository;
use sagsgang_tests::tidy::{Problem, report};

#[expect(
    clippy::disallowed_methods,
    reason = "to check or to write is the caller's choice, made outside of the test"
)]
fn writes() -> bool {
    env::var_os("UPDATE_GENERATED").is_some()
}

fn table() -> Vec<Code<'static>> {
    let row = |code: &&'static codes::Code| Code {
        name: code.name,
        is_error: code.severity == Severity::Error,
        meaning: code.meaning,
    };
    codes::ALL.iter().map(row).collect()
}

/// The pages there are, by path.
fn pages(repository: &Repository) -> Result<BTreeMap<String, String>> {
    let mut pages = BTreeMap::new();
    for path in repository.files() {
        let is_page = path.starts_with(error_pages::FOLDER) && !path.ends_with("/README.md");
        if is_page && let Some(text) = repository.text(path)? {
            pages.insert(path.to_owned(), text);
        }
    }
    Ok(pages)
}

fn none(problems: &[Problem]) -> Result<()> {
    match report(problems) {
        None => Ok(()),
        Some(lines) => bail!("\n{lines}"),
    }
}

#[test]
fn every_diagnostic_code_has_its_page_and_every_page_its_code() -> Result<()> {
    let repository = Repository::open()?;
    let codes = table();
    let mut pages = pages(&repository)?;
    if writes() {
        for code in &codes {
            let page = code.page(pages.get(&code.path()).map_or("", String::as_str));
            fs::write(repository.root().join(code.path()), &page)?;
            pages.insert(code.path(), page);
        }
    }
    none(&error_pages::check(&codes, &pages))
}

#[test]
fn the_page_of_the_interface_says_what_its_files_say() -> Result<()> {
    let repository = Repository::open()?;
    let mut texts = Vec::new();
    for path in repository.files() {
        let name = path.strip_prefix(interface_pages::FOLDER);
        let name = name.and_then(|name| name.trim_start_matches('/').strip_suffix(".wit"));
        if let (Some(name), Some(text)) = (name, repository.text(path)?) {
            texts.push((name.to_owned(), text));
        }
    }
    let page = interface_pages::page(&texts).map_err(anyhow::Error::msg)?;
    let place = repository.root().join(interface_pages::PAGE);
    if writes() {
        fs::write(&place, &page)?;
    }
    let found = fs::read_to_string(&place).unwrap_or_default();
    anyhow::ensure!(
        found == page,
        "{} is not what the interface says; write it again with `make generate`",
        interface_pages::PAGE
    );
    Ok(())
}

#[test]
fn every_workflow_shown_on_a_page_has_the_finding_of_that_page() -> Result<()> {
    let repository = Repository::open()?;
    let pages = pages(&repository)?;
    let mut problems = Vec::new();
    for code in table() {
        let Some(example) = pages
            .get(&code.path())
            .and_then(|page| error_pages::workflow_example(page))
        else {
            continue;
        };
        let found = Workflow::publishable("example.yaml", example).diagnostics;
        let names: Vec<&str> = found.iter().map(|diagnostic| diagnostic.code).collect();
        if names.is_empty() || names.iter().any(|name| *name != code.name) {
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            problems.push(Problem::new(
                code.path(),
                format!("the example has other findings: {}", found.join("; ")),
            ));
        }
    }
    none(&problems)
}

#[test]
fn the_book_shows_every_diagnostic_code() -> Result<()> {
    let repository = Repository::open()?;
    let chapter = error_pages::chapter(&table());
    if writes() {
        fs::write(repository.root().join(error_pages::CHAPTER), &chapter)?;
    }
    let stands = repository.text(error_pages::CHAPTER)?;
    assert_eq!(
        stands.as_deref(),
        Some(chapter.as_str()),
        "run `make generate`"
    );
    Ok(())
}
