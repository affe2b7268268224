//! `sagsgang user`: users and their tokens.

use super::with_engine;
use crate::cli::User;
use crate::config::Settings;
use crate::output;
use crate::start::{self, Purpose};
use anyhow::{Context, Result, ensure};
use sagsgang_runtime::NewAccount;
use serde_json::json;
use std::io::Read;
use std::process::ExitCode;

/// Shortest password.
const SHORTEST: usize = 12;

pub(super) fn run(settings: &Settings, user: User, json: bool) -> Result<ExitCode> {
    match user {
        User::Add {
            name,
            roles,
            display_name,
            team,
            password_stdin,
        } => {
            let given = if password_stdin {
                Some(read_password()?)
            } else {
                None
            };
            let made = if given.is_none() {
                Some(start::new_password()?)
            } else {
                None
            };
            let account = NewAccount {
                display_name: display_name.unwrap_or_else(|| name.clone()),
                name: name.clone(),
                roles,
                team,
                password: given.or_else(|| made.clone()),
                locale: "da".to_owned(),
            };
            with_engine(settings, Purpose::Command, async |engine| {
                Ok(engine.put_account(account).await?)
            })?;
            match (json, made) {
                (true, made) => output::json(&json!({ "name": name, "password": made }))?,
                (false, Some(password)) => output::line(&format!("{name}  {password}"))?,
                (false, None) => output::line(&name)?,
            }
        }
        User::Token { name, expires } => {
            let token = with_engine(settings, Purpose::Command, async |engine| {
                let expires = expires.map(|seconds| engine.now().plus_seconds(seconds));
                Ok(engine.make_token(&name, expires).await?)
            })?;
            match json {
                true => output::json(&json!({ "name": name, "token": token }))?,
                false => output::line(&token)?,
            }
        }
        User::List => list(settings, json)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(settings: &Settings, json: bool) -> Result<()> {
    let accounts = with_engine(settings, Purpose::Command, async |engine| {
        Ok(engine.accounts().await?)
    })?;
    if json {
        let rows: Vec<_> = accounts
            .iter()
            .map(|account| {
                json!({ "name": account.name, "displayName": account.display_name, "roles": account.roles,
                        "team": account.team, "disabled": account.disabled })
            })
            .collect();
        return output::json(&rows);
    }
    for account in accounts {
        let roles: Vec<&str> = account.roles.iter().map(|role| role.name()).collect();
        let team = account.team.unwrap_or_default();
        output::line(&format!(
            "{:<20} {:<28} {:<24} {team}",
            account.name,
            account.display_name,
            roles.join(",")
        ))?;
    }
    Ok(())
}

fn read_password() -> Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("standard input")?;
    let password = text.trim_end_matches(['\r', '\n']).to_owned();
    ensure!(
        password.chars().count() >= SHORTEST,
        "a password has at least {SHORTEST} characters"
    );
    Ok(password)
}
