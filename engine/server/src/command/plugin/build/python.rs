//! Plugins in Python, built by a compiler that pip fetches into a virtual environment.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest Python that the compiler runs on.
const OLDEST: (u32, u32) = (3, 11);
const NAMES: [&str; 2] = ["python3", "python"];
/// What the plugin is built with, and the package for authors beside it.
const REQUIREMENTS: &str = "requirements.txt";
const COMPILER: &str = "componentize-py";
const WHICH: &str =
    "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))";

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

/// A Python that has the compiler in the version that is pinned: of the environment in use, or of the plugin's own, which is
/// made where it is missing, and brought up to date where it is older.
fn compiler(folder: &Path) -> Result<PathBuf> {
    let own = interpreter(&folder.join(".venv"));
    let requirements = sdk(folder)?.join(REQUIREMENTS);
    let wanted = pinned(&requirements)?;
    #[expect(
        clippy::disallowed_methods,
        reason = "the variable is Python's own, set by an activated environment"
    )]
    let in_use = std::env::var_os("VIRTUAL_ENV").map(|place| interpreter(Path::new(&place)));
    if let Some(found) = in_use
        .into_iter()
        .chain([own.clone()])
        .find(|python| is_new_enough(python) && has_compiler(python, &wanted))
    {
        return Ok(found);
    }
    let Some(python) = NAMES.into_iter().find(is_new_enough) else {
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
            .arg(requirements),
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

fn is_new_enough(python: &impl AsRef<OsStr>) -> bool {
    super::version_of(python, &["--version"]).is_some_and(|version| version >= OLDEST)
}

/// The version of the compiler that a file of requirements names.
fn pinned(requirements: &Path) -> Result<String> {
    let place = || requirements.display().to_string();
    let text = fs::read_to_string(requirements).with_context(place)?;
    let version = text.lines().find_map(|line| {
        let (name, rest) = line.split_once("==")?;
        (name.trim() == COMPILER).then(|| rest.split_whitespace().next())?
    });
    version.map(str::to_owned).with_context(|| {
        format!(
            "{} pins no version of {COMPILER}; `sagsgang plugin new --lang python` writes one that does",
            place()
        )
    })
}

fn has_compiler(python: &Path, wanted: &str) -> bool {
    let asked = Command::new(python).args(["-c", WHICH, COMPILER]).output();
    asked.is_ok_and(|asked| {
        asked.status.success() && String::from_utf8_lossy(&asked.stdout).trim() == wanted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_version_is_that_of_the_requirements() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(REQUIREMENTS);
        fs::write(
            &path,
            "# componentize-py\nother==1.0\ncomponentize-py==0.25.1 \\\n  --hash=x\n",
        )
        .unwrap();
        assert_eq!(pinned(&path).unwrap(), "0.25.1");
        fs::write(&path, "componentize-py\n").unwrap();
        assert!(format!("{:#}", pinned(&path).unwrap_err()).contains("pins no version"));
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/python/requirements.txt");
        assert!(pinned(&own).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_compiler_of_another_version_is_not_the_one_that_is_wanted() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let python = folder.path().join("python");
        let answering = |version: &str, compiler: &str| {
            let text = format!(
                "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'Python {version}'; else {compiler}; fi\n"
            );
            // Renamed into its place: a file that is open for writing cannot be run.
            let part = folder.path().join("part");
            fs::write(&part, text).unwrap();
            fs::set_permissions(&part, fs::Permissions::from_mode(0o755)).unwrap();
            fs::rename(&part, &python).unwrap();
            (is_new_enough(&python), has_compiler(&python, "0.25.1"))
        };
        assert_eq!(answering("3.11.2", "echo 0.25.1"), (true, true));
        assert_eq!(answering("3.13.0rc1", "echo 0.24.0"), (true, false));
        assert_eq!(answering("3.9.18", "echo 0.25.1"), (false, true));
        assert_eq!(answering("3.12.1", "echo 0.25.1; exit 1"), (true, false));
    }
}
