//! `sagsgang plugin install`: into the data folder, from where a running server takes it, or over its API.

use super::super::remote::Remote;
use super::super::{block_on, with_engine};
use super::{operator, read};
use crate::cli::Server;
use crate::config::Settings;
use crate::output;
use crate::start::Purpose;
use anyhow::Result;
use reqwest::Method;
use sagsgang_host::Package;
use sagsgang_runtime::{InstallError, NewGrant};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(
    settings: &Settings,
    path: &Path,
    grant: bool,
    server: &Server,
    json: bool,
) -> Result<ExitCode> {
    let package = read(path)?;
    let installed = match Remote::of(server)? {
        Some(remote) => block_on(over_api(&remote, &package, grant))?,
        None => match here(settings, &package, grant)? {
            Ok(installed) => installed,
            Err(problems) => {
                for problem in problems {
                    output::line(&problem)?;
                }
                return Ok(ExitCode::FAILURE);
            }
        },
    };
    tell(&installed, json)?;
    Ok(ExitCode::SUCCESS)
}

/// Installs into the data folder.
fn here(settings: &Settings, package: &Package, grant: bool) -> Result<Result<Value, Vec<String>>> {
    let bytes = package.to_archive()?;
    with_engine(settings, Purpose::Plugins, async |engine| {
        let caller = operator();
        let view = match engine.install_plugin(&caller, bytes).await {
            Ok(view) => view,
            Err(InstallError::Problems(problems)) => {
                return Ok(Err(problems.iter().map(ToString::to_string).collect()));
            }
            Err(error) => return Err(error.into()),
        };
        if grant {
            let wanted = NewGrant {
                digest: Some(package.digest()),
                ..NewGrant::default()
            };
            engine
                .grant_plugin(&caller, &view.id, &wanted, None)
                .await?;
        }
        let now = engine.plugins().into_iter().find(|one| one.id == view.id);
        let now = now.unwrap_or(view);
        Ok(Ok(json!({
            "id": now.id, "version": now.version, "digest": package.digest(), "state": now.state.name(),
            "waitingVersion": now.waiting_version, "asksFor": now.asks_for, "signed": now.signed,
        })))
    })
}

/// Installs into a running server.
///
/// # Errors
/// With the server's own words.
pub(super) async fn over_api(remote: &Remote, package: &Package, grant: bool) -> Result<Value> {
    let mut installed = remote.upload("plugins", package.to_archive()?).await?;
    if grant {
        let id = installed["id"].as_str().unwrap_or_default().to_owned();
        let body = json!({ "digest": package.digest() });
        let path = format!("plugins/{id}/grant");
        installed = remote.send(Method::PUT, &path, Some(&body)).await?;
    }
    Ok(installed)
}

/// Says what was installed, and what is still to be done.
pub(super) fn tell(installed: &Value, json: bool) -> Result<()> {
    if json {
        return output::json(installed);
    }
    let text = |key: &str| installed[key].as_str().unwrap_or_default();
    let (id, version, state) = (text("id"), text("version"), text("state"));
    output::line(&format!("{id} {version} is installed ({state})"))?;
    if installed["signed"] == false {
        output::line(
            "no key that is trusted here has signed it: a server takes it only with plugins.allow_unsigned or plugins.development",
        )?;
    }
    if state == "waiting" || installed["waitingVersion"].is_string() {
        let asks = installed["asksFor"].as_array().cloned().unwrap_or_default();
        let asks: Vec<&str> = asks.iter().filter_map(Value::as_str).collect();
        output::line(&format!(
            "it asks for {} and waits: sagsgang plugin grant {id}",
            asks.join(", ")
        ))?;
    }
    Ok(())
}
