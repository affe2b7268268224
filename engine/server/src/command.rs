//! A file for each command, and what leads to it.

mod backup;
mod case_type;
mod check;
mod completions;
mod config;
mod demo;
mod diff;
mod doctor;
mod export;
mod import;
mod mail;
mod openapi;
mod plugin;
mod publish;
mod remote;
mod restore;
mod schema;
mod serve;
mod simulate;
mod user;
mod verify;
mod workflow;

use crate::cli::{Arguments, Command, Common};
use crate::config::{ConfigError, Layered, Settings};
use crate::memory;
use crate::start::{self, Purpose};
use anyhow::{Context, Result};
use sagsgang_runtime::Engine;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tracing_subscriber::EnvFilter;

/// Runs what was asked for.
///
/// # Errors
/// When it fails; a [`ConfigError`] among the causes is wrong use.
pub fn run(arguments: Arguments) -> Result<ExitCode> {
    let Arguments { common, command } = arguments;
    let listen = match &command {
        Command::Serve(serve) => serve.listen.as_deref(),
        Command::Demo(demo) => demo.serve.listen.as_deref(),
        _ => None,
    };
    let layered = layers(&common, listen)?;
    if let Command::Config = command {
        return config::run(&layered, common.json);
    }
    let settings = Settings::read(&layered)?;
    let serves = matches!(command, Command::Serve(_) | Command::Demo(_));
    if serves {
        memory::keep_freed_pages_shortly();
    }
    match layered.is_default("log") && !serves {
        // A command says what it has to say by its output.
        true => log_to_stderr("warn")?,
        false => log_to_stderr(&settings.log)?,
    }
    let json = common.json;
    match command {
        Command::Serve(_) => serve::run(&settings),
        Command::Demo(demo) => demo::run(settings, &demo),
        Command::User(user) => user::run(&settings, user, json),
        Command::Check(check) => check::run(&check.paths, json),
        Command::Publish(publish) => publish::run(&settings, &publish, json),
        Command::Export(export) => export::run(&settings, &export, json),
        Command::Import(import) => import::run(&settings, &import, json),
        Command::CaseType(asked) => case_type::run(&settings, &asked, json),
        Command::Workflow(workflow) => workflow::run(&settings, &workflow, json),
        Command::Plugin(plugin) => plugin::run(&settings, &plugin, json),
        Command::Mail(mail) => mail::run(&settings, &mail, json),
        Command::Simulate(simulate) => simulate::run(&settings, &simulate, json),
        Command::Backup(backup) => backup::run(&settings, &backup, json),
        Command::Restore(restore) => restore::run(&settings, &restore, json),
        Command::Schema { kind } => schema::run(kind.as_deref(), json),
        Command::Verify => verify::run(&settings, json),
        Command::Doctor => doctor::run(&settings, json),
        Command::Openapi => openapi::run(),
        Command::Completions { shell } => completions::run(shell),
        Command::Config => Ok(ExitCode::SUCCESS),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
fn layers(common: &Common, listen: Option<&str>) -> Result<Layered, ConfigError> {
    Layered::read(common, listen, Path::new("."), |name| {
        std::env::var(name).ok()
    })
}

fn log_to_stderr(filter: &str) -> Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| format!("log = {filter:?}"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .try_init()
        .map_err(|error| anyhow::anyhow!("the log could not be set up: {error}"))
}

/// Runs on all processors until the work is done.
fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("sagsgang")
        .on_thread_park(memory::give_back_freed)
        .build()?
        .block_on(work)
}

/// Opens the engine, does one thing and closes it again, so that all is on disk.
fn with_engine<T>(
    settings: &Settings,
    purpose: Purpose,
    work: impl AsyncFnOnce(&Arc<Engine>) -> Result<T>,
) -> Result<T> {
    block_on(async {
        let engine = start::open(settings, purpose).await?;
        let outcome = work(&engine).await;
        engine.stop().await;
        outcome
    })
}

/// The file of an SQLite database that is not there. Who only looks at an installation makes none by a wrong folder.
fn missing_database(settings: &Settings) -> Option<PathBuf> {
    let path = settings.database.strip_prefix("sqlite:")?;
    let file = PathBuf::from(path.split('?').next().unwrap_or(path));
    (!file.is_file()).then_some(file)
}

fn ensure_database(settings: &Settings) -> Result<()> {
    match missing_database(settings) {
        None => Ok(()),
        Some(file) => anyhow::bail!("there is no database {}; is --data right?", file.display()),
    }
}

/// Reads a file that holds JSON.
fn read_json(path: &Path) -> Result<serde_json::Value> {
    let place = || path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(place)?;
    serde_json::from_str(&text).with_context(place)
}
