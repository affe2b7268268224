//! What the operator decides about plugins.

use crate::grant::{Capability, Grant};
use crate::limits::Limits;
use crate::manifest::Manifest;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Decides what a plugin is granted; called once for each installation.
pub type GrantPolicy = Arc<dyn Fn(&Manifest) -> Grant + Send + Sync>;

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
    pub runner: Option<Arc<[u8]>>,
    /// What each plugin is granted.
    pub grants: GrantPolicy,
    /// What no grant can exceed.
    pub ceiling: Ceiling,
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
            grants: Arc::new(Grant::declared),
            ceiling: Ceiling::default(),
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
