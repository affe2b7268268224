//! New plugins that are panels, channels or providers: in each language they build and pass their tests, and run by themselves.

use anyhow::{Context, Result, ensure};
use sagsgang_tests::interpreters::python;
use sagsgang_tests::server::binary;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Each kind, and how many recorded calls a new one has.
const KINDS: [(&str, &str); 3] = [
    ("panel", "3 passed, 0 failed"),
    ("channel", "4 passed, 0 failed"),
    ("provider", "2 passed, 0 failed"),
];

/// Runs a command in a folder; whether it succeeded, and what it printed.
fn run(command: &mut Command, folder: &Path) -> Result<(bool, String)> {
    let output = command.current_dir(folder).output()?;
    let printed = [output.stdout, output.stderr].concat();
    Ok((
        output.status.success(),
        String::from_utf8_lossy(&printed).into_owned(),
    ))
}

fn works(outcome: (bool, String)) -> Result<String> {
    let (succeeded, printed) = outcome;
    ensure!(succeeded, "{printed}");
    Ok(printed)
}

fn sagsgang(folder: &Path, arguments: &[&str]) -> Result<(bool, String)> {
    let mut command = Command::new(binary()?);
    command.args(arguments).env("CARGO_TARGET_DIR", target()?);
    run(&mut command, folder)
}

/// Where plugins in Rust are built: not in the folder of the engine, whose choice of features is another.
fn target() -> Result<PathBuf> {
    let binary = binary()?;
    let profile = binary.parent().context("a binary lies in a folder")?;
    Ok(profile.join("new-plugin"))
}

/// A folder with a new plugin `my-KIND`.
fn new(kind: &str, language: &str) -> Result<(TempDir, PathBuf)> {
    let work = tempfile::tempdir()?;
    let name = format!("my-{kind}");
    let arguments = ["plugin", "new", &name, "--kind", kind, "--lang", language];
    works(sagsgang(work.path(), &arguments)?)?;
    let folder = work.path().join(name);
    Ok((work, folder))
}

#[test]
fn a_new_script_of_each_kind_passes_its_tests() -> Result<()> {
    for (kind, passed) in KINDS {
        let (_work, folder) = new(kind, "rhai")?;
        let said = works(sagsgang(&folder, &["plugin", "test"])?)?;
        ensure!(said.contains(passed), "{kind}: {said}");
        let said = works(sagsgang(&folder, &["plugin", "check"])?)?;
        ensure!(said.contains("0 problems"), "{kind}: {said}");
    }
    Ok(())
}

#[test]
fn a_new_plugin_of_each_kind_in_rust_builds_and_passes_its_tests() -> Result<()> {
    for (kind, passed) in KINDS {
        let (_work, folder) = new(kind, "rust")?;
        let mut native = Command::new("cargo");
        native
            .args(["test", "--quiet"])
            .env("CARGO_TARGET_DIR", target()?);
        works(run(&mut native, &folder)?)?;
        let said = works(sagsgang(&folder, &["plugin", "test"])?)?;
        ensure!(said.contains(passed), "{kind}: {said}");
    }
    Ok(())
}

/// The real host is asked once, by the kind with two functions: the others differ in nothing that is built.
#[test]
fn a_new_plugin_of_each_kind_in_javascript_passes_its_tests() -> Result<()> {
    for (kind, passed) in KINDS {
        let (_work, folder) = new(kind, "javascript")?;
        if kind == "channel" {
            let said = works(sagsgang(&folder, &["plugin", "test"])?)?;
            ensure!(said.contains(passed), "{said}");
        } else {
            // The package has no others that its tests would need.
            std::fs::create_dir(folder.join("node_modules"))?;
            let place = folder.join("node_modules/sagsgang-plugin");
            std::os::unix::fs::symlink("../sdk/javascript", place)?;
        }
        works(run(Command::new("node").arg("--test"), &folder)?)?;
    }
    Ok(())
}

