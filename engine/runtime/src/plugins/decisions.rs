//! What people decided about plugins, as it was read last, and what follows from it for each version.

use crate::engine::Engine;
use crate::error::EngineError;
use sagsgang_domain::Timestamp;
use sagsgang_host::{Candidate, Grant, Source, Standing};
use sagsgang_store::{PluginConfiguration, PluginDecision, PluginPackage};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// Who grants what comes with the program.
pub(super) const INSTALLATION: &str = "installation";
/// How often decisions are read again, since another process may have made one.
const REFRESH: Duration = Duration::from_secs(2);

/// The decisions and settings of all plugins.
#[derive(Clone, Debug, Default, PartialEq)]
struct Read {
    rows: HashMap<String, PluginDecision>,
    configurations: HashMap<(String, String), PluginConfiguration>,
    /// The settings of each plugin by name, ready to be handed over.
    in_use: HashMap<String, HashMap<String, Arc<Value>>>,
}

/// What was decided; shared with the policy of the plugin host.
#[derive(Default)]
pub(crate) struct Decisions {
    read: RwLock<Arc<Read>>,
    /// The installed packages as they were followed last; nothing before the first time.
    packages: Mutex<Option<Vec<PluginPackage>>>,
    /// One reads at a time: what was read first never takes the place of what was read later.
    reading: tokio::sync::Mutex<()>,
    /// Plugins that nobody decided about get what they ask for.
    development: bool,
}

/// Why a version may do what it may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// It asks for nothing.
    NotNeeded,
    /// It came with the program.
    Installation,
    /// The development switch is on.
    Development,
    /// A person granted it.
    Person,
    /// Nobody has decided about it.
    Waiting,
    /// A person took it back.
    TakenBack,
}

impl Consent {
    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Consent::NotNeeded => "not-needed",
            Consent::Installation => "installation",
            Consent::Development => "development",
            Consent::Person => "granted",
            Consent::Waiting => "waiting",
            Consent::TakenBack => "taken-back",
        }
    }
}

impl Decisions {
    pub(crate) fn new(development: bool) -> Self {
        Self {
            read: RwLock::default(),
            packages: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            development,
        }
    }

    /// The installed packages that this process has followed last.
    pub(crate) fn packages(&self) -> Option<Vec<PluginPackage>> {
        let packages = self.packages.lock().unwrap_or_else(PoisonError::into_inner);
        packages.clone()
    }

    pub(super) fn set_packages(&self, followed: Vec<PluginPackage>) {
        let mut packages = self.packages.lock().unwrap_or_else(PoisonError::into_inner);
        *packages = Some(followed);
    }

