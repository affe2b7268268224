//! Settings of plugins. What is secret in them is sealed when it comes in and only ever leaves in the header of a request.

use super::decide::{PluginChangeError, actions_of};
use crate::engine::Engine;
use crate::pins::Unfinished;
use sagsgang_definition::workflow::ConfigurationRef;
use sagsgang_domain::Caller;
use sagsgang_host::{CallContext, Plugin, PluginError};
use sagsgang_store::PluginConfiguration;
use serde_json::{Map, Value, json};
use std::sync::Arc;

impl Engine {
    /// Puts the settings of a plugin in place, under a name; `default` is what buttons use, and workflows that name none. A
    /// secret that is left out stays as it is, and one that is `null` is forgotten.
    ///
    /// # Errors
    /// When the caller may not, the settings do not fit the plugin's schema, or somebody changed them meanwhile.
    pub async fn configure_plugin(
        &self,
        caller: &Caller,
        id: &str,
        name: &str,
        value: Value,
        expected: Option<u64>,
    ) -> Result<PluginConfiguration, PluginChangeError> {
        self.versions_of(caller, id)?;
        let plugin = self
            .current_version(id)
            .ok_or(PluginChangeError::NotFound)?;
        let unfit = |problem: &str| PluginChangeError::Configuration(vec![problem.to_owned()]);
        if !ConfigurationRef::is_name(name) {
            return Err(unfit(
                "the name has at most 64 lower case letters, digits and `-`",
            ));
        }
        if plugin.configuration_schema().is_none() {
            return Err(unfit("this plugin has no settings"));
        }
        let Value::Object(mut given) = value else {
            return Err(unfit("the settings are not an object"));
        };
        let known = self.stored_configuration(id, name).await?;
        let revision = known.as_ref().map_or(0, |known| known.revision);
        if let Some(expected) = expected
            && expected != revision
        {
            return Err(PluginChangeError::Stale { current: revision });
        }
        let mut secrets = match &known {
            Some(known) => self.opened(known)?,
            None => Map::new(),
        };
        let names = plugin.secret_settings();
        let mut changed = Vec::new();
        for secret in &names {
            match given.remove(secret) {
                None => {}
                Some(Value::Null) => {
                    secrets.remove(secret);
                    changed.push(secret);
                }
                Some(text) => {
                    secrets.insert(secret.clone(), text);
                    changed.push(secret);
                }
            }
        }
        // Secrets of an older version that this one does not know are of no use to anybody.
        secrets.retain(|name, _| names.contains(name));
        let mut whole = given.clone();
        whole.extend(secrets.clone());
        let problems = plugin.configuration_problems(&Value::Object(whole));
        if !problems.is_empty() {
            // A schema's complaint repeats the value, which may be a secret.
            return Err(PluginChangeError::Configuration(without(
                &problems, &secrets,
            )));
        }
        let made = PluginConfiguration {
            plugin: id.to_owned(),
            name: name.to_owned(),
            value: Value::Object(given),
            sealed: self.sealed(id, name, secrets)?,
            revision,
            updated_by: caller.actor.id.clone(),
            updated_at: self.now(),
        };
        let detail = json!({ "name": name, "value": made.value, "secrets": changed });
        let deed = self.deed(id, &caller.actor.id, "configured", detail);
        if !self.store.put_plugin_configuration(&made, &deed).await? {
            let now = self.stored_configuration(id, name).await?;
            let current = now.map_or(0, |now| now.revision);
            return Err(PluginChangeError::Stale { current });
        }
        self.read_plugin_decisions().await?;
        Ok(PluginConfiguration {
            revision: revision + 1,
            ..made
        })
    }

    /// The settings of a name with which a plugin is called; nothing where it keeps to those of its package, which it does
    /// only under the name `default`.
    pub(crate) fn configuration_for(
        &self,
        plugin: &str,
        name: Option<&str>,
    ) -> Result<Arc<Value>, PluginError> {
        let name = name.unwrap_or(CallContext::DEFAULT);
        match self.decisions.in_use(plugin, name) {
            Some(settings) => Ok(settings),
            None if name == CallContext::DEFAULT => Ok(Arc::default()),
            None => Err(PluginError::NotConfigured(name.to_owned())),
        }
    }

    /// Whether a plugin can be called with settings of this name.
    pub(crate) fn has_configuration(&self, plugin: &str, name: &str) -> bool {
        self.configuration_for(plugin, Some(name)).is_ok()
    }

    /// Names of the settings with which a plugin can be called.
    pub(crate) fn configuration_names(&self, plugin: &str) -> Vec<String> {
        let given = self.decisions.configurations(plugin).into_iter();
        let mut names: Vec<String> = given.map(|one| one.name).collect();
        if names.iter().all(|name| name != CallContext::DEFAULT) {
            names.insert(0, CallContext::DEFAULT.to_owned());
        }
        names
    }

