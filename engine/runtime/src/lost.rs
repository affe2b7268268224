//! What was sealed under a key that is not here: nobody can read it until the key is back.

use crate::engine::Engine;
use crate::error::EngineError;
use std::fmt;

/// What cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LostSecrets {
    /// Contacts whose number of a person cannot be read.
    pub cprs: u64,
    /// Plugins whose secret settings cannot be read.
    pub plugins: Vec<String>,
    /// Addresses of webhooks whose events cannot be signed.
    pub webhooks: Vec<String>,
}

impl LostSecrets {
    /// Everything can be read.
    pub fn is_empty(&self) -> bool {
        self.cprs == 0 && self.plugins.is_empty() && self.webhooks.is_empty()
    }
}

impl fmt::Display for LostSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        match self.cprs {
            0 => {}
            1 => parts.push("the CPR number of 1 contact".to_owned()),
            count => parts.push(format!("the CPR numbers of {count} contacts")),
        }
        if !self.plugins.is_empty() {
            parts.push(format!("the secrets of {}", self.plugins.join(", ")));
        }
        if !self.webhooks.is_empty() {
            parts.push(format!(
                "the keys of the webhooks to {}",
                self.webhooks.join(", ")
            ));
        }
        f.write_str(&parts.join("; "))
    }
}

impl Engine {
    /// What none of the keys that are here opens.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lost_secrets(&self) -> Result<LostSecrets, EngineError> {
        let mut lost = LostSecrets::default();
        for (head, count) in self.store.cpr_heads().await? {
            if !self.seal.knows(&head) {
                lost.cprs += count;
            }
        }
        for configuration in self.store.plugin_configurations().await? {
            let sealed = configuration.sealed.as_deref();
            if sealed.is_some_and(|sealed| !self.seal.knows(sealed))
                && !lost.plugins.contains(&configuration.plugin)
            {
                lost.plugins.push(configuration.plugin);
            }
        }
        for webhook in self.store.webhooks().await? {
            if self.signing_key(&webhook).is_none() {
                lost.webhooks.push(webhook.url);
            }
        }
        Ok(lost)
    }
}
