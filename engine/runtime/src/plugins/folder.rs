//! The plugin folder of this machine: what lies there, and what somebody has put there since the program last knew it.
//!
//! Putting a package there by hand is a decision of a person; a package that merely lies there still, while others were
//! installed elsewhere, is none. So the program notes beside the packages which bytes it knows at each place.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_host::Package;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Holds the digests by the names of the places. Read anew each time, since another process may use the same folder.
const KNOWN: &str = ".known";
/// Lines of a plugin's log among which its removal stands; nobody decides so much about one that is not there.
const LOG_LINES: u32 = 20;

/// What is known at each place of the plugin folder.
#[derive(Default)]
pub(crate) struct KnownPlaces {
    /// One changes the file at a time.
    changing: Mutex<()>,
}

impl KnownPlaces {
    /// Whether the package at a place is another one than the program knows there. Nothing is, where it never looked.
    pub(super) fn was_put(&self, place: &Path, digest: &str) -> bool {
        let Some((known, name)) = read(place) else {
            return false;
        };
        known.is_some_and(|known| known.get(&name).is_none_or(|one| one != digest))
    }

    /// Whether the package at a place is the one that the program knows there.
    pub(super) fn knows(&self, place: &Path, digest: &str) -> bool {
        let known = read(place).and_then(|(known, name)| known?.remove(&name));
        known.as_deref() == Some(digest)
    }

    /// Notes the package at a place. Where nothing can be read of what was known, only one that lies there alone: beside the
    /// first note all others would count as put there.
    pub(super) fn note(&self, place: &Path, digest: &str) {
        let is_known = read(place).is_some_and(|(known, _)| known.is_some());
        let mut others = place.parent().map(entries).unwrap_or_default();
        others.retain(|other| other != place);
        if !is_known && !others.is_empty() {
            return;
        }
        self.change(place, |known, name| {
            known.insert(name, digest.to_owned());
        });
    }

    /// Forgets a place where nothing lies any more.
    pub(super) fn forget(&self, place: &Path) {
        self.change(place, |known, name| {
            known.remove(&name);
        });
    }

    /// From now on whatever comes into a folder beside these packages has been put there. Places of which nothing is left
    /// are forgotten.
    pub(super) fn begin(&self, folder: &Path, seen: &[(PathBuf, String)]) {
        self.change(&folder.join(KNOWN), |known, _| {
            for (place, digest) in seen {
                if let Some(name) = place.file_name() {
                    known.insert(name.to_string_lossy().into_owned(), digest.clone());
                }
            }
            known.retain(|name, _| folder.join(name).exists());
        });
    }

    fn change(&self, place: &Path, change: impl FnOnce(&mut BTreeMap<String, String>, String)) {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some((before, name)), Some(folder)) = (read(place), place.parent()) else {
            return;
        };
        let mut known = before.clone().unwrap_or_default();
        change(&mut known, name);
        // Where nothing is known and nothing is learned, nothing is written: all that lies there would seem to be put there.
        let is_same = before
            .as_ref()
            .map_or(known.is_empty(), |before| *before == known);
        if is_same || !folder.is_dir() {
            return;
        }
        if let Err(error) = write(folder, &known) {
            tracing::warn!(folder = %folder.display(), %error, "what lies in the plugin folder could not be noted");
        }
    }
}

/// What is known of the folder of a place, and the name of the place; nothing known where the program never looked.
fn read(place: &Path) -> Option<(Option<BTreeMap<String, String>>, String)> {
    let name = place.file_name()?.to_string_lossy().into_owned();
    let text = std::fs::read(place.parent()?.join(KNOWN)).ok();
    let known = text.and_then(|text| serde_json::from_slice(&text).ok());
    Some((known, name))
}

/// Beside first, then renamed: what was known is never half there.
fn write(folder: &Path, known: &BTreeMap<String, String>) -> io::Result<()> {
    let beside = folder.join(".known.part");
    std::fs::write(&beside, serde_json::to_vec(known)?)?;
    std::fs::rename(&beside, folder.join(KNOWN))
}

impl Engine {
    /// Writes an installed package into the plugin folder, where the next start finds it: beside first, then renamed, so
    /// that whoever watches never sees half of it. It takes the place of whatever held the same plugin.
    pub(super) fn keep_package(&self, bytes: &[u8], id: &str, digest: &str) -> io::Result<()> {
        let Some(folder) = &self.options.plugins else {
            return Ok(());
        };
        std::fs::create_dir_all(folder)?;
        let place = folder.join(format!("{id}.sagsplugin"));
        let beside = folder.join(format!(".{id}.part"));
        std::fs::write(&beside, bytes)?;
        std::fs::File::open(&beside)?.sync_all()?;
        std::fs::rename(&beside, &place)?;
        self.known_places.note(&place, digest);
        for (other, _) in self.held(id) {
            if other != place {
                remove_all(&other)?;
                self.known_places.forget(&other);
            }
        }
        Ok(())
    }

