//! Grants against each other: what two have in common, and whether one is enough for another.

use super::{Capability, Grant, HttpGrant};
use crate::egress::within;

impl Grant {
    /// What both permit.
    #[must_use]
    pub fn meet(&self, other: &Grant) -> Grant {
        let both = |capability: &&Capability| other.has(**capability);
        let mut met = Grant {
            capabilities: self.capabilities.iter().filter(both).copied().collect(),
            case_commands: self
                .case_commands
                .intersection(&other.case_commands)
                .cloned()
                .collect(),
            http: self
                .http
                .iter()
                .flat_map(|one| other.http.iter().filter_map(|two| one.meet(two)))
                .collect(),
            kv_bytes: self.kv_bytes.min(other.kv_bytes),
            blobs_read: self.blobs_read && other.blobs_read,
            blobs_write: self.blobs_write && other.blobs_write,
        };
        // A capability of which nothing is left is none, and particulars without their capability say nothing.
        if !met.has(Capability::CaseCommands) || met.case_commands.is_empty() {
            met.capabilities.remove(&Capability::CaseCommands);
            met.case_commands.clear();
        }
        if !met.has(Capability::Http) || met.http.is_empty() {
            met.capabilities.remove(&Capability::Http);
            met.http.clear();
        }
        if !met.has(Capability::Kv) || met.kv_bytes == 0 {
            met.capabilities.remove(&Capability::Kv);
            met.kv_bytes = 0;
        }
        if !met.has(Capability::Blobs) || !(met.blobs_read || met.blobs_write) {
            met.capabilities.remove(&Capability::Blobs);
            (met.blobs_read, met.blobs_write) = (false, false);
        }
        met
    }

    /// Whether it permits everything that another one does.
    pub fn covers(&self, other: &Grant) -> bool {
        other.capabilities.is_subset(&self.capabilities)
            && other.case_commands.is_subset(&self.case_commands)
            && other.kv_bytes <= self.kv_bytes
            && (self.blobs_read || !other.blobs_read)
            && (self.blobs_write || !other.blobs_write)
            && other
                .http
                .iter()
                .all(|asked| self.http.iter().any(|given| given.covers(asked)))
    }
}

impl HttpGrant {
    /// The same place, as far as both permit it. The secret is part of the place: with another one it is another.
    fn meet(&self, other: &HttpGrant) -> Option<HttpGrant> {
        if !self.is_same_door(other) {
            return None;
        }
        let paths: Vec<String> = match (self.paths.is_empty(), other.paths.is_empty()) {
            (true, _) => other.paths.clone(),
            (_, true) => self.paths.clone(),
            _ => {
                let narrower = |one: &String, two: &String| {
                    let longer = if one.len() >= two.len() { one } else { two };
                    let shorter = if one.len() >= two.len() { two } else { one };
                    within(longer, shorter).then(|| longer.clone())
                };
                let pairs = self
                    .paths
                    .iter()
                    .flat_map(|one| other.paths.iter().filter_map(move |two| narrower(one, two)));
                let common: Vec<String> = pairs.collect();
                if common.is_empty() {
                    return None;
                }
                common
            }
        };
        Some(HttpGrant {
            paths,
            ..self.clone()
        })
    }

    fn covers(&self, other: &HttpGrant) -> bool {
        let within = |path: &String| self.paths.iter().any(|prefix| within(path, prefix));
        self.is_same_door(other)
            && (self.paths.is_empty()
                || (!other.paths.is_empty() && other.paths.iter().all(within)))
    }

    fn is_same_door(&self, other: &HttpGrant) -> bool {
        let secret = |one: &HttpGrant| {
            let carried = (one.secret_header.clone(), one.secret_prefix.clone());
            one.secret.clone().map(|name| (name, carried))
        };
        self.origin.eq_ignore_ascii_case(&other.origin) && secret(self) == secret(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;

    fn declared(capabilities: &str) -> Grant {
        let text = format!(
            "id = \"x\"\nversion = \"1.0.0\"\ninterface = \"1\"\n[title]\nen = \"x\"\n[[action]]\nname = \"x\"\neffect = \"pure\"\n[capabilities]\n{capabilities}"
        );
        Grant::declared(&Manifest::parse(&text).unwrap())
    }

    #[test]
    fn what_is_left_of_a_wish_is_what_was_granted_of_it() {
        let asked = declared(
            "case-read = true\ncase-commands = [\"note\", \"tag\"]\nkv = \"1 MiB\"\nhttp = [{ origin = \"https://a.example\", paths = [\"/rest/\"], secret = \"token\" }]",
        );
        let granted = declared(
            "case-commands = [\"note\"]\nkv = \"64 KiB\"\nhttp = [{ origin = \"https://a.example\", paths = [\"/rest/sms\"], secret = \"token\" }]",
        );
        let met = asked.meet(&granted);
        assert_eq!(met.kv_bytes, 65_536);
        assert_eq!(met.case_commands.iter().collect::<Vec<_>>(), ["note"]);
        assert_eq!(met.http[0].paths, ["/rest/sms"]);
        assert!(!met.has(Capability::CaseRead) && met.has(Capability::Http));
        assert_eq!(met, granted.meet(&asked));
        assert!(asked.covers(&met) && !met.covers(&asked));
        let mut bare = asked.clone();
        bare.capabilities.clear();
        assert_eq!(asked.meet(&bare), Grant::nothing());
    }

    #[test]
    fn another_secret_or_another_place_is_another_door() {
        let asked = declared("http = [{ origin = \"https://a.example\", secret = \"token\" }]");
        for other in [
            "http = [{ origin = \"https://a.example\" }]",
            "http = [{ origin = \"https://b.example\", secret = \"token\" }]",
            "http = [{ origin = \"https://a.example\", secret = \"token\", secret-header = \"x-key\" }]",
        ] {
            let met = asked.meet(&declared(other));
            assert!(met.is_nothing(), "{other}: {met:?}");
            assert!(!asked.covers(&declared(other)));
        }
    }

    /// With the letters alone, who had been granted `/rest` got `/restricted` with the next version.
    #[test]
    fn a_path_that_only_begins_with_the_same_letters_is_another_place() {
        let place = |path: &str| {
            declared(&format!(
                "http = [{{ origin = \"https://a.example\", paths = [\"{path}\"] }}]"
            ))
        };
        let (granted, asked) = (place("/rest"), place("/restricted"));
        assert!(granted.meet(&asked).is_nothing() && asked.meet(&granted).is_nothing());
        assert!(!granted.covers(&asked));
        assert!(granted.covers(&place("/rest/sms")) && granted.covers(&place("/rest")));
        assert_eq!(granted.meet(&place("/rest/sms")), place("/rest/sms"));
    }

    #[test]
    fn more_paths_are_more_than_was_granted() {
        let narrow = declared("http = [{ origin = \"https://a.example\", paths = [\"/a/\"] }]");
        let wide = declared("http = [{ origin = \"https://a.example\" }]");
        assert!(wide.covers(&narrow) && !narrow.covers(&wide));
        assert!(
            narrow
                .meet(&declared(
                    "http = [{ origin = \"https://a.example\", paths = [\"/b/\"] }]"
                ))
                .is_nothing()
        );
    }
}
