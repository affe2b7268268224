//! `sagsgang demo`: the server with an invented municipality.

use super::serve::serve;
use crate::cli::Demo;
use crate::config::Settings;
use crate::demo::{self, Plan};
use crate::output::line;
use crate::start;
use anyhow::Result;
use std::process::ExitCode;

/// The password of all demo users, where one is wanted.
const PASSWORD_VARIABLE: &str = "SAGSGANG_DEMO_PASSWORD";

/// Invents the municipality on the first start, prints the log-ins, and serves.
///
/// # Errors
/// As `serve`, or when the data cannot be written.
pub(super) fn run(mut settings: Settings, demo: &Demo) -> Result<ExitCode> {
    let password = demo.password.clone().or_else(password_variable);
    // A demo is there to try things on, plugins too; every page says so.
    settings.plugin_development = true;
    let plan = Plan {
        seed: demo.seed,
        cases: demo.cases,
    };
    serve(&settings, async |engine| {
        start::publish_pack(engine).await?;
        if demo::is_empty(engine).await? {
            line(&format!(
                "inventing {} with {} cases …",
                engine.municipality().name,
                plan.cases
            ))?;
            demo::invent(engine, plan).await?;
        }
        for (name, password) in demo::let_in(engine, password.as_deref()).await? {
            line(&format!("  {name}  {password}"))?;
        }
        Ok(())
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a secret that is no setting: it belongs to the demo alone"
)]
fn password_variable() -> Option<String> {
    std::env::var(PASSWORD_VARIABLE)
        .ok()
        .filter(|password| !password.is_empty())
}
