//! Calls of a workflow, held against the built-in functions and the plugins that are installed here.

use crate::builtin;
use crate::engine::Engine;
use sagsgang_definition::workflow::FunctionRef;
use sagsgang_definition::{Diagnostic, Functions, KnownFunctions, Workflow, schema_of_keys};
use serde_json::Value;

/// The built-in functions with what they take, for checks without an installation.
pub fn built_in_functions() -> KnownFunctions {
    let mut known = KnownFunctions::default();
    for function in builtin::FUNCTIONS {
        known.add(function.0, None, Some(taken_by(function)));
    }
    known
}

/// What a built-in function takes.
fn taken_by((name, required, optional): (&str, &[&str], &[&str])) -> Value {
    let mut optional = optional.to_vec();
    // The case may be named either way, but for a search, which has no case.
    if optional.contains(&"id") && name != "case-query" {
        optional.push("case");
    }
    schema_of_keys(required, &optional)
}

/// What can be called in this installation.
struct Installed<'e>(&'e Engine);

impl Functions for Installed<'_> {
    fn input(&self, function: &FunctionRef) -> Option<Option<Value>> {
        let mut built_in = builtin::FUNCTIONS.iter();
        if let Some(known) = built_in.find(|(name, ..)| *name == function.name) {
            return Some(Some(taken_by(*known)));
        }
        let action = self.0.find_action(function)?;
        Some(action.input_schema().cloned())
    }

    fn names(&self) -> Vec<String> {
        let built_in = builtin::FUNCTIONS.iter();
        let built_in = built_in.map(|(name, ..)| (*name).to_owned());
        let actions = self.0.host.actions().into_iter();
        let actions =
            actions.map(|action| format!("{}:{}@default", action.name(), action.plugin.version()));
        built_in.chain(actions).collect()
    }
}

impl Engine {
    /// Findings about the calls of a workflow: settings that nobody gave, functions that nothing provides, arguments that
    /// they would not take.
    pub(super) fn check_calls(&self, file: &str, text: &str) -> Vec<Diagnostic> {
        let Some(workflow) = Workflow::parse(file, text).model else {
            return Vec::new();
        };
        let mut found = self.unknown_configurations(file, &workflow);
        // One command beside a server loads no plugins, and knows nothing of them.
        found.extend(match self.loads_plugins() {
            true => workflow.check_calls(file, &Installed(self)),
            false => {
                let mut found = workflow.check_calls(file, &built_in_functions());
                found.retain(Diagnostic::is_error);
                found
            }
        });
        found
    }
}
