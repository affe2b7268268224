//! Which plugins are installed. Readers take a snapshot; an installation swaps in a new one.

use crate::entry_point::EntryPoint;
use crate::plugin::{ActionRef, Plugin};
use crate::problem::Problem;
use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

/// Older versions kept beside the newest, for workflows that run with them.
const OLDER_VERSIONS: usize = 8;

/// The installed plugins.
#[derive(Default)]
pub(crate) struct Registry {
    entries: RwLock<Arc<Vec<Entry>>>,
    /// Packages that stay beside the newest, however many there are.
    held: RwLock<HashSet<String>>,
}

/// One plugin version.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) plugin: Arc<Plugin>,
    /// What it offers: actions, panels, channels, providers.
    pub(crate) offers: Vec<Arc<ActionRef>>,
    /// It is here for runs that are pinned to its bytes, and answers nobody else.
    pub(crate) apart: bool,
}

impl Entry {
    fn offer(&self, point: EntryPoint, name: &str) -> Option<&Arc<ActionRef>> {
        let mut offers = self.offers.iter();
        offers.find(|offer| offer.point == point && offer.name() == name)
    }
}

impl Registry {
    /// The versions installed, oldest first.
    pub(crate) fn entries(&self) -> Arc<Vec<Entry>> {
        self.entries
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts a version in. The same version is replaced, another one is kept for those who pinned it. What stands apart takes
    /// no place and no name.
    pub(crate) fn put(&self, entry: Entry) -> Result<(), Vec<Problem>> {
        let mut guard = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let offers = entry.offers.iter().filter(|_| !entry.apart);
        let taken: Vec<Problem> = offers.filter_map(|offer| taken(&guard, offer)).collect();
        if !taken.is_empty() {
            return Err(taken);
        }
        let id = entry.plugin.id().to_owned();
        let is_replaced = |old: &Entry| {
            let same = old.plugin.id() == id && old.plugin.version() == entry.plugin.version();
            same && (!entry.apart || old.plugin.digest() == entry.plugin.digest())
        };
        let others = guard.iter().filter(|old| !is_replaced(old));
        let mut entries: Vec<Entry> = others.cloned().collect();
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let may_go = |old: &Entry| old.plugin.id() == id && !held.contains(old.plugin.digest());
        let mut surplus = entries
            .iter()
            .filter(|old| may_go(old))
            .count()
            .saturating_sub(OLDER_VERSIONS);
        entries.retain(|old| {
            let goes = may_go(old) && surplus > 0;
            surplus -= usize::from(goes);
            !goes
        });
        entries.push(entry);
        *guard = Arc::new(entries);
        Ok(())
    }

    /// Says which packages have to stay as long as their plugin does, since somebody goes on with them.
    pub(crate) fn hold(&self, digests: HashSet<String>) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = digests;
    }

    /// The package of a digest, whoever it answers.
    pub(crate) fn package(&self, digest: &str) -> Option<Arc<Plugin>> {
        let entries = self.entries();
        let mut packages = entries.iter().rev();
        let found = packages.find(|entry| entry.plugin.digest() == digest);
        found.map(|entry| entry.plugin.clone())
    }

    /// An offer by name, of the package of a digest.
    pub(crate) fn find_package(
        &self,
        point: EntryPoint,
        name: &str,
        digest: &str,
    ) -> Option<Arc<ActionRef>> {
        let entries = self.entries();
        let mut packages = entries.iter().rev();
        let entry = packages.find(|entry| entry.plugin.digest() == digest)?;
        entry.offer(point, name).cloned()
    }

    /// Takes a plugin out, with all its versions. Calls in progress end as they would have.
    pub(crate) fn remove(&self, id: &str) -> bool {
        let mut guard = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let kept: Vec<Entry> = guard
            .iter()
            .filter(|entry| entry.plugin.id() != id)
            .cloned()
            .collect();
        let removed = kept.len() != guard.len();
        *guard = Arc::new(kept);
        removed
    }

    /// The version of each plugin that was installed last.
    pub(crate) fn newest(&self) -> Vec<Arc<Plugin>> {
        self.one_of_each(|_, versions| versions.last().copied())
    }

    /// The version of each plugin that answers where a caller names none.
    pub(crate) fn current(&self) -> Vec<Arc<Plugin>> {
        self.one_of_each(|chosen, versions| {
            let newest_first: Vec<&Entry> = versions.iter().rev().copied().collect();
            preferred(chosen, &newest_first)
        })
    }

    fn one_of_each(
        &self,
        choose: impl for<'b> Fn(Option<&str>, &[&'b Entry]) -> Option<&'b Entry>,
    ) -> Vec<Arc<Plugin>> {
        let entries = self.entries();
        let mut found: Vec<Arc<Plugin>> = Vec::new();
        let answering = || entries.iter().filter(|entry| !entry.apart);
        for entry in answering() {
            if found.iter().any(|plugin| plugin.id() == entry.plugin.id()) {
                continue;
            }
            let same = |other: &&Entry| other.plugin.id() == entry.plugin.id();
            let versions: Vec<&Entry> = answering().filter(same).collect();
            let chosen = entry.plugin.shared.standing().version;
            found.extend(choose(chosen.as_deref(), &versions).map(|entry| entry.plugin.clone()));
        }
        found
    }

    /// An offer by name, of the version that answers or of one that is given in full or by its first numbers.
    pub(crate) fn find(
        &self,
        point: EntryPoint,
        name: &str,
        version: Option<&str>,
    ) -> Option<Arc<ActionRef>> {
        let entries = self.entries();
        let offers = |entry: &&Entry| !entry.apart && entry.offer(point, name).is_some();
        let fits =
            |entry: &&Entry| version.is_none_or(|wanted| covers(wanted, entry.plugin.version()));
        let newest_first: Vec<&Entry> = entries.iter().rev().filter(offers).filter(fits).collect();
        let chosen = newest_first.first()?.plugin.shared.standing().version;
        let entry = preferred(chosen.as_deref(), &newest_first)?;
        entry.offer(point, name).cloned()
    }
}

/// The chosen version, else the newest that is granted, else the newest: an update that asks for more than was granted
/// does not take the place of the version that works.
fn preferred<'a>(chosen: Option<&str>, newest_first: &[&'a Entry]) -> Option<&'a Entry> {
    let is_chosen = |entry: &&&Entry| Some(entry.plugin.version()) == chosen;
    newest_first
        .iter()
        .find(is_chosen)
        .or_else(|| newest_first.iter().find(|entry| !entry.plugin.is_waiting()))
        .or(newest_first.first())
        .copied()
}

/// Whether `1.2` covers `1.2.7`.
fn covers(wanted: &str, version: &str) -> bool {
    version
        .strip_prefix(wanted)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn taken(entries: &[Entry], offer: &ActionRef) -> Option<Problem> {
    let mut others = entries
        .iter()
        .filter(|entry| !entry.apart && entry.plugin.id() != offer.plugin.id());
    let owner = others.find_map(|entry| entry.offer(offer.point, offer.name()))?;
    let message = format!(
        "the plugin `{}` already offers the {} `{}`",
        owner.plugin.id(),
        offer.point.world(),
        offer.name()
    );
    Some(Problem::new(crate::manifest::FILE, "action-taken", message))
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn versions_are_compared_by_whole_numbers() {
        assert!(covers("1", "1.2.0") && covers("1.2.0", "1.2.0") && covers("1.2", "1.2.0"));
        assert!(!covers("1", "10.0.0") && !covers("1.2", "1.20.0") && !covers("2", "1.2.0"));
    }
}