#[test]
fn a_new_plugin_of_each_kind_in_python_passes_its_tests() -> Result<()> {
    let environment = python()?;
    for (kind, passed) in KINDS {
        let (_work, folder) = new(kind, "python")?;
        let mut tests = Command::new(Path::new(&environment).join("bin/python"));
        tests
            .args(["-m", "unittest"])
            .env("PYTHONPATH", ".:sdk/python")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        works(run(&mut tests, &folder)?)?;
        if kind == "channel" {
            let mut test = Command::new(binary()?);
            test.args(["plugin", "test"])
                .env("VIRTUAL_ENV", &environment);
            let said = works(run(&mut test, &folder)?)?;
            ensure!(said.contains(passed), "{said}");
        }
    }
    Ok(())
}

#[test]
fn what_a_plugin_offers_runs_by_itself() -> Result<()> {
    let (_panel, panel) = new("panel", "rhai")?;
    let file = |folder: &Path, name: &str, value: &Value| {
        std::fs::write(folder.join(name), value.to_string())
    };
    let case = json!({ "containers": [{ "containerId": "BH-7" }] });
    file(&panel, "case.json", &case)?;
    let arguments = [
        "plugin",
        "run",
        ".",
        "my-panel",
        "--case",
        "case.json",
        "--json",
    ];
    let shown: Value = serde_json::from_str(&works(sagsgang(&panel, &arguments)?)?)?;
    ensure!(shown["result"]["summary"] == "1 på sagen", "{shown}");

    let (_channel, channel) = new("channel", "rhai")?;
    let call = ["plugin", "run", ".", "my-channel"];
    let (succeeded, said) = sagsgang(&channel, &call)?;
    ensure!(!succeeded && said.contains("--input FILE"), "{said}");
    let recorded = std::fs::read_to_string(channel.join("calls/reports.json"))?;
    let recorded: Value = serde_json::from_str(&recorded)?;
    file(&channel, "report.json", &recorded["input"])?;
    file(&channel, "settings.json", &recorded["secrets"])?;
    let receive = [
        &call[..],
        &["--function", "receive", "--input", "report.json"],
    ]
    .concat();
    let (succeeded, said) = sagsgang(&channel, &receive)?;
    ensure!(
        !succeeded && said.contains("not signed by the carrier"),
        "{said}"
    );
    let receive = [&receive[..], &["--settings", "settings.json", "--json"]].concat();
    let told: Value = serde_json::from_str(&works(sagsgang(&channel, &receive)?)?)?;
    ensure!(
        told["result"]["reports"][0]["state"] == "delivered",
        "{told}"
    );

    for (arguments, message) in [
        (
            ["--function", "search"],
            "the plugin has no provider \"my-channel\"",
        ),
        (["--settings", "report.json"], "the settings do not fit"),
    ] {
        let all = [&call[..], &["--input", "report.json"], &arguments[..]].concat();
        let (succeeded, said) = sagsgang(&channel, &all)?;
        ensure!(!succeeded && said.contains(message), "{said}");
    }
    let (succeeded, said) = sagsgang(&channel, &["plugin", "run", ".", "else"])?;
    ensure!(
        !succeeded && said.contains("offers nothing of the name"),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_recorded_call_that_calls_nothing_or_two_things_is_told_with_its_file() -> Result<()> {
    let (_work, folder) = new("panel", "rhai")?;
    for wrong in [
        json!({ "expect": {} }),
        json!({ "show": "my-panel", "search": "my-panel", "expect": {} }),
    ] {
        std::fs::write(folder.join("calls/wrong.json"), wrong.to_string())?;
        let (succeeded, said) = sagsgang(&folder, &["plugin", "test"])?;
        ensure!(
            !succeeded && said.contains("wrong.json") && said.contains("names what it calls once"),
            "{said}"
        );
    }
    let other = json!({ "search": "my-panel", "expect": {} });
    std::fs::write(folder.join("calls/wrong.json"), other.to_string())?;
    let (succeeded, said) = sagsgang(&folder, &["plugin", "test"])?;
    ensure!(
        !succeeded && said.contains("the plugin has no provider \"my-panel\""),
        "{said}"
    );
    Ok(())
}
