//! Installing plugins: from uploads, from the bundled folder, from the watched one.

use super::PluginView;
use super::broken::PackagePlace;
use super::decide::TRIES;
use super::decisions::INSTALLATION;
use super::folder::entries;
use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::{Caller, Right};
use sagsgang_host::{Package, Plugin, Problem, Source, WatchReport};
use sagsgang_store::PluginPackage;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::Path;
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
        let digest = plugin.digest();
        let was_put = !self.holds_package(plugin.id(), digest);
        self.record_placed(&plugin, &package, was_put, &caller.actor.id)
            .await?;
        self.keep_package(&bytes, plugin.id(), digest)
            .map_err(InstallError::Disk)?;
        self.follow_versions().await?;
        self.announce("plugins", 0);
        Ok(self.plugin_view(&plugin))
    }

    /// Records the package that stands at its place now: one that nobody has seen before is kept, and takes the place of a
    /// version that somebody chose. One that was installed before and was put there again is chosen by that.
    async fn record_placed(
        &self,
        plugin: &Plugin,
        package: &Package,
        was_put: bool,
        by: &str,
    ) -> Result<(), EngineError> {
        if package.digest() != plugin.digest() {
            // It has changed meanwhile, and is recorded as what it is then.
            return Ok(());
        }
        let kept = self.store.plugin_packages().await?;
        let own: Vec<&PluginPackage> = kept
            .iter()
            .filter(|one| one.plugin == plugin.id())
            .collect();
        let is_known = own
            .iter()
            .any(|one| one.digest == plugin.digest() && one.version == plugin.version());
        match own.last() {
            Some(newest) if is_known && was_put => self.choose_placed(plugin, newest, by).await,
            _ if is_known => Ok(()),
            _ => self.record_package(plugin, package, by).await,
        }
    }

    /// Keeps a version that nobody has seen before, so that it can be taken up again.
    async fn record_package(
        &self,
        plugin: &Plugin,
        package: &Package,
        by: &str,
    ) -> Result<(), EngineError> {
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
        self.choose(plugin.id(), None, by, ("followed", &detail))
            .await?;
        let deed = self.deed(plugin.id(), by, "installed", detail);
        self.store.put_plugin_package(&made, &deed).await?;
        Ok(())
    }

    /// Chooses a version that was installed before, since somebody put its package in place again; the newest needs no
    /// choice. All processes follow, as after a choice on the page.
    async fn choose_placed(
        &self,
        plugin: &Plugin,
        newest: &PluginPackage,
        by: &str,
    ) -> Result<(), EngineError> {
        if newest.digest == plugin.digest() {
            let detail = json!({ "version": newest.version, "digest": newest.digest });
            return self
                .choose(plugin.id(), None, by, ("followed", &detail))
                .await;
        }
        let version = plugin.version();
        let detail = json!({ "from": newest.version, "to": version });
        self.choose(plugin.id(), Some(version), by, ("rolled-back", &detail))
            .await?;
        // What was installed last stands first among the versions, whatever is chosen.
        self.take_up(newest).await
    }

    /// Chooses the version that answers, or the newest; whatever else people decide at the same moment stays.
    async fn choose(
        &self,
        id: &str,
        version: Option<&str>,
        by: &str,
        (deed, detail): (&str, &Value),
    ) -> Result<(), EngineError> {
        for _ in 0..TRIES {
            let mut row = self.stored_decision(id).await?;
            if row.version.as_deref() == version {
                return Ok(());
            }
            row.version = version.map(str::to_owned);
            row.updated_at = self.now();
            let line = self.deed(id, by, deed, detail.clone());
            if self.store.put_plugin_decision(&row, &line).await? {
                return self.read_plugin_decisions().await;
            }
        }
        tracing::warn!(
            plugin = id,
            "others keep deciding about this plugin; the choice of its version stays as it is"
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
            let installed = self.host.install(&path, Source::Bundled).await;
            if let Some(plugin) = self.told(PackagePlace::file(&path), installed) {
                self.record_bundled(&plugin).await?;
            }
        }
        self.load_folder(&pinned).await?;
        self.read_plugin_decisions().await?;
        self.follow_packages().await?;
        self.follow_versions().await
    }

    /// Installs what lies in the plugin folder, older versions of each that were kept first.
    async fn load_folder(&self, pinned: &HashSet<String>) -> Result<(), EngineError> {
        let kept = self.store.plugin_packages().await?;
        let mut seen = Vec::new();
        for path in self.options.plugins.iter().flat_map(|one| entries(one)) {
            let read = Package::read(&path);
            let Some(package) = self.told(PackagePlace::file(&path), read) else {
                continue;
            };
            let id = package.manifest().map(|manifest| manifest.id);
            let digest = package.digest();
            let own: Vec<_> = kept
                .iter()
                .filter(|one| id.as_ref() == Ok(&one.plugin))
                .collect();
            if let (Ok(id), true) = (&id, own.is_empty())
                && self.leave_removed(&path, id, &digest).await?
            {
                continue;
            }
            self.take_up_older(&own, &digest, pinned).await?;
            let known = own.iter().find(|one| one.digest == digest);
            let source = known.map_or(Source::Folder, |known| Source::of_kept(&known.source));
            let installed = self.host.install_package(package.clone(), source).await;
            let Some(plugin) = self.told(PackagePlace::file(&path), installed) else {
                continue;
            };
            let was_put = self.known_places.was_put(&path, &digest);
            self.record_placed(&plugin, &package, was_put, INSTALLATION)
                .await?;
            let chosen = self.decisions.row(plugin.id()).and_then(|row| row.version);
            if let Some(newest) = own.last()
                && newest.digest != digest
                && chosen.as_deref() == Some(plugin.version())
            {
                self.take_up(newest).await?;
            }
            seen.push((path, digest));
        }
        // Noted only now: before its first note nothing in a folder counts as put there.
        if let Some(folder) = &self.options.plugins {
            self.known_places.begin(folder, &seen);
        }
        Ok(())
    }

    /// The packages that some run or workflow goes by, as digests.
    pub(super) async fn pinned_packages(&self) -> Result<HashSet<String>, EngineError> {
        let pins = self.pins_in_use(&self.unfinished().await?);
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
    pub(crate) async fn kept_content(
        &self,
        kept: &PluginPackage,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        let bytes = self.store.blobs().get(&kept.content).await?;
        if bytes.is_none() {
            let missing = Problem::new("package", "missing", "the kept package is missing")
                .hint("install this version again");
            self.note_broken(PackagePlace::kept(kept), vec![missing]);
        }
        Ok(bytes)
    }

    async fn take_up(&self, kept: &PluginPackage) -> Result<(), EngineError> {
        let Some(bytes) = self.kept_content(kept).await? else {
            return Ok(());
        };
        let place = PackagePlace::kept(kept);
        if let Some(package) = self.told(place.clone(), Package::from_archive(&bytes)) {
            let source = Source::of_kept(&kept.source);
            self.told(place, self.host.install_package(package, source).await);
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
                self.broken.forget(&PackagePlace::file(path));
                if let Err(error) = self.record_watched(path, plugin).await {
                    tracing::warn!(path = %path.display(), %error, "an installed plugin could not be recorded");
                }
                self.announce("plugins", 0);
            }
            WatchReport::Removed(path, _) => {
                self.known_places.forget(path);
                self.announce("plugins", 0);
            }
            WatchReport::Broken(path, problems) => {
                self.note_broken(PackagePlace::file(path), problems.clone());
            }
        }
    }

    async fn record_watched(&self, path: &Path, plugin: &Plugin) -> Result<(), EngineError> {
        if plugin.source() == Source::Bundled {
            self.record_bundled(plugin).await?;
        } else if let Ok(package) = Package::read(path) {
            let was_put = self.known_places.was_put(path, plugin.digest());
            // Whoever installed a package through the page has recorded it; by now it may have been removed through another
            // process.
            if was_put || plugin.source() != Source::Package {
                self.record_placed(plugin, &package, was_put, INSTALLATION)
                    .await?;
            }
            if package.digest() == plugin.digest() {
                self.known_places.note(path, plugin.digest());
            }
        }
        self.follow_versions().await
    }
}
