//! `sagsgang completions`: a script that completes the command line.

use crate::cli::Arguments;
use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;
use std::process::ExitCode;

pub(super) fn run(shell: Shell) -> Result<ExitCode> {
    clap_complete::generate(
        shell,
        &mut Arguments::command(),
        "sagsgang",
        &mut std::io::stdout(),
    );
    Ok(ExitCode::SUCCESS)
}
