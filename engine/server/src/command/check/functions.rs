//! The functions that workflows can call as far as files tell: built-in ones, bundled plugins, and plugins beside them.

use crate::bundled;
use sagsgang_definition::{Diagnostic, KnownFunctions, TextKind, Workflow};
use sagsgang_host::Package;
use sagsgang_runtime::built_in_functions;
use std::path::PathBuf;

/// Built-in functions, the actions of the bundled plugins, and those of the plugins at these paths. A plugin that cannot be
/// read has none; what is wrong with it is told elsewhere.
pub(in super::super) fn known(plugins: &[PathBuf]) -> KnownFunctions {
    let mut known = built_in_functions();
    let named = plugins.iter().filter_map(|path| Package::read(path).ok());
    let bundled = bundled::packages().into_iter().map(Package::from_files);
    for package in named.chain(bundled) {
        add(&mut known, &package);
    }
    known
}

fn add(known: &mut KnownFunctions, package: &Package) {
    let Ok(manifest) = package.manifest() else {
        return;
    };
    for action in &manifest.actions {
        let schema = action.input.as_ref().and_then(|file| package.file(file));
        let schema = schema.and_then(|bytes| serde_json::from_slice(bytes).ok());
        known.add(&action.name, Some(&manifest.version), schema);
    }
}

/// What is wrong with the calls of a text, if it is a workflow that can be read.
pub(in super::super) fn findings(
    path: &str,
    text: &str,
    functions: &KnownFunctions,
) -> Vec<Diagnostic> {
    if TextKind::of(text) != Some(TextKind::Workflow) {
        return Vec::new();
    }
    let workflow = Workflow::parse(path, text).model;
    workflow.map_or_else(Vec::new, |workflow| workflow.check_calls(path, functions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_beside_the_workflow_and_the_built_in_functions_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let plugin = folder.path().join("weigh");
        std::fs::create_dir_all(plugin.join("schemas")).unwrap();
        let manifest = "id = \"weigh\"\nversion = \"2.1.0\"\ninterface = \"1\"\n[title]\nda = \"Vej\"\n\
             [[action]]\nname = \"weigh\"\neffect = \"pure\"\ninput = \"schemas/input.json\"\n";
        std::fs::write(plugin.join("plugin.toml"), manifest).unwrap();
        let schema = r#"{ "type": "object", "properties": { "kilos": { "type": "number" } }, "additionalProperties": false }"#;
        std::fs::write(plugin.join("schemas/input.json"), schema).unwrap();
        std::fs::write(plugin.join("plugin.rhai"), "fn weigh(input) { 1 }").unwrap();
        let text = "document: { dsl: 1.0.3, namespace: t, name: w, version: 1.0.0 }\ndo:\n  \
             - ok: { call: 'weigh:2@default', with: { kilos: 3 } }\n  \
             - old: { call: 'weigh:1@default' }\n  \
             - heavy: { call: weigh, with: { kilos: much } }\n  \
             - noted: { call: case-note, with: { txt: a } }\n  \
             - typo: { call: case-nte, with: { text: a } }\n";
        let functions = known(&[plugin]);
        let found = findings("w.yaml", text, &functions);
        let said: Vec<(u32, u32, &str)> = found
            .iter()
            .map(|one| (one.line, one.column, one.code))
            .collect();
        let expected = [
            (4, 18, "unknown-function"),
            (5, 42, "wrong-argument"),
            (6, 20, "wrong-argument"),
            (6, 39, "wrong-argument"),
            (7, 19, "unknown-function"),
        ];
        assert_eq!(said, expected, "{found:#?}");
        let hints: Vec<String> = found
            .iter()
            .flat_map(|one| &one.hint)
            .map(ToString::to_string)
            .collect();
        assert_eq!(hints[0], "installed: weigh:2.1.0@default");
        assert!(
            hints.contains(&"did you mean `text`?".to_owned()),
            "{hints:?}"
        );
        assert!(
            hints.contains(&"did you mean `case-note`?".to_owned()),
            "{hints:?}"
        );
    }
}