    /// Removes whatever holds a plugin in the plugin folder.
    pub(super) fn remove_files(&self, id: &str) -> io::Result<()> {
        for (place, _) in self.held(id) {
            remove_all(&place)?;
            self.known_places.forget(&place);
        }
        Ok(())
    }

    /// Takes a package away whose plugin was removed through another process while this one did not run; whether it was so.
    pub(super) async fn leave_removed(
        &self,
        place: &Path,
        id: &str,
        digest: &str,
    ) -> Result<bool, EngineError> {
        if !self.known_places.knows(place, digest) {
            return Ok(false);
        }
        let log = self.store.plugin_log(id, LOG_LINES).await?;
        let mut last = log.iter().map(|line| line.deed.as_str());
        let last = last.find(|deed| ["installed", "removed"].contains(deed));
        if last != Some("removed") {
            return Ok(false);
        }
        match remove_all(place) {
            Ok(()) => self.known_places.forget(place),
            Err(error) => {
                tracing::warn!(plugin = id, %error, "the files of a removed plugin stay");
            }
        }
        Ok(true)
    }

    /// Whether the plugin folder holds these bytes of a plugin.
    pub(super) fn holds_package(&self, id: &str, digest: &str) -> bool {
        let held = self.held(id);
        held.iter().any(|(_, package)| package.digest() == digest)
    }

    /// Whether the plugin folder holds a version of a plugin.
    pub(super) fn holds_version(&self, id: &str, version: &str) -> bool {
        let is_it = |package: &Package| {
            let manifest = package.manifest();
            manifest.is_ok_and(|manifest| manifest.version == version)
        };
        self.held(id).iter().any(|(_, package)| is_it(package))
    }

    /// The packages of a plugin in the plugin folder, with the place of each.
    fn held(&self, id: &str) -> Vec<(PathBuf, Package)> {
        let places = self.options.plugins.iter().flat_map(|one| entries(one));
        let held = places.filter_map(|place| {
            let package = Package::read(&place).ok()?;
            let manifest = package.manifest().ok()?;
            (manifest.id == id).then_some((place, package))
        });
        held.collect()
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

fn remove_all(path: &Path) -> io::Result<()> {
    match path.is_dir() && !path.is_symlink() {
        true => std::fs::remove_dir_all(path),
        false => std::fs::remove_file(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_came_after_the_first_look_was_put_there() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("greet.sagsplugin");
        std::fs::write(&place, "").unwrap();
        let places = KnownPlaces::default();
        assert!(!places.was_put(&place, "one"), "it may have lain there");
        assert!(!places.knows(&place, "one"));
        places.begin(folder.path(), &[(place.clone(), "one".to_owned())]);
        assert!(!places.was_put(&place, "one") && places.knows(&place, "one"));
        assert!(places.was_put(&place, "two"), "other bytes");
        assert!(!places.knows(&place, "two"));
        let beside = folder.path().join("beside");
        assert!(places.was_put(&beside, "one"), "another place");
        // What another process writes there counts as well.
        KnownPlaces::default().note(&place, "two");
        assert!(!places.was_put(&place, "two"));
        std::fs::remove_file(&place).unwrap();
        places.begin(folder.path(), &[]);
        assert!(places.was_put(&place, "two"), "it went and came again");
    }

    #[test]
    fn a_note_that_cannot_be_read_makes_nothing_that_lies_there_a_choice() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let (one, two) = (place("one.sagsplugin"), place("two.sagsplugin"));
        std::fs::write(&one, "").unwrap();
        let places = KnownPlaces::default();
        places.note(&one, "1");
        assert!(places.knows(&one, "1"), "it lies there alone");
        std::fs::write(&two, "").unwrap();
        assert!(places.was_put(&two, "2"), "as long as the note can be read");
        std::fs::write(place(KNOWN), "half a no").unwrap();
        for (path, digest) in [(&one, "1"), (&two, "2")] {
            places.note(path, digest);
            assert!(!places.was_put(path, digest), "{}", path.display());
        }
        assert!(!places.was_put(&one, "other"));
        let seen = [(one.clone(), "1".to_owned()), (two.clone(), "2".to_owned())];
        places.begin(folder.path(), &seen);
        assert!(places.knows(&one, "1") && places.knows(&two, "2"));
        assert!(places.was_put(&one, "other"), "from now on");
    }

    #[test]
    fn a_folder_that_is_not_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let plugins = folder.path().join("plugins");
        KnownPlaces::default().begin(&plugins, &[]);
        assert!(!plugins.exists());
    }
}
