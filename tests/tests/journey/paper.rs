//! What stands on printed paper.

use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Everything that a scanner reads on the pages of a PDF at 300 dots to the inch.
pub(super) fn read_barcodes(pdf: &[u8]) -> Result<BTreeSet<String>> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("labels.pdf"), pdf)?;
    run(
        "pdftoppm",
        &["-r", "300", "-png", "labels.pdf", "page"],
        folder.path(),
    )?;
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder.path())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        pages.extend(Some(name).filter(|name| name.ends_with(".png")));
    }
    let mut arguments = vec!["--raw", "--quiet"];
    arguments.extend(pages.iter().map(String::as_str));
    let read = run("zbarimg", &arguments, folder.path())?;
    Ok(read.lines().map(str::to_owned).collect())
}

/// The words of a PDF, with single spaces.
pub(super) fn read_text(pdf: &[u8]) -> Result<String> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("case.pdf"), pdf)?;
    let text = run("pdftotext", &["-layout", "case.pdf", "-"], folder.path())?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output();
    let output = output
        .with_context(|| format!("{program} is needed (Debian: poppler-utils, zbar-tools)"))?;
    let complaints = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{program}: {}\n{complaints}",
        output.status
    );
    Ok(String::from_utf8(output.stdout)?)
}
