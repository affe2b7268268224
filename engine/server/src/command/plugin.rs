//! `sagsgang plugin`: from a new folder to an installed plugin, a file for each word.

mod build;
mod call;
mod check;
mod decide;
mod dev;
mod install;
mod list;
mod new;
mod pack;
mod sign;
mod test;

pub(super) use check::problems;

use crate::bundled;
use crate::cli::Plugin;
use crate::config::Settings;
use anyhow::{Context, Result, bail};
use sagsgang_domain::{Actor, ActorKind, Caller, Role};
use sagsgang_host::{Host, HostConfig, MemoryServices, Package};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

pub(super) fn run(settings: &Settings, plugin: &Plugin, json: bool) -> Result<ExitCode> {
    match plugin {
        Plugin::New { name, lang, kind } => new::run(name, *lang, *kind, json),
        Plugin::Build { folder } => build::run(folder, json),
        Plugin::Test { folder } => test::run(folder, json),
        Plugin::Check { path } => check::run(path, json),
        Plugin::Pack { folder, out } => pack::run(folder, out.as_deref(), json),
        Plugin::Key { file } => sign::key(file, json),
        Plugin::Sign {
            path,
            key,
            signature,
            public,
        } => match (key, signature) {
            (Some(key), _) => sign::run(path, &sign::Means::Key(key), json),
            (None, Some(file)) => {
                let public = public.as_deref();
                sign::run(path, &sign::Means::Signature { file, public }, json)
            }
            (None, None) => bail!("name a --key or a --signature"),
        },
        Plugin::Digest { path } => sign::digest(path, json),
        Plugin::Install {
            path,
            grant,
            server,
        } => install::run(settings, path, *grant, server, json),
        Plugin::List { server } => list::run(settings, server, json),
        Plugin::Grant {
            id,
            only,
            command,
            http,
            blob,
            kv,
            revoke,
            show,
            server,
        } => {
            let deed = match (revoke, show) {
                (true, _) => decide::Deed::Revoke,
                (_, true) => decide::Deed::Show,
                _ => decide::Deed::Grant(decide::wish(only, command, http, blob, *kv)?),
            };
            decide::run(settings, id, &deed, server, json)
        }
        Plugin::Enable { id, server } => {
            decide::run(settings, id, &decide::Deed::Enable(true), server, json)
        }
        Plugin::Disable { id, server } => {
            decide::run(settings, id, &decide::Deed::Enable(false), server, json)
        }
        Plugin::Rollback { id, to, server } => {
            let deed = decide::Deed::RollBack(to.clone());
            decide::run(settings, id, &deed, server, json)
        }
        Plugin::Remove { id, server } => {
            decide::run(settings, id, &decide::Deed::Remove, server, json)
        }
        Plugin::Run {
            path,
            name,
            function,
            input,
            case,
            settings,
        } => {
            let files = call::Files {
                input: input.as_deref(),
                case: case.as_deref(),
                settings: settings.as_deref(),
            };
            call::run(path, name, *function, &files, json)
        }
        Plugin::Dev {
            folder,
            grant,
            server,
        } => dev::run(settings, folder, *grant, server, json),
    }
}

/// A host of its own, with nothing but the plugin and the interpreter in it.
pub(super) fn host() -> Result<Arc<Host>> {
    host_with(Arc::new(MemoryServices::default()))
}

fn host_with(services: Arc<MemoryServices>) -> Result<Arc<Host>> {
    let config = HostConfig {
        runner: bundled::runner(),
        slots: 4,
        ..HostConfig::default()
    };
    Ok(Host::new(config, services)?)
}

/// Whoever uses the command line on the data folder decides as an administrator; the log says that it was done here.
fn operator() -> Caller {
    Caller {
        actor: Actor::new(ActorKind::Person, "command line"),
        roles: vec![Role::Administrator],
    }
}

/// The files of a plugin.
fn read(path: &Path) -> Result<Package> {
    if !path.exists() {
        bail!("{} is not there", path.display());
    }
    Package::read(path).map_err(|problems| {
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", texts.join("\n"))
            .context(format!("{} cannot be used", path.display()))
    })
}

/// Writes a file beside its place and moves it there, so that whoever watches never sees half of it.
fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.part"));
    let place = || path.display().to_string();
    std::fs::write(&beside, bytes).with_context(place)?;
    std::fs::rename(&beside, path).with_context(place)
}
