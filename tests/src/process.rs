//! A program under test: its output is kept, and it never outlives the test.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// A started program. Dropping it ends it, with all programs that it started in turn.
pub struct Process {
    name: String,
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Process {
    /// Starts a program without standard input.
    ///
    /// # Errors
    /// The program is missing or cannot be started.
    pub fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0) // so that the end reaches its children too
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        let (sender, lines) = channel();
        let output = child.stdout.take().context("standard output is piped")?;
        let errors = child.stderr.take().context("standard error is piped")?;
        forward(output, sender.clone())?;
        forward(errors, sender)?;
        Ok(Self {
            name,
            child,
            lines,
            seen: Vec::new(),
        })
    }

    /// Number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line of output from which `pick` makes something.
    ///
    /// # Errors
    /// The limit passes or the program ends first; the message holds all that it printed.
    pub fn wait_for<T>(&mut self, limit: Duration, pick: impl Fn(&str) -> Option<T>) -> Result<T> {
        let end = Instant::now() + limit;
        loop {
            match self
                .lines
                .recv_timeout(end.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    let found = pick(&line);
                    self.seen.push(line);
                    if let Some(found) = found {
                        return Ok(found);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!(self.tell(&format!("did not say it within {limit:?}")))
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self.child.wait()?;
                    bail!(self.tell(&format!("ended early ({status})")))
                }
            }
        }
    }

    /// Everything printed so far, both streams together.
    pub fn output(&mut self) -> String {
        self.seen.extend(self.lines.try_iter());
        self.seen.join("\n")
    }

    /// A sentence about this program, with all that it printed.
    fn tell(&mut self, what: &str) -> String {
        let printed = self.output();
        format!("{} {what}; it printed:\n{printed}", self.name)
    }

    /// Stops the program where it stands (`SIGSTOP`), as a machine does that runs out of memory or is moved.
    ///
    /// # Errors
    /// It has ended.
    pub fn freeze(&self) -> Result<()> {
        signal("STOP", self.child.id().to_string())
    }

    /// Lets a frozen program go on.
    ///
    /// # Errors
    /// It has ended.
    pub fn thaw(&self) -> Result<()> {
        signal("CONT", self.child.id().to_string())
    }

    /// Asks the program to finish (`SIGTERM`) and waits until it has.
    ///
    /// # Errors
    /// It goes on beyond the limit; the message holds all that it printed.
    pub fn terminate(mut self, limit: Duration) -> Result<ExitStatus> {
        signal("TERM", self.child.id().to_string())?;
        let end = Instant::now() + limit;
        loop {
            match self
                .lines
                .recv_timeout(end.saturating_duration_since(Instant::now()))
            {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => return Ok(self.child.wait()?),
                Err(RecvTimeoutError::Timeout) => {
                    bail!(self.tell(&format!("did not stop within {limit:?}")))
                }
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The group's id is the child's. It is ours until `wait` returns, so no other program can have got it.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _gone_already = signal("KILL", format!("-{}", self.child.id()));
            let _reaped = self.child.wait();
        }
        if thread::panicking() {
            eprintln!("--- {}", self.tell("was running"));
        }
    }
}

/// Sends lines as they come; the channel closes with the stream.
fn forward(stream: impl Read + Send + 'static, lines: Sender<String>) -> Result<()> {
    thread::Builder::new()
        .name("output".to_owned())
        .spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                if lines
                    .send(String::from_utf8_lossy(&line).into_owned())
                    .is_err()
                {
                    break;
                }
            }
        })?;
    Ok(())
}

fn signal(name: &str, target: String) -> Result<()> {
    let status = Command::new("kill")
        .args(["-s", name, "--", &target])
        .stderr(Stdio::null())
        .status()?;
    if !status.success() {
        bail!("no process {target} to send {name} to");
    }
    Ok(())
}
