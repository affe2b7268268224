//! The host: installs plugins and calls them.

mod perform;
mod post;

pub use post::PostError;

use crate::call::{CallOutcome, CallRequest, DoneCall, FailedCall, PluginError};
use crate::config::{HostConfig, Source};
use crate::egress::Egress;
use crate::engine::{self, Ticker};
use crate::entry_point::EntryPoint;
use crate::health::Health;
use crate::install;
use crate::package::{Package, SCRIPT};
use crate::plugin::{ActionRef, Plugin, Shared, Standing};
use crate::problem::Problem;
use crate::registry::Registry;
use crate::services::Services;
use crate::signature::{self, TrustedKeys};
use crate::state::{Renderer, Rim};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::Semaphore;
use wasmtime::Engine;
use wasmtime::component::Component;

/// Runs plugins: short calls where they are made, others on threads of its own.
pub struct Host {
    pub(crate) engine: Engine,
    pub(crate) config: HostConfig,
    /// How many script instances may wait for their next call.
    pub(crate) places: Arc<Semaphore>,
    rim: Arc<Rim>,
    registry: Registry,
    ticker: Ticker,
    /// How many calls may be in progress.
    front: Arc<Semaphore>,
    shared: Mutex<HashMap<String, Arc<Shared>>>,
    runner: OnceLock<Result<Component, Problem>>,
    installing: tokio::sync::Mutex<()>,
    runtime: Option<Runtime>,
}

