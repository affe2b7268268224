//! A folder of plugins that takes effect by itself: what appears or changes is installed, what disappears is removed.

use crate::config::Source;
use crate::host::Host;
use crate::package::Package;
use crate::plugin::Plugin;
use crate::problem::Problem;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};
use tokio::sync::broadcast;
use tokio::task::AbortHandle;

const INTERVAL: Duration = Duration::from_millis(300);
/// Reports kept for a listener that is slow.
const REPORTS: usize = 64;

/// A watched folder. Dropping it ends the watching.
pub struct Watch {
    reports: broadcast::Sender<WatchReport>,
    receiver: broadcast::Receiver<WatchReport>,
    task: AbortHandle,
}

/// What became of a change in the folder.
#[derive(Clone, Debug)]
pub enum WatchReport {
    /// The plugin is installed, or has been replaced.
    Installed(PathBuf, Arc<Plugin>),
    /// The package is broken. The version that was there before stays in place.
    Broken(PathBuf, Vec<Problem>),
    /// The folder is gone and the plugin with it.
    Removed(PathBuf, String),
}

impl Watch {
    /// The next report. Reports that nobody took in time are lost, never the changes themselves.
    pub async fn next(&mut self) -> Option<WatchReport> {
        loop {
            match self.receiver.recv().await {
                Ok(report) => return Some(report),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }

    /// Another listener.
    pub fn subscribe(&self) -> broadcast::Receiver<WatchReport> {
        self.reports.subscribe()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Host {
    /// Watches a folder whose entries are plugin folders or `.sagsplugin` files. A change takes effect at the next call,
    /// once the files have been still for one interval of 300 ms.
    pub fn watch(self: &Arc<Self>, folder: PathBuf, source: Source) -> Watch {
        let (reports, receiver) = broadcast::channel(REPORTS);
        let watcher = Watcher {
            host: Arc::downgrade(self),
            folder,
            source,
            reports: reports.clone(),
            seen: HashMap::new(),
            installed: HashMap::new(),
        };
        let task = self.handle().spawn(watcher.run()).abort_handle();
        Watch {
            reports,
            receiver,
            task,
        }
    }
}

/// Names, sizes and times of an entry's files: enough to see a change without reading them.
type Fingerprint = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

struct Watcher {
    host: Weak<Host>,
    folder: PathBuf,
    source: Source,
    reports: broadcast::Sender<WatchReport>,
    seen: HashMap<PathBuf, Seen>,
    installed: HashMap<PathBuf, String>,
}

struct Seen {
    fingerprint: Fingerprint,
    done: bool,
}

impl Watcher {
    async fn run(mut self) {
        loop {
            let folder = self.folder.clone();
            let Ok(found) = tokio::task::spawn_blocking(move || scan(&folder)).await else {
                return;
            };
            let Some(host) = self.host.upgrade() else {
                return;
            };
            self.follow(&host, found).await;
            drop(host);
            tokio::time::sleep(INTERVAL).await;
        }
    }

    async fn follow(&mut self, host: &Arc<Host>, found: HashMap<PathBuf, Fingerprint>) {
        let gone: Vec<PathBuf> = self
            .seen
            .keys()
            .filter(|path| !found.contains_key(*path))
            .cloned()
            .collect();
        for (path, fingerprint) in found {
            let still = self
                .seen
                .get(&path)
                .is_some_and(|seen| seen.fingerprint == fingerprint);
            let done = self.seen.get(&path).is_some_and(|seen| seen.done);
            if still && !done {
                self.install(host, &path).await;
            }
            self.seen.insert(
                path,
                Seen {
                    fingerprint,
                    done: still,
                },
            );
        }
        // A plugin may have moved to another place, which is not read yet: then it has not gone.
        if self.seen.values().all(|seen| seen.done) {
            self.leave(host, gone);
        }
    }

    /// Takes out the plugins of places that are gone, unless another place has them.
    fn leave(&mut self, host: &Host, gone: Vec<PathBuf>) {
        for path in gone {
            self.seen.remove(&path);
            let Some(id) = self.installed.remove(&path) else {
                continue;
            };
            if !self.installed.values().any(|other| *other == id) {
                host.remove(&id);
                self.report(WatchReport::Removed(path, id));
            }
        }
    }

    async fn install(&mut self, host: &Arc<Host>, path: &Path) {
        match host.install(path, self.source).await {
            Ok(plugin) => {
                self.installed
                    .insert(path.to_owned(), plugin.id().to_owned());
                self.report(WatchReport::Installed(path.to_owned(), plugin));
            }
            Err(problems) => self.report(WatchReport::Broken(path.to_owned(), problems)),
        }
    }

    fn report(&self, report: WatchReport) {
        if let WatchReport::Broken(path, problems) = &report {
            let first = problems
                .first()
                .map(ToString::to_string)
                .unwrap_or_default();
            tracing::warn!(path = %path.display(), problem = first, "a plugin could not be installed");
        }
        // Nobody has to listen.
        let _ = self.reports.send(report);
    }
}

/// The entries that look like plugins.
fn scan(folder: &Path) -> HashMap<PathBuf, Fingerprint> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let fingerprint = |path: PathBuf| {
        let fingerprint = Package::fingerprint(&path);
        (!fingerprint.is_empty()).then_some((path, fingerprint))
    };
    entries
        .filter_map(|entry| fingerprint(entry.path()))
        .collect()
}
