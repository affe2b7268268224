//! Granting a plugin what it asks for, or a part of it, and taking it back.

use super::decide::PluginChangeError;
use crate::engine::Engine;
use sagsgang_domain::Caller;
use sagsgang_host::{Capability, Grant, Plugin};
use serde_json::json;
use std::sync::Arc;

/// Digests that a grant remembers; older packages have long left.
const MOST_DIGESTS: usize = 16;
/// What is granted, as a part of what was asked for; what is left out is granted as asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewGrant {
    /// SHA-256 of the package that was looked at; the newest where none is named.
    pub digest: Option<String>,
    /// Names of capabilities.
    pub capabilities: Option<Vec<String>>,
    /// Types of commands.
    pub case_commands: Option<Vec<String>>,
    /// Origins with the prefixes of their paths; without any, those that were asked for.
    pub http: Option<Vec<(String, Vec<String>)>>,
    /// Room for values of its own, in bytes.
    pub kv_bytes: Option<u64>,
    /// `read`, `write`.
    pub blobs: Option<Vec<String>>,
}

impl Engine {
    /// Grants a plugin what it asks for, or a part of it. Counts for calls that begin from now on.
    ///
    /// # Errors
    /// When the caller may not, there is no such plugin, it does not ask for that, or somebody decided meanwhile.
    pub async fn grant_plugin(
        &self,
        caller: &Caller,
        id: &str,
        new: &NewGrant,
        expected: Option<u64>,
    ) -> Result<(), PluginChangeError> {
        let plugin = self.version_looked_at(caller, id, new.digest.as_deref())?;
        let declared = Grant::declared(plugin.manifest());
        let granted = narrowed(&declared, new)?;
        let detail =
            json!({ "version": plugin.version(), "digest": plugin.digest(), "grant": granted });
        let key = plugin
            .signer()
            .filter(|signer| signer.name.is_some())
            .map(|signer| signer.key.clone());
        let (by, at) = (caller.actor.id.clone(), self.now());
        self.decide(caller, id, expected, "granted", detail, |row| {
            let digest = plugin.digest().to_owned();
            row.digests.retain(|known| *known != digest);
            row.digests.push(digest);
            let surplus = row.digests.len().saturating_sub(MOST_DIGESTS);
            row.digests.drain(..surplus);
            row.asked = serde_json::to_value(&declared).ok();
            row.granted = serde_json::to_value(&granted).ok();
            row.signing_key.clone_from(&key);
            (row.granted_by, row.granted_at) = (Some(by.clone()), Some(at));
        })
        .await
    }

    /// Takes back everything that a plugin was granted: it is not called any more.
    ///
    /// # Errors
    /// When the caller may not, there is no such plugin, or somebody decided meanwhile.
    pub async fn revoke_plugin(
        &self,
        caller: &Caller,
        id: &str,
        expected: Option<u64>,
    ) -> Result<(), PluginChangeError> {
        let (by, at) = (caller.actor.id.clone(), self.now());
        self.decide(caller, id, expected, "revoked", json!({}), |row| {
            row.granted = None;
            row.digests.clear();
            row.signing_key = None;
            (row.granted_by, row.granted_at) = (Some(by.clone()), Some(at));
        })
        .await
    }

    fn version_looked_at(
        &self,
        caller: &Caller,
        id: &str,
        digest: Option<&str>,
    ) -> Result<Arc<Plugin>, PluginChangeError> {
        let versions = self.versions_of(caller, id)?;
        let looked_at = match digest {
            Some(digest) => versions.into_iter().find(|one| one.digest() == digest),
            None => versions.into_iter().next(),
        };
        looked_at.ok_or(PluginChangeError::OtherPackage)
    }
}

/// The part of a wish that is granted.
fn narrowed(declared: &Grant, new: &NewGrant) -> Result<Grant, PluginChangeError> {
    let mut beyond = Vec::new();
    let mut granted = declared.clone();
    if let Some(names) = &new.capabilities {
        let asked = |name: &String| {
            Capability::from_name(name).filter(|capability| declared.has(*capability))
        };
        beyond.extend(names.iter().filter(|name| asked(name).is_none()).cloned());
        granted.capabilities = names.iter().filter_map(asked).collect();
    }
    if let Some(names) = &new.case_commands {
        let asked = |name: &&String| declared.case_commands.contains(*name);
        beyond.extend(names.iter().filter(|name| !asked(name)).cloned());
        granted.case_commands = names.iter().filter(asked).cloned().collect();
    }
    if let Some(places) = &new.http {
        granted.http.clear();
        for (origin, paths) in places {
            let same = declared.http.iter().filter(|one| one.origin == *origin);
            let before = granted.http.len();
            granted.http.extend(same.map(|one| {
                let mut one = one.clone();
                if !paths.is_empty() {
                    one.paths.clone_from(paths);
                }
                one
            }));
            if granted.http.len() == before {
                beyond.push(origin.clone());
            }
        }
    }
    if let Some(bytes) = new.kv_bytes {
        granted.kv_bytes = bytes.min(declared.kv_bytes);
    }
    if let Some(ways) = &new.blobs {
        let known = |way: &&String| {
            (*way == "read" && declared.blobs_read) || (*way == "write" && declared.blobs_write)
        };
        beyond.extend(ways.iter().filter(|way| !known(way)).cloned());
        granted.blobs_read = ways.iter().any(|way| way == "read");
        granted.blobs_write = ways.iter().any(|way| way == "write");
    }
    match beyond.is_empty() {
        true => Ok(declared.meet(&granted)),
        false => Err(PluginChangeError::Beyond(beyond)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_host::Manifest;

    fn declared() -> Grant {
        let text = "id = \"x\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nen = \"x\"\n[[action]]\nname = \"x\"\neffect = \"pure\"\n[capabilities]\n\
                    case-read = true\ncase-commands = [\"note\", \"tag\"]\nkv = \"1 MiB\"\nhttp = [{ origin = \"https://a.example\" }]\n";
        Grant::declared(&Manifest::parse(text).unwrap())
    }

    #[test]
    fn without_particulars_all_of_it_is_granted() {
        assert_eq!(
            narrowed(&declared(), &NewGrant::default()).unwrap(),
            declared()
        );
    }

    #[test]
    fn a_part_of_it_is_granted_with_limits() {
        let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let part = NewGrant {
            capabilities: names(&["case-commands", "http", "kv"]),
            case_commands: names(&["note"]),
            http: Some(vec![(
                "https://a.example".to_owned(),
                vec!["/sms".to_owned()],
            )]),
            kv_bytes: Some(1_024),
            ..NewGrant::default()
        };
        let granted = narrowed(&declared(), &part).unwrap();
        assert!(!granted.has(Capability::CaseRead));
        assert_eq!((granted.kv_bytes, granted.case_commands.len()), (1_024, 1));
        assert_eq!(granted.http[0].paths, ["/sms"]);
        let nothing = NewGrant {
            capabilities: names(&[]),
            ..NewGrant::default()
        };
        assert!(narrowed(&declared(), &nothing).unwrap().is_nothing());
    }

    #[test]
    fn more_than_was_asked_for_is_named() {
        let more = NewGrant {
            capabilities: Some(vec!["cases".to_owned(), "kv".to_owned()]),
            http: Some(vec![("https://b.example".to_owned(), Vec::new())]),
            ..NewGrant::default()
        };
        let Err(PluginChangeError::Beyond(names)) = narrowed(&declared(), &more) else {
            panic!("it was granted");
        };
        assert_eq!(names, ["cases", "https://b.example"]);
    }
}