/// Why a host could not be made.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The engine refused its settings, usually for want of address space.
    #[error("the plugin engine could not start: {0:#}")]
    Engine(wasmtime::Error),
    /// Threads could not be started.
    #[error("the plugin threads could not start")]
    Threads(#[source] std::io::Error),
    /// The client for requests to the outside could not be made.
    #[error("the client for plugins' requests could not be made")]
    Client(#[source] reqwest::Error),
}

impl Host {
    /// Starts a host. Documents are drawn by [`sagsgang_documents`].
    pub fn new(config: HostConfig, services: Arc<dyn Services>) -> Result<Arc<Host>, HostError> {
        let engine = engine::engine(&config).map_err(HostError::Engine)?;
        let ticker = Ticker::start(&engine).map_err(HostError::Threads)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(config.worker_threads())
            .thread_name("plugins")
            .enable_all()
            .build()
            .map_err(HostError::Threads)?;
        let egress = Egress::new(config.allow_loopback, config.outside.clone())
            .map_err(HostError::Client)?;
        let slots = config.slots.max(1) as usize;
        Ok(Arc::new(Host {
            engine,
            places: Arc::new(Semaphore::new(slots)),
            rim: Arc::new(Rim {
                services,
                egress,
                renderer: renderer(),
            }),
            registry: Registry::default(),
            ticker,
            front: Arc::new(Semaphore::new(slots)),
            shared: Mutex::default(),
            runner: OnceLock::new(),
            installing: tokio::sync::Mutex::default(),
            runtime: Some(runtime),
            config,
        }))
    }

    /// Installs a package from a folder or a `.sagsplugin` file, or puts it in the place of an older one. Calls in
    /// progress end with the version they began with. On error the version in place stays.
    pub async fn install(
        self: &Arc<Self>,
        folder_or_package: &Path,
        source: Source,
    ) -> Result<Arc<Plugin>, Vec<Problem>> {
        let path = folder_or_package.to_owned();
        let read = self
            .handle()
            .spawn_blocking(move || Package::read(&path))
            .await;
        let package = read.unwrap_or_else(|_| Err(vec![fault()]))?;
        self.install_package(package, source).await
    }

    /// Installs a package whose files are at hand.
    pub async fn install_package(
        self: &Arc<Self>,
        package: Package,
        source: Source,
    ) -> Result<Arc<Plugin>, Vec<Problem>> {
        self.put_in(package, source, false).await
    }

    /// Installs a package apart: only [`Host::find_pinned`] finds it, and whatever answers now goes on to answer. Where the
    /// package is there already, nothing happens.
    pub async fn install_apart(
        self: &Arc<Self>,
        package: Package,
        source: Source,
    ) -> Result<Arc<Plugin>, Vec<Problem>> {
        self.put_in(package, source, true).await
    }

    async fn put_in(
        self: &Arc<Self>,
        package: Package,
        source: Source,
        apart: bool,
    ) -> Result<Arc<Plugin>, Vec<Problem>> {
        let _one_at_a_time = self.installing.lock().await;
        let trusted = TrustedKeys::read(self.config.trusted_keys.as_deref());
        let signer = trusted.and_then(|trusted| signature::signer(&package, &trusted));
        let signer = signer.map_err(|problem| vec![problem])?;
        let is_vouched_for = signer.as_ref().is_some_and(|signer| signer.name.is_some());
        if self.config.signed_only && source != Source::Bundled && !is_vouched_for {
            return Err(vec![unsigned()]);
        }
        let digest = package.digest();
        let there = match apart {
            true => self.registry.package(&digest),
            false => {
                let mut newest = self.registry.newest().into_iter();
                newest.find(|one| one.digest() == digest && one.signer() == signer.as_ref())
            }
        };
        if let Some(same) = there {
            return Ok(same);
        }
        let host = self.clone();
        let prepared = self
            .handle()
            .spawn_blocking(move || install::prepare(&host, &package, signer, source))
            .await;
        let prepared = prepared.unwrap_or_else(|_| Err(vec![fault()]))?;
        let description = self
            .describe(&prepared)
            .await
            .map_err(|error| vec![prepared.trial_problem(&error)])?;
        let mut entry = prepared.finish(self, &description)?;
        entry.apart = apart;
        let plugin = entry.plugin.clone();
        self.registry.put(entry)?;
        tracing::info!(
            plugin = plugin.id(),
            version = plugin.version(),
            waiting = plugin.is_waiting(),
            code_ms = plugin.code_came_in().as_secs_f64() * 1_000.0,
            "plugin installed"
        );
        Ok(plugin)
    }

    /// Asks again what each version of a plugin is granted, after somebody decided about it. It counts for calls that
    /// begin from now on.
    pub fn regrant(&self, id: &str) {
        let entries = self.registry.entries();
        for entry in entries.iter().filter(|entry| entry.plugin.id() == id) {
            entry.plugin.agree(self.terms(&entry.plugin.candidate()));
        }
    }

    /// Switches a plugin on or off and chooses the version that answers. It counts for calls that begin from now on.
    pub fn set_standing(&self, id: &str, standing: Standing) {
        self.shared(id).stand(standing);
    }

    /// What was decided about a plugin as a whole.
    pub fn standing(&self, id: &str) -> Standing {
        self.shared(id).standing()
    }

    /// The version of each installed plugin that answers where a caller names none: the chosen one, else the newest that
    /// is granted, else the newest.
    pub fn plugins(&self) -> Vec<Arc<Plugin>> {
        self.registry.current()
    }

    /// Every installed version of a plugin, the newest first, without those that were installed apart.
    pub fn versions(&self, id: &str) -> Vec<Arc<Plugin>> {
        let entries = self.registry.entries();
        let answering = entries.iter().rev().filter(|entry| !entry.apart);
        let of = answering.map(|entry| &entry.plugin);
        of.filter(|plugin| plugin.id() == id).cloned().collect()
    }

    /// Every action of the versions that answer.
    pub fn actions(&self) -> Vec<Arc<ActionRef>> {
        self.offers(EntryPoint::Run)
    }

    /// Everything that is called in one way, of the versions that answer.
    pub fn offers(&self, point: EntryPoint) -> Vec<Arc<ActionRef>> {
        let current = self.plugins();
        let entries = self.registry.entries();
        let answers = entries.iter().filter(|entry| {
            current
                .iter()
                .any(|plugin| Arc::ptr_eq(plugin, &entry.plugin))
        });
        answers
            .flat_map(|entry| entry.offers.iter())
            .filter(|offer| offer.point == point)
            .cloned()
            .collect()
    }

    /// An action by name: of the version that answers, or of one given in full (`1.2.0`) or in part (`1`).
    pub fn find_action(&self, name: &str, version: Option<&str>) -> Option<Arc<ActionRef>> {
        self.registry.find(EntryPoint::Run, name, version)
    }

    /// An action by name, of the installed package of a digest.
    pub fn find_pinned(&self, name: &str, digest: &str) -> Option<Arc<ActionRef>> {
        self.registry.find_package(EntryPoint::Run, name, digest)
    }

    /// Says which packages stay installed beside newer versions, however many come, since runs go on with them.
    pub fn hold(&self, digests: HashSet<String>) {
        self.registry.hold(digests);
    }

    /// What is called in one way, by name, of the version that answers.
    pub fn find_offer(&self, point: EntryPoint, name: &str) -> Option<Arc<ActionRef>> {
        self.registry.find(point, name, None)
    }

    /// Takes a plugin out, with all its versions. Whether it was there.
    pub fn remove(&self, id: &str) -> bool {
        self.registry.remove(id)
    }

    /// How a plugin is doing.
    pub fn health(&self, id: &str) -> Health {
        self.shared(id).health(Instant::now())
    }

    /// The latest failed calls of a plugin since the start, the newest first, with what each left to be read.
    pub fn failures(&self, id: &str) -> Vec<FailedCall> {
        self.shared(id).failures()
    }

    /// The latest calls of a plugin that went well and wrote something or asked somebody outside, the newest first. Those of
    /// trials and those that anybody can make are not among them.
    pub fn done_calls(&self, id: &str) -> Vec<DoneCall> {
        self.shared(id).monitor.done()
    }

    /// Lets a plugin be called again that was switched off after repeated failures.
    pub fn close_breaker(&self, id: &str) {
        self.shared(id).monitor.close();
    }

    /// Calls an action. Nothing that the plugin asks for has happened when this returns, except requests to the outside; what
    /// it puts into its own store is in the outcome.
    pub async fn call(&self, request: CallRequest) -> Result<CallOutcome, PluginError> {
        self.perform(request).await
    }

    /// What all versions of a plugin share.
    pub(crate) fn shared(&self, id: &str) -> Arc<Shared> {
        let turns = (self.config.worker_threads() / 2).max(1);
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || Arc::new(Shared::new(turns));
        shared.entry(id.to_owned()).or_insert_with(make).clone()
    }

    /// The script runner, compiled at its first use. Blocks.
    pub(crate) fn runner(&self) -> Result<&Component, Vec<Problem>> {
        let compile = || match &self.config.runner {
            Some(bytes) => crate::compile::compile(
                &self.engine,
                self.config.cache.as_deref(),
                "rhai-runner.wasm",
                bytes,
            ),
            None => Err(Problem::new(
                SCRIPT,
                "scripts-unavailable",
                "this engine was started without the script runner",
            )),
        };
        self.runner
            .get_or_init(compile)
            .as_ref()
            .map_err(|problem| vec![problem.clone()])
    }

    /// The plugins' own runtime.
    pub(crate) fn handle(&self) -> Handle {
        self.runtime
            .as_ref()
            .expect("the runtime is there until the host is dropped")
            .handle()
            .clone()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Dropping it in place would wait for its threads, which is forbidden inside another runtime.
            runtime.shutdown_background();
        }
    }
}

fn fault() -> Problem {
    Problem::new(
        crate::manifest::FILE,
        "host-fault",
        "the engine failed while it read the package; its log says why",
    )
}

fn unsigned() -> Problem {
    Problem::new(
        crate::manifest::FILE,
        "package-unsigned",
        "this installation takes only packages that a trusted key has signed",
    )
    .hint(
        "sign it with `sagsgang plugin sign`, and put the public key into the file of trusted keys; plugins.allow_unsigned = true \
         takes unsigned ones, too",
    )
}

fn renderer() -> Renderer {
    Arc::new(|description| {
        let description = serde_json::from_str(description).map_err(|error| error.to_string())?;
        let rendered =
            sagsgang_documents::render(&description).map_err(|error| error.to_string())?;
        Ok(rendered.bytes)
    })
}
