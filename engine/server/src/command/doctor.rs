//! `sagsgang doctor`: what would keep the server from working well.

use super::block_on;
use crate::bundled;
use crate::config::Settings;
use crate::lost;
use crate::output;
use crate::start::{self, Purpose};
use anyhow::Result;
use serde_json::json;
use std::process::ExitCode;

/// How a finding is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Well,
    Note,
    Bad,
}

struct Finding {
    state: State,
    what: &'static str,
    detail: String,
}

pub(super) fn run(settings: &Settings, json: bool) -> Result<ExitCode> {
    let findings = block_on(async { Ok(look(settings).await) })?;
    let word = |state| match state {
        State::Well => "ok",
        State::Note => "note",
        State::Bad => "bad",
    };
    if json {
        let rows: Vec<_> = findings
            .iter()
            .map(|finding| json!({ "state": word(finding.state), "what": finding.what, "detail": finding.detail }))
            .collect();
        output::json(&rows)?;
    } else {
        for finding in &findings {
            output::line(&format!(
                "{:<5} {:<16} {}",
                word(finding.state),
                finding.what,
                finding.detail
            ))?;
        }
    }
    Ok(
        match findings.iter().any(|finding| finding.state == State::Bad) {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        },
    )
}

async fn look(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |state, what, detail: String| {
        findings.push(Finding {
            state,
            what,
            detail,
        });
    };
    match bundled::runner() {
        Some(_) => find(
            State::Well,
            "plugins",
            "the bundled plugins are in the program".to_owned(),
        ),
        None => find(
            State::Note,
            "plugins",
            "the program was built without plugins (`make guests`)".to_owned(),
        ),
    }
    match &settings.smtp {
        Some(smtp) => find(
            State::Well,
            "mail",
            format!("messages go to {}:{}", smtp.host, smtp.port),
        ),
        None => find(
            State::Note,
            "mail",
            "no mail server is set; messages are kept in the outbox".to_owned(),
        ),
    }
    if settings.allow_loopback {
        find(
            State::Note,
            "plugins",
            "plugins may talk to this machine; for trial only".to_owned(),
        );
    }
    if settings.plugin_development {
        find(
            State::Note,
            "plugins",
            "plugins that nobody decided about get what they ask for; for trial only".to_owned(),
        );
    }
    if settings.unsigned_plugins {
        find(
            State::Note,
            "plugins",
            "packages that no trusted key has signed are taken; sign them, and leave plugins.allow_unsigned out".to_owned(),
        );
    }
    match std::net::TcpListener::bind(settings.listen) {
        Ok(_) => find(
            State::Well,
            "address",
            format!("{} is free", settings.listen),
        ),
        Err(error) => find(
            State::Note,
            "address",
            format!("{}: {error}", settings.listen),
        ),
    }
    if let Some(file) = super::missing_database(settings) {
        let detail = format!(
            "there is none in {} yet; the first start makes it",
            file.display()
        );
        find(State::Note, "database", detail);
        return findings;
    }
    match start::open(settings, Purpose::Command).await {
        Err(error) => find(State::Bad, "database", format!("{error:#}")),
        Ok(engine) => {
            find(
                State::Well,
                "data folder",
                settings.data.display().to_string(),
            );
            match engine.ready().await {
                true => find(State::Well, "database", "answers".to_owned()),
                false => find(State::Bad, "database", "does not answer".to_owned()),
            }
            match lost::advice(&engine, settings).await {
                Ok(None) => find(State::Well, "secrets", "all can be read".to_owned()),
                Ok(Some(advice)) => find(State::Bad, "secrets", advice),
                Err(error) => find(State::Bad, "secrets", error.to_string()),
            }
            match engine.accounts().await {
                Ok(accounts) if accounts.is_empty() => {
                    find(
                        State::Note,
                        "users",
                        "none; the first start makes an administrator".to_owned(),
                    );
                }
                Ok(accounts) => find(State::Well, "users", accounts.len().to_string()),
                Err(error) => find(State::Bad, "users", error.to_string()),
            }
            match engine.case_types().len() {
                0 => find(
                    State::Note,
                    "case types",
                    "none; the first start publishes the bundled pack".to_owned(),
                ),
                count => find(State::Well, "case types", count.to_string()),
            }
            engine.stop().await;
        }
    }
    findings
}
