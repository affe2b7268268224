//! Plugins in JavaScript or TypeScript, built by Node with the compiler that npm fetches.

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest Node that the compiler runs on.
const OLDEST: u32 = 18;
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

pub(super) fn build(folder: &Path) -> Result<PathBuf> {
    match super::version_of("node", &["--version"]) {
        Some((major, _)) if major >= OLDEST => {}
        Some((major, minor)) => bail!(
            "Node {OLDEST} or newer is needed to build plugins in JavaScript, and this is Node {major}.{minor}; install it \
             from https://nodejs.org or your system's packages"
        ),
        None => bail!(
            "Node is missing. Install Node {OLDEST} or newer with npm (https://nodejs.org; on Debian: apt-get install nodejs \
             npm), and run this again"
        ),
    }
    fetch(folder)?;
    // A worked example takes the package for authors from elsewhere in the repository; npm leaves what that needs to it.
    let package = folder.join("node_modules/sagsgang-plugin").canonicalize();
    if let (Ok(package), Ok(folder)) = (package, folder.canonicalize())
        && !package.starts_with(folder)
    {
        fetch(&package)?;
    }
    super::call(
        Command::new(NPM).args(["run", "--silent", "build"]),
        folder,
        "the plugin does not build; see above",
    )?;
    Ok(folder.join("plugin.wasm"))
}

/// Fetches what a package needs, unless it is there.
fn fetch(folder: &Path) -> Result<()> {
    if is_fetched(folder) {
        return Ok(());
    }
    // Exactly what the lock file names, where there is one.
    let word = match folder.join("package-lock.json").is_file() {
        true => "ci",
        false => "install",
    };
    super::call(
        Command::new(NPM).args([word, "--no-audit", "--no-fund"]),
        folder,
        "npm could not fetch what package.json names; it needs the npm registry, or a mirror of it in .npmrc",
    )
}

/// Whether npm has fetched what the lock file names: it leaves a list of its own when it is done.
fn is_fetched(folder: &Path) -> bool {
    let written = |name: &str| {
        folder
            .join(name)
            .metadata()
            .and_then(|file| file.modified())
    };
    match (
        written("node_modules/.package-lock.json"),
        written("package-lock.json"),
    ) {
        (Ok(done), Ok(wanted)) => done >= wanted,
        (done, _) => done.is_ok(),
    }
}
