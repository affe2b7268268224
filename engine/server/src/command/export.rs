//! `sagsgang export`: what is in force, as the folder that it could be published from.

use super::remote::Remote;
use super::{block_on, with_engine};
use crate::cli::Export;
use crate::config::Settings;
use crate::output;
use crate::start::Purpose;
use anyhow::{Context, Result};
use serde_json::json;
use std::fs;
use std::process::ExitCode;

pub(super) fn run(settings: &Settings, export: &Export, json: bool) -> Result<ExitCode> {
    let folder = &export.folder;
    let texts = match Remote::of(&export.server)? {
        Some(remote) => block_on(remote.active_texts())?,
        None => with_engine(settings, Purpose::Command, async |engine| {
            Ok(engine.active_texts())
        })?,
    };
    let mut rows = Vec::new();
    for (kind, name, version, text) in texts {
        let path = folder.join(format!("{kind}s")).join(file_name(&name));
        let parent = path.parent().unwrap_or(folder.as_path());
        fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        fs::write(&path, text).with_context(|| path.display().to_string())?;
        if !json {
            output::line(&format!("{} {version}", path.display()))?;
        }
        rows.push(json!({ "kind": kind, "name": name, "version": version, "path": path }));
    }
    if json {
        output::json(&rows)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The name with its separators as dashes. Published names hold letters, digits, dashes and these separators only.
fn file_name(name: &str) -> String {
    format!("{}.yaml", name.replace(['/', '.', '\\'], "-"))
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_become_file_names() {
        assert_eq!(file_name("water/leak"), "water-leak.yaml");
        assert_eq!(
            file_name("waste.missed-collection"),
            "waste-missed-collection.yaml"
        );
        assert_eq!(file_name("missed-receipt"), "missed-receipt.yaml");
    }
}
