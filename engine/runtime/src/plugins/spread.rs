//! What was installed or removed through another process takes effect here as well.

use super::broken::PackagePlace;
use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_host::{Package, Source};
use sagsgang_store::PluginPackage;
use std::collections::{BTreeMap, BTreeSet};

impl Engine {
    /// Takes up the newest package of each plugin that was installed by the page, the API or the command line of another
    /// process, and lets go of the plugins that were removed there. What was put into the plugin folder of another machine
    /// stays there, and an older package that somebody put into the folder of this one stays here, as it was chosen by that.
    pub(crate) async fn follow_packages(&self) -> Result<(), EngineError> {
        let kept = self.store.plugin_packages().await?;
        let before = self.decisions.packages();
        if before.as_ref() == Some(&kept) {
            return Ok(());
        }
        let before = before.unwrap_or_default();
        let mut plugins: BTreeMap<&str, Vec<&PluginPackage>> = BTreeMap::new();
        for one in &kept {
            plugins.entry(&one.plugin).or_default().push(one);
        }
        let pinned = self.pinned_packages().await?;
        self.host.hold(pinned.clone());
        let mut changed = false;
        for own in plugins.values() {
            // What was installed last stands at the end here, and first among the versions.
            let newest = own.last().filter(|one| is_spread(one));
            let missing = newest.filter(|one| {
                let versions = self.host.versions(&one.plugin);
                versions.first().map(|plugin| plugin.digest()) != Some(&*one.digest)
            });
            if let Some(newest) = missing {
                self.take_up_older(own, &newest.digest, &pinned).await?;
                changed |= self.take_up_spread(newest).await?;
            }
        }
        let gone: BTreeSet<&str> = before
            .iter()
            .filter(|one| is_spread(one) && !plugins.contains_key(one.plugin.as_str()))
            .map(|one| one.plugin.as_str())
            .collect();
        for id in gone {
            if let Err(error) = self.remove_files(id) {
                tracing::warn!(plugin = id, %error, "the files of a removed plugin stay");
            }
            changed |= self.host.remove(id);
        }
        if changed {
            self.follow_versions().await?;
            self.announce("plugins", 0);
        }
        // What failed before this is looked at again.
        self.decisions.set_packages(kept);
        Ok(())
    }

    async fn take_up_spread(&self, kept: &PluginPackage) -> Result<bool, EngineError> {
        let Some(bytes) = self.kept_content(kept).await? else {
            return Ok(false);
        };
        let place = PackagePlace::kept(kept);
        let Some(package) = self.told(place.clone(), Package::from_archive(&bytes)) else {
            return Ok(false);
        };
        let installed = self.host.install_package(package, Source::Package).await;
        if self.told(place, installed).is_none() {
            return Ok(false);
        }
        // The version that somebody chose by putting it there stays there.
        let chosen = self.stored_decision(&kept.plugin).await?.version;
        let stays = chosen.is_some_and(|chosen| self.holds_version(&kept.plugin, &chosen));
        if !stays && let Err(error) = self.keep_package(&bytes, &kept.plugin, &kept.digest) {
            tracing::warn!(plugin = kept.plugin, %error, "the package could not be put into the plugin folder");
        }
        tracing::info!(
            plugin = kept.plugin,
            version = kept.version,
            "taken up from another process"
        );
        Ok(true)
    }
}

fn is_spread(kept: &PluginPackage) -> bool {
    Source::of_kept(&kept.source) == Source::Package
}
