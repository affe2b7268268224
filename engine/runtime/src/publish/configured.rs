//! Calls that name settings of a plugin, held against those that administrators have given.

use crate::builtin;
use crate::engine::Engine;
use sagsgang_definition::workflow::{ConfigurationRef, FunctionRef};
use sagsgang_definition::{Diagnostic, Sentence, Workflow, codes, say};
use sagsgang_host::is_protocol;

impl Engine {
    /// A finding for each call whose settings are not there: it would stop the run instead of calling anything.
    pub(super) fn unknown_configurations(
        &self,
        file: &str,
        workflow: &Workflow,
    ) -> Vec<Diagnostic> {
        let calls = workflow.configured_calls();
        let missing =
            calls.filter_map(|(function, named)| self.unknown_configuration(function, named));
        missing
            .map(|mut finding| {
                file.clone_into(&mut finding.file);
                finding
            })
            .collect()
    }

    fn unknown_configuration(
        &self,
        function: &FunctionRef,
        named: &ConfigurationRef,
    ) -> Option<Diagnostic> {
        let name = &function.name;
        let finding =
            |message: Sentence| Diagnostic::new(named.at, &codes::UNKNOWN_CONFIGURATION, message);
        if builtin::is_builtin(name) || (function.version.is_none() && is_protocol(name)) {
            let message = say!(
                "`{name}` belongs to no plugin and has no configurations",
                name
            );
            return Some(finding(message).with_hint("leave `configuration` out"));
        }
        let Some(action) = self.find_action(function) else {
            let message = say!(
                "no installed plugin has an action `{name}`, so it has no configuration `{configuration}`",
                name,
                configuration = named.name
            );
            let hint = "install the plugin and give it the configuration first";
            return Some(finding(message).with_hint(hint));
        };
        let plugin = action.plugin.id();
        if self.has_configuration(plugin, &named.name) {
            return None;
        }
        let message = say!(
            "the plugin `{plugin}` has no configuration `{configuration}`",
            plugin,
            configuration = named.name
        );
        let known = self.configuration_names(plugin).join(", ");
        let hint = say!(
            "one of: {known}; a new one is given on the page of the plugin, or with `PUT /api/v1/plugins/{plugin}/configurations/{configuration}`",
            known,
            plugin,
            configuration = named.name
        );
        Some(finding(message).with_hint(hint))
    }
}
