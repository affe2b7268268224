//! A file of scenarios together with the workflow that it names.

use sagsgang_definition::{Diagnostic, Parsed, ScenarioFile, Workflow, codes, parse_scenarios};
use std::path::Path;

/// A file of scenarios and its workflow.
pub(in super::super) struct Tried {
    pub(in super::super) file: ScenarioFile,
    pub(in super::super) workflow: Workflow,
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
    let beside = path
        .parent()
        .unwrap_or(Path::new(""))
        .join(&file.workflow.value);
    let workflow = match std::fs::read_to_string(&beside) {
        Ok(text) => {
            let parsed = Workflow::parse(&beside.display().to_string(), &text);
            diagnostics.extend(parsed.diagnostics);
            parsed.model
        }
        Err(error) => {
            let message = format!("the workflow {} cannot be read: {error}", beside.display());
            let mut finding =
                Diagnostic::new(file.workflow.at, &codes::SCENARIO_REFERENCE, message)
                    .with_hint("the path is relative to this file");
            finding.file.clone_from(&name);
            diagnostics.push(finding);
            None
        }
    };
    if let Some(workflow) = &workflow {
        diagnostics.extend(file.strangers(&name, workflow));
    }
    let is_sound = !diagnostics.iter().any(Diagnostic::is_error);
    let model = workflow
        .filter(|_| is_sound)
        .map(|workflow| Tried { file, workflow });
    Parsed { model, diagnostics }
}