    /// Forgets settings of a plugin with their secrets.
    ///
    /// # Errors
    /// When the caller may not, there are no settings of this name, they are those that are used where none are named,
    /// workflows name them, or somebody changed them meanwhile.
    pub async fn delete_plugin_configuration(
        &self,
        caller: &Caller,
        id: &str,
        name: &str,
        expected: Option<u64>,
    ) -> Result<(), PluginChangeError> {
        let versions = self.versions_of(caller, id)?;
        let known = self.stored_configuration(id, name).await?;
        let known = known.ok_or(PluginChangeError::NotFound)?;
        if name == CallContext::DEFAULT {
            return Err(PluginChangeError::Configuration(vec![
                "`default` is used where none is named; change it instead".to_owned(),
            ]));
        }
        if let Some(expected) = expected
            && expected != known.revision
        {
            let current = known.revision;
            return Err(PluginChangeError::Stale { current });
        }
        let users = self.workflows_configured(&versions, name, &self.unfinished().await?);
        if !users.is_empty() {
            return Err(PluginChangeError::Configured(users));
        }
        let detail = json!({ "name": name });
        let deed = self.deed(id, &caller.actor.id, "configuration-deleted", detail);
        let gone = self
            .store
            .delete_plugin_configuration(id, name, known.revision, &deed);
        if !gone.await? {
            let now = self.stored_configuration(id, name).await?;
            let current = now.map_or(0, |now| now.revision);
            return Err(PluginChangeError::Stale { current });
        }
        self.read_plugin_decisions().await?;
        Ok(())
    }

    /// Workflows that call a plugin with its settings of this name: those in force, and older versions with runs under way.
    pub(super) fn workflows_configured(
        &self,
        versions: &[Arc<Plugin>],
        name: &str,
        unfinished: &Unfinished,
    ) -> Vec<String> {
        let actions = actions_of(versions);
        self.workflows_that(unfinished, |workflow| {
            let mut calls = workflow.configured_calls();
            calls.any(|(function, configuration)| {
                configuration.name == name && actions.contains(function.name.as_str())
            })
        })
    }

    /// A secret of a plugin's settings.
    pub(crate) fn plugin_secret(
        &self,
        plugin: &str,
        configuration: &str,
        name: &str,
    ) -> Option<String> {
        let found = self.decisions.configuration(plugin, configuration)?;
        match self.opened(&found) {
            Ok(mut secrets) => match secrets.remove(name)? {
                Value::String(text) => Some(text),
                _ => None,
            },
            Err(error) => {
                tracing::error!(plugin, %error, "the secrets of a plugin cannot be opened");
                None
            }
        }
    }

    /// Names of the secrets that are there.
    pub(super) fn secrets_of(&self, configuration: &PluginConfiguration) -> Vec<String> {
        let opened = self.opened(configuration).unwrap_or_default();
        opened.into_iter().map(|(name, _)| name).collect()
    }

    fn opened(
        &self,
        configuration: &PluginConfiguration,
    ) -> Result<Map<String, Value>, PluginChangeError> {
        let Some(sealed) = &configuration.sealed else {
            return Ok(Map::new());
        };
        let place = place(&configuration.plugin, &configuration.name);
        let opened = self.seal.open(&place, sealed);
        let secrets = opened.and_then(|text| serde_json::from_slice(&text).ok());
        secrets.ok_or_else(|| {
            PluginChangeError::Configuration(vec![
                "its secrets were sealed with a key that is not here; put the key back into the file of secret keys, \
                 or give every secret anew"
                    .to_owned(),
            ])
        })
    }

    fn sealed(
        &self,
        plugin: &str,
        name: &str,
        secrets: Map<String, Value>,
    ) -> Result<Option<Vec<u8>>, PluginChangeError> {
        if secrets.is_empty() {
            return Ok(None);
        }
        let text = Value::Object(secrets).to_string();
        let sealed = self.seal.seal(&place(plugin, name), text.as_bytes());
        match sealed {
            Some(sealed) => Ok(Some(sealed)),
            None => Err(PluginChangeError::Configuration(vec![
                "this installation has no key for secrets".to_owned(),
            ])),
        }
    }

    async fn stored_configuration(
        &self,
        plugin: &str,
        name: &str,
    ) -> Result<Option<PluginConfiguration>, PluginChangeError> {
        let mut all = self.store.plugin_configurations().await?.into_iter();
        Ok(all.find(|one| one.plugin == plugin && one.name == name))
    }
}

/// What a sealed value is bound to.
fn place(plugin: &str, name: &str) -> String {
    format!("plugin {plugin} {name}")
}

/// The complaints without the secrets.
fn without(problems: &[String], secrets: &Map<String, Value>) -> Vec<String> {
    let hide = |problem: &String| {
        secrets.values().fold(problem.clone(), |text, secret| {
            let shown = secret.to_string();
            text.replace(&shown, "\"…\"")
                .replace(secret.as_str().unwrap_or(&shown), "…")
        })
    };
    problems.iter().map(hide).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_do_not_repeat_secrets() {
        let secrets = Map::from_iter([("token".to_owned(), json!("hemmeligt"))]);
        let said = without(&["/token: \"hemmeligt\" is too short".to_owned()], &secrets);
        assert_eq!(said, ["/token: \"…\" is too short"]);
    }
}
