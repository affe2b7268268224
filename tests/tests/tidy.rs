//! The rules of the house, over the real tree. Each rule's own tests, with bad examples, stand beside it in
//! `tests/src/tidy/`.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use sagsgang_tests::repository::Repository;
use sagsgang_tests::tidy::links::Targets;
use sagsgang_tests::tidy::{Problem, book, dependencies, manifests, report, sources, tree};

/// Fails with all problems at once.
fn none(problems: Vec<Problem>) -> Result<()> {
    match report(&problems) {
        None => Ok(()),
        Some(lines) => anyhow::bail!("\n{lines}"),
    }
}

#[test]
fn crates_use_each_other_as_the_architecture_says() -> Result<()> {
    let repository = Repository::open()?;
    let architecture = repository
        .text("ARCHITECTURE.md")?
        .context("ARCHITECTURE.md is text")?;
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        // One platform: crates that only others need are not on this machine.
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(repository.root())
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata = serde_json::from_slice(&output.stdout)?;
    let rules = dependencies::rules(&architecture)?;
    none(dependencies::Resolved::from_metadata(&metadata)?.check(&rules))
}

#[test]
fn every_file_lies_where_it_belongs() -> Result<()> {
    none(tree::check(Repository::open()?.files()))
}

#[test]
fn every_manifest_takes_part_in_the_shared_rules() -> Result<()> {
    let repository = Repository::open()?;
    let mut problems = Vec::new();
    for path in repository
        .files()
        .filter(|path| path.ends_with("Cargo.toml"))
    {
        let text = repository.text(path)?.context("a manifest is text")?;
        problems.extend(manifests::check(path, &text));
    }
    none(problems)
}

#[test]
fn our_files_are_short_and_finished() -> Result<()> {
    let repository = Repository::open()?;
    let mut problems = Vec::new();
    for path in repository.files().filter(|path| sources::is_ours(path)) {
        if let Some(text) = repository.text(path)? {
            problems.extend(sources::check(path, &text));
        }
    }
    none(problems)
}

#[test]
fn every_link_leads_somewhere() -> Result<()> {
    let repository = Repository::open()?;
    let mut targets = Targets::default();
    let mut pages = Vec::new();
    for path in repository.files() {
        let is_page = path.ends_with(".md") && sources::is_ours(path);
        let text = if is_page {
            repository.text(path)?.unwrap_or_default()
        } else {
            String::new()
        };
        targets.add(path, &text);
        if is_page {
            pages.push((path, text));
        }
    }
    none(
        pages
            .iter()
            .flat_map(|(path, text)| targets.check(path, text))
            .collect(),
    )
}

#[test]
fn the_book_names_every_page_once() -> Result<()> {
    let repository = Repository::open()?;
    let summary = repository
        .text(book::SUMMARY)?
        .context("the table of contents is text")?;
    none(book::check(repository.files(), &summary))
}
