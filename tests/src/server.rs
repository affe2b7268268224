//! The binary `sagsgang`, started on a free port with a data folder of its own.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::client::Client;
use crate::process::Process;

/// The password of every demo user under test.
pub const PASSWORD: &str = "prøve-adgang-1-2-3";

/// Long enough for a first start on a busy machine: migrations, demo data, compiling the plugins.
const START_LIMIT: Duration = Duration::from_secs(90);

/// Longer than the server's own limit for finishing what it has begun.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// A running server.
pub struct Server {
    process: Option<Process>,
    address: String,
    data: TempDir,
}

impl Server {
    /// Starts `sagsgang demo` with this many cases in an empty data folder, and waits until it listens.
    ///
    /// # Errors
    /// The binary is not built, or does not say `listening on http://…` in time; the message holds what it printed.
    pub fn demo(cases: u32) -> Result<Self> {
        let cases = cases.to_string();
        Self::start(
            &binary()?,
            tempfile::tempdir()?,
            &["demo", "--cases", &cases],
        )
    }

    /// Starts a binary on a data folder. `arguments` are the command and its own flags; folder and address are added.
    ///
    /// # Errors
    /// As [`Server::demo`].
    pub fn start(binary: &Path, data: TempDir, arguments: &[&str]) -> Result<Self> {
        let (process, address) = listen(binary, data.path(), arguments, "127.0.0.1:0")?;
        Ok(Self {
            process: Some(process),
            address,
            data,
        })
    }

    /// Stops the server as its operator would. Its folder stays, and its address is free until [`Server::resume`].
    ///
    /// # Errors
    /// It does not stop in time.
    pub fn halt(&mut self) -> Result<()> {
        if let Some(process) = self.process.take() {
            process.terminate(STOP_LIMIT)?;
        }
        Ok(())
    }

    /// Starts the server again, where it was.
    ///
    /// # Errors
    /// As [`Server::demo`].
    pub fn resume(&mut self, arguments: &[&str]) -> Result<()> {
        let place = self.address.trim_start_matches("http://").to_owned();
        let (process, _) = listen(&binary()?, self.data.path(), arguments, &place)?;
        self.process = Some(process);
        Ok(())
    }

    /// A second server on the folder of this one while this one is halted, at another address.
    ///
    /// # Errors
    /// As [`Server::demo`].
    pub fn stand_in(&self, arguments: &[&str]) -> Result<(Process, Client)> {
        let (process, address) = listen(&binary()?, self.data.path(), arguments, "127.0.0.1:0")?;
        Ok((process, Client::new(&address)?))
    }

    /// Freezes the server in the middle of what it does; see [`Process::freeze`].
    ///
    /// # Errors
    /// It is halted or has ended.
    pub fn freeze(&self) -> Result<()> {
        let process = self.process.as_ref().context("the server is halted")?;
        process.freeze()
    }

    /// Lets a frozen server go on.
    ///
    /// # Errors
    /// It is halted or has ended.
    pub fn thaw(&self) -> Result<()> {
        let process = self.process.as_ref().context("the server is halted")?;
        process.thaw()
    }

    /// Number of the server's process; 0 while it is halted.
    pub fn id(&self) -> u32 {
        self.process.as_ref().map_or(0, Process::id)
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The data folder, for commands that work on it (`sagsgang mail deliver`).
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// An HTTP client that is not logged in.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn client(&self) -> Result<Client> {
        Client::new(&self.address)
    }

    /// Everything the server printed so far.
    pub fn output(&mut self) -> String {
        self.process
            .as_mut()
            .map_or_else(String::new, Process::output)
    }

    /// Runs another command of the same binary on the same data folder, with this standard input, and returns what it
    /// printed.
    ///
    /// # Errors
    /// The command exits with something else than 0; the message holds what it printed.
    pub fn command(&self, arguments: &[&str], input: &[u8]) -> Result<String> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), input)?;
        let output = Command::new(binary()?)
            .args(arguments)
            .arg("--data")
            .arg(self.data())
            .stdin(file.reopen()?)
            .output()?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaints = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "sagsgang {}: {}\n{printed}{complaints}",
            arguments.join(" "),
            output.status
        );
        Ok(printed)
    }

    /// Asks the server to finish and waits until it has. The data folder is handed back, so that a second server can
    /// start where this one stopped.
    ///
    /// # Errors
    /// It does not stop in time.
    pub fn stop(self) -> Result<(ExitStatus, TempDir)> {
        let process = self.process.context("the server is halted")?;
        Ok((process.terminate(STOP_LIMIT)?, self.data))
    }

    /// Kills the server where it stands, and hands the data folder back.
    pub fn kill(self) -> TempDir {
        drop(self.process);
        self.data
    }
}

/// Starts a binary on a folder and an address, and waits until it listens; the address is where.
fn listen(
    binary: &Path,
    data: &Path,
    arguments: &[&str],
    place: &str,
) -> Result<(Process, String)> {
    let mut process = Process::start(
        Command::new(binary)
            .args(arguments)
            .args(["--listen", place, "--data"])
            .arg(data)
            .env("SAGSGANG_DEMO_PASSWORD", PASSWORD),
    )?;
    let address = process.wait_for(START_LIMIT, |line| {
        let (_, rest) = line.split_once("listening on http://")?;
        let authority = rest.split_whitespace().next()?.trim_end_matches('/');
        Some(format!("http://{authority}"))
    })?;
    Ok((process, address))
}

/// The binary under test: `SAGSGANG_BIN`, or the one that was built beside this test.
///
/// # Errors
/// There is none.
#[expect(
    clippy::disallowed_methods,
    reason = "which binary to test is the caller's choice, made outside of it"
)]
pub fn binary() -> Result<PathBuf> {
    if let Some(path) = env::var_os("SAGSGANG_BIN") {
        return Ok(path.into());
    }
    let this_test = env::current_exe()?;
    let profile = this_test.parent().and_then(Path::parent);
    let binary = profile
        .context("a test lies in target/<profile>/deps")?
        .join("sagsgang");
    ensure!(
        binary.is_file(),
        "{} is not built: run `cargo build --package sagsgang-server`, or name one in SAGSGANG_BIN",
        binary.display()
    );
    Ok(binary)
}