    fn read(&self) -> Arc<Read> {
        Arc::clone(&self.read.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn row(&self, id: &str) -> Option<PluginDecision> {
        self.read().rows.get(id).cloned()
    }

    /// The settings under a name.
    pub(crate) fn configuration(&self, plugin: &str, name: &str) -> Option<PluginConfiguration> {
        let key = (plugin.to_owned(), name.to_owned());
        self.read().configurations.get(&key).cloned()
    }

    /// The settings of a name with which a plugin is called, where somebody gave any.
    pub(super) fn in_use(&self, plugin: &str, name: &str) -> Option<Arc<Value>> {
        self.read().in_use.get(plugin)?.get(name).cloned()
    }

    pub(super) fn configurations(&self, plugin: &str) -> Vec<PluginConfiguration> {
        let read = self.read();
        let mut found: Vec<_> = read
            .configurations
            .values()
            .filter(|one| one.plugin == plugin)
            .cloned()
            .collect();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        found
    }

    /// What a version is granted; `None` where it waits.
    pub(crate) fn grant(&self, candidate: &Candidate<'_>) -> Option<Grant> {
        self.judge(candidate).1
    }

    /// Why a version may do what it may do.
    pub(super) fn consent(&self, candidate: &Candidate<'_>) -> Consent {
        self.judge(candidate).0
    }

    fn judge(&self, candidate: &Candidate<'_>) -> (Consent, Option<Grant>) {
        let declared = Grant::declared(candidate.manifest);
        if declared.is_nothing() {
            return (Consent::NotNeeded, Some(declared));
        }
        let row = self.row(&candidate.manifest.id);
        let person = row.as_ref().filter(|row| {
            row.granted_by
                .as_deref()
                .is_some_and(|by| by != INSTALLATION)
        });
        let Some(row) = person else {
            return match (candidate.source, self.development) {
                // What comes with the program needs nobody, as long as it sends nothing to the outside.
                (Source::Bundled, _) if stays_inside(&declared) => {
                    (Consent::Installation, Some(declared))
                }
                (_, true) => (Consent::Development, Some(declared)),
                (_, false) => (Consent::Waiting, None),
            };
        };
        let Some(granted) = granted(row) else {
            return (Consent::TakenBack, None);
        };
        match (holds_for(row, candidate, &declared), self.development) {
            (true, _) => (Consent::Person, Some(granted)),
            (false, true) => (Consent::Development, Some(declared)),
            (false, false) => (Consent::Waiting, None),
        }
    }
}

/// Whether a grant lets nothing out.
pub(super) fn stays_inside(grant: &Grant) -> bool {
    grant.http.is_empty()
}

/// The grant of a row.
fn granted(row: &PluginDecision) -> Option<Grant> {
    serde_json::from_value(row.granted.clone()?).ok()
}

/// A grant holds for the packages that it was given to, and for later ones of the same trusted key that ask for no more.
fn holds_for(row: &PluginDecision, candidate: &Candidate<'_>, declared: &Grant) -> bool {
    if row.digests.iter().any(|digest| digest == candidate.digest) {
        return true;
    }
    let trusted = candidate.signer.filter(|signer| signer.name.is_some());
    let same_key = trusted.is_some_and(|signer| row.signing_key.as_ref() == Some(&signer.key));
    let asked: Option<Grant> = row
        .asked
        .clone()
        .and_then(|asked| serde_json::from_value(asked).ok());
    same_key && asked.is_some_and(|asked| asked.covers(declared))
}

/// A plugin about which nothing was decided.
pub(super) fn undecided(id: &str, now: Timestamp) -> PluginDecision {
    PluginDecision {
        id: id.to_owned(),
        enabled: true,
        version: None,
        asked: None,
        granted: None,
        digests: Vec::new(),
        signing_key: None,
        granted_by: None,
        granted_at: None,
        revision: 0,
        updated_at: now,
    }
}

impl Engine {
    /// Reads the decisions again and lets the host act on what changed.
    pub(crate) async fn read_plugin_decisions(&self) -> Result<(), EngineError> {
        let _reading = self.decisions.reading.lock().await;
        let rows = self.store.plugin_decisions().await?;
        let configurations = self.store.plugin_configurations().await?;
        let key = |one: &PluginConfiguration| (one.plugin.clone(), one.name.clone());
        let mut in_use: HashMap<String, HashMap<String, Arc<Value>>> = HashMap::new();
        for one in &configurations {
            let of_plugin = in_use.entry(one.plugin.clone()).or_default();
            of_plugin.insert(one.name.clone(), Arc::new(one.value.clone()));
        }
        let now = Arc::new(Read {
            rows: rows.into_iter().map(|row| (row.id.clone(), row)).collect(),
            configurations: configurations
                .into_iter()
                .map(|one| (key(&one), one))
                .collect(),
            in_use,
        });
        let before = self.decisions.read();
        if *before == *now {
            return Ok(());
        }
        *self
            .decisions
            .read
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::clone(&now);
        let ids: BTreeSet<&String> = before.rows.keys().chain(now.rows.keys()).collect();
        for id in ids {
            let row = now.rows.get(id);
            self.host.set_standing(
                id,
                Standing {
                    disabled: row.is_some_and(|row| !row.enabled),
                    version: row.and_then(|row| row.version.clone()),
                },
            );
            self.host.regrant(id);
        }
        self.announce("plugins", 0);
        Ok(())
    }

    /// Hears of what other processes decide.
    pub(crate) async fn follow_plugin_decisions(self: Arc<Self>) {
        while self.pause(REFRESH, None).await {
            let read = async {
                self.read_plugin_decisions().await?;
                self.follow_packages().await?;
                self.read_pins().await?;
                self.forget_pins().await
            };
            if let Err(error) = read.await {
                tracing::warn!(%error, "what was decided about plugins could not be read");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_host::{Manifest, Signer};

    fn manifest(capabilities: &str) -> Manifest {
        Manifest::parse(&format!(
            "id = \"x\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nen = \"x\"\n[[action]]\nname = \"x\"\neffect = \"pure\"\n[capabilities]\n{capabilities}"
        ))
        .unwrap()
    }

    fn decided(development: bool, row: Option<PluginDecision>) -> Decisions {
        let decisions = Decisions::new(development);
        let rows = row.into_iter().map(|row| (row.id.clone(), row)).collect();
        *decisions.read.write().unwrap() = Arc::new(Read {
            rows,
            ..Read::default()
        });
        decisions
    }

    fn granted_row(capabilities: &str) -> PluginDecision {
        let grant = serde_json::to_value(Grant::declared(&manifest(capabilities))).unwrap();
        PluginDecision {
            asked: Some(grant.clone()),
            granted: Some(grant),
            digests: vec!["one".to_owned()],
            signing_key: Some("key".to_owned()),
            granted_by: Some("anna".to_owned()),
            ..undecided("x", Timestamp::from_micros(0))
        }
    }

    #[test]
    fn a_plugin_waits_until_somebody_decides() {
        let candidate = |manifest| Candidate {
            manifest,
            digest: "one",
            signer: None,
            source: Source::Folder,
        };
        let (asks, asks_not) = (manifest("case-read = true"), manifest(""));
        let nobody = decided(false, None);
        assert_eq!(nobody.consent(&candidate(&asks)), Consent::Waiting);
        assert_eq!(nobody.consent(&candidate(&asks_not)), Consent::NotNeeded);
        let bundled = Candidate {
            source: Source::Bundled,
            ..candidate(&asks)
        };
        assert_eq!(nobody.consent(&bundled), Consent::Installation);
        let trying = decided(true, None);
        assert_eq!(trying.consent(&candidate(&asks)), Consent::Development);
        let somebody = decided(false, Some(granted_row("case-read = true")));
        assert_eq!(somebody.consent(&candidate(&asks)), Consent::Person);
        let row = PluginDecision {
            granted: None,
            ..granted_row("case-read = true")
        };
        let taken = decided(true, Some(row));
        assert_eq!(taken.consent(&candidate(&asks)), Consent::TakenBack);
        assert_eq!(taken.consent(&bundled), Consent::TakenBack);
    }

    #[test]
    fn other_bytes_have_the_grant_only_from_the_same_trusted_key_and_for_no_more() {
        let somebody = decided(false, Some(granted_row("case-read = true")));
        let asks = manifest("case-read = true");
        let more = manifest("case-read = true\ncases = true");
        let signer = |key: &str, name: Option<&str>| Signer {
            key: key.to_owned(),
            name: name.map(str::to_owned),
        };
        let (ours, foreign, untrusted) = (
            signer("key", Some("Acme")),
            signer("other", Some("Else")),
            signer("key", None),
        );
        let other = |manifest, signer| Candidate {
            manifest,
            digest: "two",
            signer,
            source: Source::Package,
        };
        let consent = |candidate| somebody.consent(&candidate);
        assert_eq!(consent(other(&asks, None)), Consent::Waiting);
        assert_eq!(consent(other(&asks, Some(&ours))), Consent::Person);
        assert_eq!(consent(other(&asks, Some(&foreign))), Consent::Waiting);
        assert_eq!(consent(other(&asks, Some(&untrusted))), Consent::Waiting);
        assert_eq!(consent(other(&more, Some(&ours))), Consent::Waiting);
    }
}
