//! Plugins in Python, built by a compiler that pip fetches into a virtual environment.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest Python that the compiler runs on.
const OLDEST: (u32, u32) = (3, 11);
const NAMES: [&str; 2] = ["python3", "python"];
/// What the plugin is built with, and the package for authors beside it.
const REQUIREMENTS: &str = "requirements.txt";
const COMPILER: &str = "import componentize_py, sys; sys.exit(sys.version_info < (3, 11))";

pub(super) fn build(folder: &Path) -> Result<PathBuf> {
    let folder = &std::path::absolute(folder).with_context(|| folder.display().to_string())?;
    let python = compiler(folder)?;
    super::call(
        Command::new(python)
            .args(["-m", "sagsgang_plugin.build", "."])
            .env("PYTHONPATH", sdk(folder)?)
            .env("PYTHONDONTWRITEBYTECODE", "1"),
        folder,
        "the plugin does not build; see above",
    )?;
    Ok(folder.join("plugin.wasm"))
}

/// The folder with the package for authors: in the plugin's folder, or where the repository has it.
fn sdk(folder: &Path) -> Result<PathBuf> {
    let own = folder.join("sdk/python");
    let places = std::iter::once(own).chain(
        folder
            .ancestors()
            .skip(1)
            .map(|above| above.join("sdk/python")),
    );
    places
        .into_iter()
        .find(|place| place.join("sagsgang_plugin").is_dir())
        .with_context(|| {
            format!(
                "{} has no sdk/python; `sagsgang plugin new --lang python` puts it there",
                folder.display()
            )
        })
}

/// A Python that has the compiler: of the environment in use, or of the plugin's own, which is made where it is missing.
fn compiler(folder: &Path) -> Result<PathBuf> {
    let own = interpreter(&folder.join(".venv"));
    #[expect(
        clippy::disallowed_methods,
        reason = "the variable is Python's own, set by an activated environment"
    )]
    let in_use = std::env::var_os("VIRTUAL_ENV").map(|place| interpreter(Path::new(&place)));
    if let Some(found) = in_use
        .into_iter()
        .chain([own.clone()])
        .find(|python| has_compiler(python))
    {
        return Ok(found);
    }
    let Some(python) = NAMES.into_iter().find(|name| {
        super::version_of(
            name,
            &[
                "-c",
                "import sys; print(*sys.version_info[:2], sep='.', end='.')",
            ],
        )
        .is_some_and(|version| version >= OLDEST)
    }) else {
        bail!(
            "Python is missing. Install Python {}.{} or newer (https://www.python.org; on Debian: apt-get install python3 \
             python3-venv), and run this again",
            OLDEST.0,
            OLDEST.1
        );
    };
    super::call(
        Command::new(python).args(["-m", "venv", ".venv"]),
        folder,
        "no virtual environment could be made; on Debian: apt-get install python3-venv",
    )?;
    super::call(
        Command::new(&own)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--require-hashes",
                "-r",
            ])
            .arg(sdk(folder)?.join(REQUIREMENTS)),
        folder,
        "pip could not fetch the compiler; it needs the Python package index, or a mirror of it in PIP_INDEX_URL",
    )?;
    Ok(own)
}

fn interpreter(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    })
}

fn has_compiler(python: &Path) -> bool {
    let asked = Command::new(python).args(["-c", COMPILER]).output();
    asked.is_ok_and(|asked| asked.status.success())
}
