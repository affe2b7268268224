//! A database of each kind for a test. PostgreSQL runs from its own binaries in a temporary folder.

use sagsgang_store::{Store, StoreOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// An open store in a folder of its own.
pub struct Opened {
    pub store: Store,
    database: String,
    _folder: TempDir,
}

impl Opened {
    /// The database's address, for a connection beside the store's.
    pub fn address(&self) -> String {
        self.database.clone()
    }
}

pub async fn sqlite() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    open(database, folder).await
}

pub async fn postgres() -> Opened {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = PostgresServer::running();
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    server.psql(&format!("create database {name}"));
    open(server.address(&name), tempfile::tempdir().unwrap()).await
}

async fn open(database: String, folder: TempDir) -> Opened {
    let options = StoreOptions {
        database: database.clone(),
        blobs: folder.path().join("blobs"),
        readers: 2,
    };
    Opened {
        store: Store::open(&options).await.unwrap(),
        database,
        _folder: folder,
    }
}

/// One server for the whole test program; it ends with the program's last process.
pub struct PostgresServer {
    folder: PathBuf,
    binaries: PathBuf,
}

impl PostgresServer {
    pub fn running() -> &'static Self {
        static SERVER: OnceLock<PostgresServer> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    pub fn address(&self, database: &str) -> String {
        let socket = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{socket}/{database}")
    }

    fn start() -> Self {
        let binaries = binaries();
        let folder = tempfile::Builder::new()
            .prefix("sagsgang-pg")
            .tempdir()
            .unwrap()
            .keep();
        give_away(&folder);
        let data = folder.join("data");
        let initialised = as_user(&binaries.join("initdb"))
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
            folder.display()
        );
        let started = as_user(&binaries.join("pg_ctl"))
            .args(["start", "--wait", "--silent", "-D"])
            .arg(&data)
            .args([
                "-l".as_ref(),
                folder.join("log").as_os_str(),
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
            std::fs::read_to_string(folder.join("log")).unwrap_or_default()
        );
        end_with_us(&data);
        Self { folder, binaries }
    }

    fn psql(&self, statement: &str) {
        let done = Command::new(self.binaries.join("psql"))
            .args(["-q", "-U", "postgres", "-d", "postgres", "-h"])
            .arg(&self.folder)
            .args(["-c", statement])
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
    }
}

/// A shell that waits for this process to end, and then stops the server.
fn end_with_us(data: &Path) {
    let script = format!(
        "while kill -0 {} 2>/dev/null; do sleep 0.2; done; kill -QUIT $(head -1 '{}'); sleep 1; rm -rf '{}'",
        std::process::id(),
        data.join("postmaster.pid").display(),
        data.parent().unwrap().display(),
    );
    // It outlives us, so that nobody can wait for it.
    #[expect(clippy::zombie_processes, reason = "it waits for our own end")]
    let _stopper = Command::new("/bin/sh")
        .args(["-c", &script])
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
