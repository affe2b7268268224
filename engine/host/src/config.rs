//! What the operator decides about plugins.

use crate::egress::Outside;
use crate::grant::{Capability, Grant};
use crate::limits::Limits;
use crate::manifest::Manifest;
use crate::signature::Signer;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Where a package came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// With the program itself.
    Bundled,
    /// By somebody who can write to the server's disk.
    Folder,
    /// By an upload.
    Package,
}

impl Source {
    /// Its name in the API and the database.
    pub fn name(self) -> &'static str {
        match self {
            Source::Bundled => "bundled",
            Source::Folder => "folder",
            Source::Package => "package",
        }
    }

    /// The source of a package that was kept. Nothing that was kept counts as bundled.
    pub fn of_kept(name: &str) -> Self {
        match name {
            "package" => Source::Package,
            _ => Source::Folder,
        }
    }
}

/// A version of a plugin about which has to be decided.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// What it is and asks for.
    pub manifest: &'a Manifest,
    /// SHA-256 of its package.
    pub digest: &'a str,
    /// Who signed it.
    pub signer: Option<&'a Signer>,
    /// Where it came from.
    pub source: Source,
}

/// Decides what a version is granted; `None`: nobody has decided yet, and it is not called. Asked at installation and
/// whenever [`Host::regrant`](crate::Host::regrant) is called.
pub type GrantPolicy = Arc<dyn Fn(&Candidate<'_>) -> Option<Grant> + Send + Sync>;

/// What no grant can exceed.
#[derive(Clone, Debug)]
pub struct Ceiling {
    /// Capabilities that no plugin of this installation gets.
    pub refused: BTreeSet<Capability>,
    /// The highest limits.
    pub limits: Limits,
}

impl Default for Ceiling {
    fn default() -> Self {
        Self {
            refused: BTreeSet::new(),
            limits: Limits::maximum(),
        }
    }
}

/// How a [`Host`](crate::Host) runs.
#[derive(Clone)]
pub struct HostConfig {
    /// The folder for compiled code. It must be writable by this process only, since what lies there is executed.
    /// `None`: every start compiles again.
    pub cache: Option<PathBuf>,
    /// The interpreter for scripts (`rhai-runner.wasm`). `None`: scripts are refused.
    pub runner: Option<Cow<'static, [u8]>>,
    /// What each plugin is granted.
    pub grants: GrantPolicy,
    /// What no grant can exceed.
    pub ceiling: Ceiling,
    /// The file with the keys whose signatures count; read at each installation. `None`: no signature counts.
    pub trusted_keys: Option<PathBuf>,
    /// Refuses packages that no trusted key has signed; the bundled ones come signed with the program.
    pub signed_only: bool,
    /// Answers plugins' requests instead of the network; for tests.
    pub outside: Option<Arc<dyn Outside>>,
    /// Lets requests go to this machine, also without TLS; for trial and tests.
    pub allow_loopback: bool,
    /// Threads that run plugins; 0 means two for each processor.
    pub threads: usize,
    /// Calls in progress at once, and as many warm script instances besides.
    pub slots: u32,
    /// How long a call may wait for a free slot, in milliseconds.
    pub queue_ms: u64,
    /// Whether the kernel's page scan is used where it exists; only to rule it out when in doubt.
    pub page_scan: bool,
}

impl Default for HostConfig {
    fn default() -> Self {
        Self {
            cache: None,
            runner: None,
            grants: Arc::new(|candidate| Some(Grant::declared(candidate.manifest))),
            ceiling: Ceiling::default(),
            trusted_keys: None,
            signed_only: false,
            outside: None,
            allow_loopback: false,
            threads: 0,
            slots: 64,
            queue_ms: 2_000,
            page_scan: true,
        }
    }
}

impl HostConfig {
    /// The number of threads, worked out.
    pub(crate) fn worker_threads(&self) -> usize {
        match self.threads {
            0 => 2 * std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            chosen => chosen,
        }
    }
}
