//! A PostgreSQL for tests, from its own binaries in a temporary folder. All test programs that one runner starts share it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The server of this run. It ends with the runner.
pub struct PostgresServer {
    folder: PathBuf,
    binaries: PathBuf,
}

impl PostgresServer {
    pub fn running() -> &'static Self {
        static SERVER: OnceLock<PostgresServer> = OnceLock::new();
        SERVER.get_or_init(Self::join)
    }

    /// The address of a database, which is made if it is not there.
    pub fn database(&self, name: &str) -> String {
        let known = self.psql(&format!(
            "select count(*) from pg_database where datname = '{name}'"
        ));
        if known.expect("the server answers").trim() == "0" {
            self.psql(&format!("create database {name}"))
                .unwrap_or_else(|error| panic!("{error}"));
        }
        let socket = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{socket}/{name}")
    }

    /// Finds the server that another program of this run has started, or starts it.
    fn join() -> Self {
        let run = std::os::unix::process::parent_id();
        let folder = std::env::temp_dir().join(format!("sagsgang-pg-{run}"));
        let lock = File::create(folder.with_extension("lock")).unwrap();
        lock.lock().unwrap();
        let server = Self {
            folder,
            binaries: binaries(),
        };
        if server.psql("select 1").is_err() {
            server.start(run);
        }
        server
    }

    fn start(&self, run: u32) {
        // What a run with the same number has left behind.
        let _ = std::fs::remove_dir_all(&self.folder);
        std::fs::create_dir(&self.folder).unwrap();
        give_away(&self.folder);
        let data = self.folder.join("data");
        let initialised = as_user(&self.binaries.join("initdb"))
            .args([
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--no-sync",
                "--locale=C.UTF-8",
                "-D",
            ])
            .arg(&data)
            .output()
            .unwrap();
        assert!(
            initialised.status.success(),
            "{}",
            String::from_utf8_lossy(&initialised.stderr)
        );
        let settings = format!(
            "-k {} -c listen_addresses='' -c fsync=off -c max_connections=200",
            self.folder.display()
        );
        let log = self.folder.join("log");
        let started = as_user(&self.binaries.join("pg_ctl"))
            .args(["start", "--wait", "--silent", "-D"])
            .arg(&data)
            .args([
                "-l".as_ref(),
                log.as_os_str(),
                "-o".as_ref(),
                settings.as_ref(),
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(
            started.success(),
            "{}",
            std::fs::read_to_string(log).unwrap_or_default()
        );
        end_with(run, &data);
    }

    /// What a statement answers, or what the server says against it.
    fn psql(&self, statement: &str) -> Result<String, String> {
        let done = Command::new(self.binaries.join("psql"))
            .args(["-q", "-A", "-t", "-U", "postgres", "-d", "postgres", "-h"])
            .arg(&self.folder)
            .args(["-c", statement])
            .output()
            .unwrap();
        if done.status.success() {
            Ok(String::from_utf8_lossy(&done.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&done.stderr).into_owned())
        }
    }
}

/// A shell, in a session of its own, that waits for the runner to end and then stops the server.
fn end_with(run: u32, data: &Path) {
    let folder = data.parent().unwrap().display();
    let script = format!(
        "while kill -0 {run} 2>/dev/null; do sleep 0.2; done; kill -QUIT $(head -1 '{}'); sleep 1; rm -rf '{folder}' '{folder}.lock'",
        data.join("postmaster.pid").display(),
    );
    // It outlives us, so that nobody can wait for it.
    #[expect(clippy::zombie_processes, reason = "it waits for the runner's end")]
    let _stopper = Command::new("setsid")
        .args(["/bin/sh", "-c", &script])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
}

fn binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|entry| entry.path().join("bin"))
        .filter(|path| path.join("initdb").exists())
        .collect();
    found.sort();
    found
        .pop()
        .expect("PostgreSQL is needed for this test; on Debian: apt-get install postgresql")
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.starts_with(b"0\n"))
}

/// PostgreSQL refuses to run as root.
fn as_user(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"])
        .arg(program)
        .current_dir("/tmp");
    command
}

fn give_away(folder: &Path) {
    if is_root() {
        let given = Command::new("chown")
            .arg("nobody:nogroup")
            .arg(folder)
            .status()
            .unwrap();
        assert!(given.success());
    }
}
