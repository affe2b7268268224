//! `sagsgang plugin list`: installed plugins and how they stand.

use super::super::remote::Remote;
use super::super::{block_on, with_engine};
use crate::cli::Server;
use crate::config::Settings;
use crate::output;
use crate::start::Purpose;
use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};
use std::process::ExitCode;

pub(super) fn run(settings: &Settings, server: &Server, json: bool) -> Result<ExitCode> {
    let rows: Vec<Value> = match Remote::of(server)? {
        Some(remote) => {
            let answer = block_on(remote.send(Method::GET, "plugins", None))?;
            answer["items"].as_array().cloned().unwrap_or_default()
        }
        None => with_engine(settings, Purpose::Plugins, async |engine| {
            let row = |plugin: sagsgang_runtime::PluginView| {
                json!({
                    "id": plugin.id, "version": plugin.version, "titles": plugin.titles, "digest": plugin.digest,
                    "actions": plugin.actions, "offers": plugin.offers.iter().map(|(kind, name)| json!({ "kind": kind, "name": name })).collect::<Vec<_>>(), "state": plugin.state.name(), "consent": plugin.consent.name(),
                    "waitingVersion": plugin.waiting_version, "signed": plugin.signed, "asksFor": plugin.asks_for,
                    "capabilities": plugin.capabilities,
                })
            };
            Ok(engine.plugins().into_iter().map(row).collect())
        })?,
    };
    if json {
        output::json(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    for row in rows {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let offers = row["offers"].as_array().cloned().unwrap_or_default();
        let names = offers.iter().filter_map(|offer| offer["name"].as_str());
        let names: Vec<&str> = names.collect();
        let (id, version, state) = (text("id"), text("version"), text("state"));
        output::line(&format!(
            "{id:<24} {version:<10} {state:<9} {}",
            names.join(", ")
        ))?;
        if let Some(waiting) = row["waitingVersion"].as_str() {
            output::line(&format!("{:<24} {waiting:<10} waiting", ""))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
