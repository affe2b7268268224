//! Packages that could not be loaded: told to the operator, and kept for those who look at plugins.

use crate::engine::Engine;
use sagsgang_domain::Timestamp;
use sagsgang_host::Problem;
use sagsgang_store::PluginPackage;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where a package is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackagePlace {
    /// A file or folder on this machine.
    File(PathBuf),
    /// What is kept of a version that was installed once.
    Kept {
        /// The plugin.
        plugin: String,
        /// The version.
        version: String,
        /// SHA-256 of the package.
        digest: String,
    },
}

impl PackagePlace {
    pub(crate) fn file(path: &Path) -> Self {
        PackagePlace::File(path.to_owned())
    }

    pub(crate) fn kept(kept: &PluginPackage) -> Self {
        PackagePlace::Kept {
            plugin: kept.plugin.clone(),
            version: kept.version.clone(),
            digest: kept.digest.clone(),
        }
    }

    /// What people call it: the name of the file, or plugin and version.
    pub fn name(&self) -> String {
        match self {
            PackagePlace::File(path) => {
                let name = path.file_name().unwrap_or(path.as_os_str());
                name.to_string_lossy().into_owned()
            }
            PackagePlace::Kept {
                plugin, version, ..
            } => format!("{plugin} {version}"),
        }
    }
}

/// A package that could not be loaded. What was there before it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenPackage {
    /// Where it is.
    pub place: PackagePlace,
    /// What is wrong with it, the gravest first.
    pub problems: Vec<Problem>,
    /// When it was tried last.
    pub at: Timestamp,
}

/// The packages that could not be loaded since the start and have not gone well since.
#[derive(Default)]
pub(crate) struct BrokenPackages(Mutex<BTreeMap<PackagePlace, BrokenPackage>>);

impl BrokenPackages {
    fn held(&self) -> MutexGuard<'_, BTreeMap<PackagePlace, BrokenPackage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a kept version was tried and could not be loaded.
    pub(crate) fn is_kept(&self, kept: &PluginPackage) -> bool {
        self.held().contains_key(&PackagePlace::kept(kept))
    }

    pub(crate) fn forget(&self, place: &PackagePlace) {
        self.held().remove(place);
    }
}

impl Engine {
    /// Packages that could not be loaded, by place; one that is not there any more is not among them.
    pub fn broken_packages(&self) -> Vec<BrokenPackage> {
        let mut held = self.broken.held();
        held.retain(|place, _| match place {
            PackagePlace::File(path) => path.exists(),
            PackagePlace::Kept { .. } => true,
        });
        held.values().cloned().collect()
    }

    /// What worked. What did not is told to the operator and noted, until it works.
    pub(crate) fn told<T>(
        &self,
        place: PackagePlace,
        result: Result<T, Vec<Problem>>,
    ) -> Option<T> {
        match result {
            Ok(worked) => {
                self.broken.forget(&place);
                Some(worked)
            }
            Err(problems) => {
                self.note_broken(place, problems);
                None
            }
        }
    }

    pub(crate) fn note_broken(&self, place: PackagePlace, problems: Vec<Problem>) {
        for problem in &problems {
            tracing::warn!(package = place.name(), %problem, "a plugin was not installed");
        }
        let at = self.now();
        let broken = BrokenPackage {
            place: place.clone(),
            problems,
            at,
        };
        self.broken.held().insert(place, broken);
        self.announce("plugins", 0);
    }
}
