//! The binary `sagsgang`: configuration, wiring, command line.
//!
//! `cli` says what can be asked, `config` where each value comes from, and `command` has a file for each command.
//! `serve` puts the pieces together: the engine, the pages, the API and the layers of `web` around them, with the plugins
//! and the configuration pack that are `bundled` into the program. `demo` invents a municipality. No rule of the trade
//! stands here.

mod bundled;
mod cli;
mod command;
mod config;
mod demo;
mod lost;
mod memory;
mod output;
mod start;
mod web;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    match command::run(arguments) {
        Ok(code) => code,
        // Who reads the output has seen enough, as `head` does.
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sagsgang: {error:#}");
            match error.downcast_ref::<config::ConfigError>() {
                Some(_) => ExitCode::from(2),
                None => ExitCode::FAILURE,
            }
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let cause = error.root_cause().downcast_ref::<std::io::Error>();
    cause.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
