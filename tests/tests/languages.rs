//! Plugins in Rust, JavaScript and Python: the packages for their authors, the worked examples, and mistakes that are told in words.

use anyhow::{Context, Result, ensure};
use sagsgang_tests::interpreters::python;
use sagsgang_tests::repository::Repository;
use sagsgang_tests::server::binary;
use std::path::{Path, PathBuf};
use std::process::Command;

fn place(path: &str) -> Result<PathBuf> {
    Ok(Repository::open()?.root().join(path))
}

/// Runs a command in a folder; whether it succeeded, and what it printed.
fn run(command: &mut Command, folder: &Path) -> Result<(bool, String)> {
    let output = command
        .current_dir(folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()?;
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    Ok((output.status.success(), printed))
}

fn sagsgang(folder: &Path, arguments: &[&str]) -> Result<(bool, String)> {
    let mut command = Command::new(binary()?);
    run(
        command.args(arguments).env("VIRTUAL_ENV", python()?),
        folder,
    )
}

fn works(outcome: (bool, String)) -> Result<String> {
    let (succeeded, printed) = outcome;
    ensure!(succeeded, "{printed}");
    Ok(printed)
}

#[test]
fn the_package_for_javascript_passes_its_tests() -> Result<()> {
    let folder = place("sdk/javascript")?;
    works(run(Command::new("node").arg("--test"), &folder)?).map(drop)
}

#[test]
fn the_package_for_python_passes_its_tests() -> Result<()> {
    let folder = place("sdk/python")?;
    let mut command = Command::new(Path::new(&python()?).join("bin/python"));
    works(run(command.args(["-m", "unittest"]), &folder)?).map(drop)
}

/// Its own tests, among them that which has this program play its recorded calls.
#[test]
fn the_worked_example_in_rust_does_what_it_says() -> Result<()> {
    let binary = binary()?;
    let target = binary.parent().context("a binary lies in a folder")?;
    let mut tests = Command::new("cargo");
    tests
        .args(["test", "--quiet", "--locked", "--", "--include-ignored"])
        // Not in the folder of the engine, whose choice of features is another.
        .env("CARGO_TARGET_DIR", target.join("new-plugin"))
        .env("SAGSGANG", &binary);
    works(run(&mut tests, &place("examples/follow-up")?)?).map(drop)
}

#[test]
fn the_worked_example_in_rhai_does_what_it_says() -> Result<()> {
    let folder = place("examples/repeated-miss")?;
    let printed = works(sagsgang(&folder, &["plugin", "test"])?)?;
    ensure!(printed.contains("4 passed, 0 failed"), "{printed}");
    let printed = works(sagsgang(&folder, &["plugin", "check"])?)?;
    ensure!(printed.contains("0 problems"), "{printed}");
    Ok(())
}

#[test]
fn the_worked_example_in_javascript_does_what_it_says() -> Result<()> {
    let folder = place("examples/collection-status")?;
    let printed = works(sagsgang(&folder, &["plugin", "test"])?)?;
    ensure!(printed.contains("3 passed, 0 failed"), "{printed}");
    let printed = works(sagsgang(&folder, &["plugin", "check"])?)?;
    ensure!(printed.contains("0 problems"), "{printed}");
    works(run(Command::new("node").arg("--test"), &folder)?).map(drop)
}

#[test]
fn the_worked_example_in_python_does_what_it_says() -> Result<()> {
    let folder = place("examples/weighing-summary")?;
    let printed = works(sagsgang(&folder, &["plugin", "test"])?)?;
    ensure!(printed.contains("2 passed, 0 failed"), "{printed}");
    let mut tests = Command::new(Path::new(&python()?).join("bin/python"));
    tests
        .args(["-m", "unittest"])
        .env("PYTHONPATH", ".:../../sdk/python");
    works(run(&mut tests, &folder)?).map(drop)
}

#[test]
fn mistakes_in_javascript_are_told_with_their_place() -> Result<()> {
    let work = tempfile::tempdir()?;
    works(sagsgang(
        work.path(),
        &["plugin", "new", "greet", "--language", "javascript"],
    )?)?;
    let folder = work.path().join("greet");
    let source = std::fs::read_to_string(folder.join("plugin.js"))?;
    let build = |text: &str| -> Result<(bool, String)> {
        std::fs::write(folder.join("plugin.js"), text)?;
        sagsgang(&folder, &["plugin", "build"])
    };
    works(build(&source)?)?;
    let built = std::fs::read(folder.join("plugin.wasm"))?;
    works(build(&source)?)?;
    ensure!(
        built == std::fs::read(folder.join("plugin.wasm"))?,
        "what has not changed is not built again"
    );
    for (text, said) in [
        (
            source.replace("const greeting =", "const greeting"),
            "plugin.js:",
        ),
        (
            source.replace("function greet(", "function welcome("),
            "exports no function `greet`",
        ),
        (format!("import \"left-pad\";\n{source}"), "left-pad"),
        (
            format!("{source}\ncontext.locale();\n"),
            "outside an action",
        ),
    ] {
        let (succeeded, printed) = build(&text)?;
        ensure!(!succeeded && printed.contains(said), "{said}: {printed}");
    }
    ensure!(
        built == std::fs::read(folder.join("plugin.wasm"))?,
        "a mistake loses nothing"
    );
    // Types work without anything more.
    std::fs::remove_file(folder.join("plugin.js"))?;
    let typed = source.replace(
        "greet(input)",
        "greet(input: { name: string }): { greeting: string }",
    );
    std::fs::write(folder.join("plugin.ts"), typed)?;
    let printed = works(sagsgang(&folder, &["plugin", "test"])?)?;
    ensure!(printed.contains("2 passed, 0 failed"), "{printed}");
    Ok(())
}

#[test]
fn mistakes_in_python_are_told_with_their_place() -> Result<()> {
    let work = tempfile::tempdir()?;
    works(sagsgang(
        work.path(),
        &["plugin", "new", "greet", "--lang", "python"],
    )?)?;
    let folder = work.path().join("greet");
    let source = std::fs::read_to_string(folder.join("plugin.py"))?;
    for (text, said) in [
        (source.replace("-> dict:", "-> dict"), "plugin.py"),
        (
            source.replace("def greet(", "def welcome("),
            "has no function `greet`",
        ),
    ] {
        std::fs::write(folder.join("plugin.py"), text)?;
        let (succeeded, printed) = sagsgang(&folder, &["plugin", "build"])?;
        ensure!(!succeeded && printed.contains(said), "{said}: {printed}");
        ensure!(!folder.join("plugin.wasm").exists(), "{said}");
    }
    Ok(())
}

#[test]
fn a_missing_interpreter_is_named_with_what_to_install() -> Result<()> {
    let work = tempfile::tempdir()?;
    for (language, word) in [
        ("javascript", "Install Node 18"),
        ("python", "Install Python 3.11"),
    ] {
        works(sagsgang(
            work.path(),
            &["plugin", "new", language, "--lang", language],
        )?)?;
        let mut command = Command::new(binary()?);
        command
            .args(["plugin", "build"])
            .env("PATH", work.path())
            .env_remove("VIRTUAL_ENV");
        let (succeeded, printed) = run(&mut command, &work.path().join(language))?;
        ensure!(!succeeded && printed.contains(word), "{printed}");
    }
    Ok(())
}
