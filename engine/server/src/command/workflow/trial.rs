//! What answers the calls of a run in memory: bundled plugins, as far as trying them does nothing outside, cases in
//! memory, and servers on this machine that stand for others.

use super::super::{block_on, plugin};
use crate::bundled;
use anyhow::Result;
use sagsgang_domain::Caller;
use sagsgang_flow::dry::Cases;
use sagsgang_flow::{DryCall, WorkflowError};
use sagsgang_host::{
    ActionRef, CallContext, CallRequest, Effect, Host, Package, Protocols, Source, is_protocol,
};
use sagsgang_runtime::{Clock, SystemClock};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was called so far, and what it left behind.
pub(super) struct Trial {
    /// The bundled plugins, once one was called.
    host: Option<Arc<Host>>,
    cases: Cases,
    protocols: Protocols,
    /// Connections are kept open between requests, so they need one runtime.
    runtime: tokio::runtime::Runtime,
}

impl Trial {
    /// A run whose requests go to these servers instead of the origins that they name, and nowhere else.
    ///
    /// # Errors
    /// When an address cannot be read or the machine lacks threads.
    pub(super) fn new(servers: BTreeMap<String, String>) -> Result<Self> {
        // There are no secrets beside a file; their names stand for them.
        let secrets = Arc::new(|name: &str| Some(name.to_owned()));
        Ok(Self {
            host: None,
            cases: Cases::default(),
            protocols: Protocols::replaced(&servers, secrets).map_err(anyhow::Error::msg)?,
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?,
        })
    }

    /// An action without effects is really run. Any other is answered with the sample that its plugin brings for dry
    /// runs, and a built-in function from cases in memory.
    pub(super) fn answer(&mut self, call: &DryCall<'_>) -> Result<Value, WorkflowError> {
        let name = &call.function.name;
        if is_protocol(name) && call.function.version.is_none() {
            let asked = self.protocols.call(name, call.with, call.key);
            return self.runtime.block_on(asked).map_err(|error| {
                let mut made = WorkflowError::standard(error.kind, error.detail);
                made.status = error.status.unwrap_or(made.status);
                made
            });
        }
        if let Some(answer) = self.cases.answer(name, call.with) {
            return answer;
        }
        let missing = |detail: String| WorkflowError::standard("configuration", detail);
        let found = self
            .find(call)
            .map_err(|error| missing(format!("{error:#}")))?;
        let Some((host, action)) = found else {
            return Err(missing(format!("a run in memory has no function {name:?}")));
        };
        match (action.effect(), action.sample()) {
            (Effect::Pure, _) => run(&host, action, call),
            (_, Some(sample)) => Ok(sample.clone()),
            (_, None) => Err(missing(format!(
                "{name:?} has effects outside and no sample for dry runs"
            ))),
        }
    }

    fn find(&mut self, call: &DryCall<'_>) -> Result<Option<(Arc<Host>, Arc<ActionRef>)>> {
        let name = &call.function.name;
        let Some(files) = bundled::packages()
            .into_iter()
            .find(|files| declares(files, name))
        else {
            return Ok(None);
        };
        let host = match &self.host {
            Some(host) => Arc::clone(host),
            None => Arc::clone(self.host.insert(plugin::host()?)),
        };
        let installed = block_on(async {
            Ok(host
                .install_package(Package::from_files(files), Source::Package)
                .await)
        })?;
        if let Err(problems) = installed {
            let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
            anyhow::bail!(
                "the plugin of {name:?} cannot be used: {}",
                texts.join("; ")
            );
        }
        let action = host.find_action(name, call.function.version.as_deref());
        Ok(action.map(|action| (host, action)))
    }
}

/// Whether the manifest among the files has an action of this name.
fn declares(files: &BTreeMap<String, Vec<u8>>, name: &str) -> bool {
    let manifest = files
        .get("plugin.toml")
        .map(|bytes| String::from_utf8_lossy(bytes));
    let table = manifest.and_then(|text| text.parse::<toml::Table>().ok());
    let actions = table
        .as_ref()
        .and_then(|table| table.get("action")?.as_array());
    let mut names = actions
        .into_iter()
        .flatten()
        .filter_map(|action| action.get("name")?.as_str());
    names.any(|found| found == name)
}

fn run(
    host: &Arc<Host>,
    action: Arc<ActionRef>,
    call: &DryCall<'_>,
) -> Result<Value, WorkflowError> {
    let request = CallRequest {
        action,
        input: call.with.clone(),
        context: CallContext {
            case: None,
            caller: Caller::system(),
            locale: "da".to_owned(),
            configuration: Arc::new(Value::Null),
            configuration_name: None,
            idempotency_key: call.key.to_owned(),
            now: SystemClock.now(),
            // Not even an action that says it acts nowhere gets out of here.
            dry: true,
        },
        deadline: None,
    };
    let outcome = block_on(async { Ok(host.call(request).await) });
    match outcome {
        Ok(Ok(outcome)) => Ok(outcome.output),
        Ok(Err(error)) => Err(WorkflowError::standard("runtime", error.to_string())),
        Err(error) => Err(WorkflowError::standard("runtime", format!("{error:#}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugin_of_an_action_is_found_by_its_manifest() {
        let files =
            |text: &str| BTreeMap::from([("plugin.toml".to_owned(), text.as_bytes().to_vec())]);
        let manifest =
            files("id = \"a\"\n[[action]]\nname = \"one\"\n[[action]]\nname = \"two\"\n");
        assert!(declares(&manifest, "two"));
        assert!(!declares(&manifest, "a"));
        assert!(!declares(&files("not toml"), "a"));
    }
}
