//! A file of scenarios together with the workflow that it names.

use sagsgang_definition::scenario::Placed;
use sagsgang_definition::{Diagnostic, Parsed, ScenarioFile, Workflow, codes, parse_scenarios};
use std::path::Path;

/// A file of scenarios and its workflow.
pub(in super::super) struct Tried {
    pub(in super::super) file: ScenarioFile,
    pub(in super::super) workflow: Workflow,
    /// Others that it runs.
    pub(in super::super) others: Vec<Workflow>,
}

/// Reads a file of scenarios, and the workflow beside it. Findings about the workflow itself name the workflow's file.
pub(in super::super) fn read(path: &Path, text: &str) -> Parsed<Tried> {
    let name = path.display().to_string();
    let Parsed {
        model,
        mut diagnostics,
    } = parse_scenarios(&name, text);
    let Some(file) = model else {
        return Parsed {
            model: None,
            diagnostics,
        };
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut beside = |named: &Placed<String>| {
        let beside = folder.join(&named.value);
        match std::fs::read_to_string(&beside) {
            Ok(text) => {
                let parsed = Workflow::parse(&beside.display().to_string(), &text);
                diagnostics.extend(parsed.diagnostics);
                parsed.model
            }
            Err(error) => {
                let message = format!("the workflow {} cannot be read: {error}", beside.display());
                let mut finding = Diagnostic::new(named.at, &codes::SCENARIO_REFERENCE, message)
                    .with_hint("the path is relative to this file");
                finding.file.clone_from(&name);
                diagnostics.push(finding);
                None
            }
        }
    };
    let workflow = beside(&file.workflow);
    let others: Vec<Workflow> = file.others.iter().filter_map(beside).collect();
    if let Some(workflow) = &workflow {
        diagnostics.extend(file.strangers(&name, workflow, &others));
    }
    let is_sound = !diagnostics.iter().any(Diagnostic::is_error);
    let model = workflow.filter(|_| is_sound).map(|workflow| Tried {
        file,
        workflow,
        others,
    });
    Parsed { model, diagnostics }
}
