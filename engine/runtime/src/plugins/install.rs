//! Installing plugins: from uploads, from the bundled folder, from the watched one.

use super::PluginView;
use super::decide::TRIES;
use super::decisions::INSTALLATION;
use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::{Caller, Right};
use sagsgang_host::{Package, Plugin, Problem, Source, WatchReport};
use sagsgang_store::PluginPackage;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

/// Older versions of a plugin that are loaded at the start.
const MOST_OLDER: usize = 8;

/// Why a plugin was not installed. The version in place stays.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The caller may not.
    #[error("you do not have the right to install plugins")]
    NotAllowed,
    /// What is wrong with the package.
    #[error("the package cannot be installed: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Problems(Vec<Problem>),
    /// The package could not be kept.
    #[error("the package could not be written to disk")]
    Disk(#[source] std::io::Error),
    /// Not the caller's fault.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Engine {
    /// Installs a package (the bytes of a `.sagsplugin` file), or puts it in the place of an older version.
    ///
    /// # Errors
    /// When the caller may not, or with everything that is wrong with the package.
    pub async fn install_plugin(
        &self,
        caller: &Caller,
        bytes: Vec<u8>,
    ) -> Result<PluginView, InstallError> {
        if !caller.may(Right::ManagePlugins) {
            return Err(InstallError::NotAllowed);
        }
        let package = Package::from_archive(&bytes).map_err(InstallError::Problems)?;
        let plugin = self
            .host
            .install_package(package.clone(), Source::Package)
            .await
            .map_err(InstallError::Problems)?;
        self.record_package(&plugin, &package, &caller.actor.id)
            .await?;
        self.keep_package(&bytes, plugin.id())
            .map_err(InstallError::Disk)?;
        self.follow_versions().await?;
        self.announce("plugins", 0);
        Ok(self.plugin_view(&plugin))
    }

    /// Writes an installed package into the plugin folder, where the next start finds it: beside first, then renamed, so
    /// that whoever watches never sees half of it. It takes the place of whatever held the same plugin.
    pub(super) fn keep_package(&self, bytes: &[u8], id: &str) -> std::io::Result<()> {
        let Some(folder) = &self.options.plugins else {
            return Ok(());
        };
        std::fs::create_dir_all(folder)?;
        let place = folder.join(format!("{id}.sagsplugin"));
        let beside = folder.join(format!(".{id}.part"));
        std::fs::write(&beside, bytes)?;
        std::fs::File::open(&beside)?.sync_all()?;
        std::fs::rename(&beside, &place)?;
        for other in super::entries(folder)
            .into_iter()
            .filter(|path| *path != place)
        {
            let same = Package::read(&other)
                .and_then(|package| package.manifest())
                .is_ok_and(|manifest| manifest.id == id);
            if same && other.is_dir() && !other.is_symlink() {
                std::fs::remove_dir_all(&other)?;
            } else if same {
                std::fs::remove_file(&other)?;
            }
        }
        Ok(())
    }

    /// Keeps a version that was installed, so that it can be taken up again. A version that somebody chose gives way to
    /// one that nobody has seen before.
    async fn record_package(
        &self,
        plugin: &Plugin,
        package: &Package,
        by: &str,
    ) -> Result<(), EngineError> {
        let kept = self.store.plugin_packages().await?;
        let same = kept.iter().any(|one| {
            one.plugin == plugin.id()
                && one.digest == plugin.digest()
                && one.version == plugin.version()
        });
        if same || package.digest() != plugin.digest() {
            return Ok(());
        }
        let bytes = package
            .to_archive()
            .map_err(sagsgang_store::StoreError::File)?;
        let made = PluginPackage {
            plugin: plugin.id().to_owned(),
            version: plugin.version().to_owned(),
            digest: plugin.digest().to_owned(),
            source: plugin.source().name().to_owned(),
            signing_key: plugin.signer().map(|signer| signer.key.clone()),
            content: self.store.blobs().put(bytes).await?,
            installed_at: self.now(),
        };
        let detail =
            json!({ "version": made.version, "digest": made.digest, "source": made.source });
        self.follow_new_versions(plugin.id(), by, &detail).await?;
        let deed = self.deed(plugin.id(), by, "installed", detail);
        self.store.put_plugin_package(&made, &deed).await?;
        Ok(())
    }

    /// A version that somebody chose is not chosen any more; whatever else people decide at the same moment stays.
    async fn follow_new_versions(
        &self,
        id: &str,
        by: &str,
        detail: &Value,
    ) -> Result<(), EngineError> {
        for _ in 0..TRIES {
            let mut row = self.stored_decision(id).await?;
            if row.version.take().is_none() {
                return Ok(());
            }
            row.updated_at = self.now();
            let deed = self.deed(id, by, "followed", detail.clone());
            if self.store.put_plugin_decision(&row, &deed).await? {
                return self.read_plugin_decisions().await;
            }
        }
        tracing::warn!(
            plugin = id,
            "others keep deciding about this plugin; its chosen version stays chosen"
        );
        Ok(())
    }

    /// Installs what comes with the program and what lies in the plugin folder, older versions that were kept first.
    pub(crate) async fn load_plugins(&self) -> Result<(), EngineError> {
        self.read_plugin_decisions().await?;
        self.read_pins().await?;
        let pinned = self.pinned_packages().await?;
        self.host.hold(pinned.clone());
        for path in self
            .options
            .bundled_plugins
            .iter()
            .flat_map(|one| entries(one))
        {
            if let Some(plugin) = told(&path, self.host.install(&path, Source::Bundled).await) {
                self.record_bundled(&plugin).await?;
            }
        }
        let kept = self.store.plugin_packages().await?;
        for path in self.options.plugins.iter().flat_map(|one| entries(one)) {
            let Some(package) = told(&path, Package::read(&path)) else {
                continue;
            };
            let id = package.manifest().map(|manifest| manifest.id);
            let digest = package.digest();
            let own: Vec<_> = kept
                .iter()
                .filter(|one| id.as_ref() == Ok(&one.plugin))
                .collect();
            self.take_up_older(&own, &digest, &pinned).await?;
            let known = own.iter().find(|one| one.digest == digest);
            let source = known.map_or(Source::Folder, |known| Source::of_kept(&known.source));
            let installed = self.host.install_package(package.clone(), source).await;
            if let Some(plugin) = told(&path, installed) {
                self.record_package(&plugin, &package, INSTALLATION).await?;
            }
        }
        self.read_plugin_decisions().await?;
        self.follow_packages().await?;
        self.follow_versions().await
    }

    /// The packages that some run or workflow goes by, as digests.
    pub(super) async fn pinned_packages(&self) -> Result<HashSet<String>, EngineError> {
        let pins = self.pins_in_use().await?;
        Ok(pins.iter().map(|pin| pin.digest.clone()).collect())
    }

    /// Takes up what was kept of a plugin beside its newest package: the pinned ones, and as many others as the host keeps.
    pub(super) async fn take_up_older(
        &self,
        own: &[&PluginPackage],
        newest: &str,
        pinned: &HashSet<String>,
    ) -> Result<(), EngineError> {
        let older: Vec<_> = own.iter().filter(|one| one.digest != newest).collect();
        let surplus = older.len().saturating_sub(MOST_OLDER);
        for (place, older) in older.into_iter().enumerate() {
            let versions = self.host.versions(&older.plugin);
            let is_there = versions
                .iter()
                .any(|plugin| plugin.digest() == older.digest);
            if !is_there && (place >= surplus || pinned.contains(&older.digest)) {
                self.take_up(older).await?;
            }
        }
        Ok(())
    }

    /// The archive of a kept version; its absence is told to the operator.
    pub(super) async fn kept_content(
        &self,
        kept: &PluginPackage,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        let bytes = self.store.blobs().get(&kept.content).await?;
        if bytes.is_none() {
            tracing::warn!(
                plugin = kept.plugin,
                version = kept.version,
                "a kept version of a plugin is missing"
            );
        }
        Ok(bytes)
    }

    async fn take_up(&self, kept: &PluginPackage) -> Result<(), EngineError> {
        let Some(bytes) = self.kept_content(kept).await? else {
            return Ok(());
        };
        let place = PathBuf::from(format!("{} {}", kept.plugin, kept.version));
        if let Some(package) = told(&place, Package::from_archive(&bytes)) {
            let source = Source::of_kept(&kept.source);
            told(&place, self.host.install_package(package, source).await);
        }
        Ok(())
    }

    /// Watches the plugin folders: what changes there takes effect at the next call.
    pub(crate) fn watch_plugins(self: &Arc<Self>) {
        let folders = [
            (&self.options.bundled_plugins, Source::Bundled),
            (&self.options.plugins, Source::Folder),
        ];
        for (folder, source) in folders {
            let Some(folder) = folder else { continue };
            let watch = self.host.watch(folder.clone(), source);
            let mut reports = watch.subscribe();
            self.watches
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(watch);
            let engine = Arc::downgrade(self);
            self.work.tracker.spawn(async move {
                while let Ok(report) = reports.recv().await {
                    let Some(engine) = engine.upgrade() else {
                        return;
                    };
                    engine.report(&report).await;
                }
            });
        }
    }

    async fn report(&self, report: &WatchReport) {
        match report {
            WatchReport::Installed(path, plugin) => {
                if let Err(error) = self.record_watched(path, plugin).await {
                    tracing::warn!(path = %path.display(), %error, "an installed plugin could not be recorded");
                }
                self.announce("plugins", 0);
            }
            WatchReport::Removed(..) => self.announce("plugins", 0),
            WatchReport::Broken(path, problems) => warn(path, problems),
        }
    }

    async fn record_watched(&self, path: &Path, plugin: &Plugin) -> Result<(), EngineError> {
        if plugin.source() == Source::Bundled {
            self.record_bundled(plugin).await?;
        } else if plugin.source() == Source::Package {
            // Whoever installed it has recorded it; by now it may have been removed through another process.
        } else if let Ok(package) = Package::read(path) {
            // Otherwise it has changed again, and the next report tells of it.
            self.record_package(plugin, &package, INSTALLATION).await?;
        }
        self.follow_versions().await
    }
}

/// Plugin folders and packages in a folder; a folder that is not there has none.
pub(super) fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(listing) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut entries: Vec<_> = listing
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            path.join("plugin.toml").is_file()
                || path.extension().is_some_and(|end| end == "sagsplugin")
        })
        .collect();
    entries.sort();
    entries
}

/// What worked; what did not is told to the operator.
pub(super) fn told<T>(path: &Path, result: Result<T, Vec<Problem>>) -> Option<T> {
    result.map_err(|problems| warn(path, &problems)).ok()
}

fn warn(path: &Path, problems: &[Problem]) {
    for problem in problems {
        tracing::warn!(path = %path.display(), %problem, "a plugin was not installed");
    }
}
