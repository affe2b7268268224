//! What can be written at a place of a definition, with what this installation knows.

use crate::builtin;
use crate::engine::Engine;
use sagsgang_definition::TextKind;
use sagsgang_definition::complete::{self, Completion, Known, KnownFunction, KnownInput};
use sagsgang_definition::workflow::{Filter, TaskKind};
use sagsgang_domain::CaseType;
use sagsgang_host::ActionRef;
use serde_json::Value;
use std::collections::BTreeSet;

impl Engine {
    /// What can be written at a place of the text of a workflow or a case type. The place is given in UTF-16 code units.
    pub fn complete(&self, kind: TextKind, text: &str, offset: usize) -> Completion {
        complete::complete(kind, text, offset, &self.known())
    }

    fn known(&self) -> Known {
        let catalog = self.catalog();
        let actions = self.host.actions();
        let mut case_types = catalog.active_case_types();
        case_types.sort_by(|left, right| left.name.cmp(&right.name));
        let mut functions = builtin::FUNCTIONS.map(|known| self.built_in(known, &case_types));
        functions.sort_by(|left, right| left.name.cmp(&right.name));
        let mut functions = functions.to_vec();
        functions.extend(actions.iter().map(|action| self.of_plugin(action)));
        let mut events: BTreeSet<String> = sagsgang_domain::EVENT_TYPES
            .iter()
            .map(|kind| (*kind).to_owned())
            .collect();
        let mut workflows = Vec::new();
        for published in catalog.workflows().iter().filter(|one| one.active) {
            let workflow = &published.workflow;
            let document = &workflow.document;
            workflows.push((document.namespace.clone(), document.name.clone()));
            let filters = workflow.filters.iter().filter_map(Filter::event_type);
            events.extend(filters.map(str::to_owned));
            events.extend(workflow.tasks.iter().filter_map(|task| match &task.kind {
                TaskKind::Emit(_) => {
                    let sent = task.definition.get("emit")?.get("event")?.get("with")?;
                    let kind = sent.get("type")?;
                    kind.as_str()
                        .filter(|kind| !kind.contains("${"))
                        .map(str::to_owned)
                }
                _ => None,
            }));
        }
        Known {
            functions,
            events: events.into_iter().collect(),
            fields: case_types
                .iter()
                .map(|case_type| (case_type.name.clone(), fields(case_type)))
                .collect(),
            workflows,
            actions: actions
                .iter()
                .filter(|action| action.button().is_some())
                .map(|action| action.name().to_owned())
                .collect(),
            calendars: catalog
                .calendars()
                .iter()
                .map(|calendar| calendar.name.clone())
                .collect(),
        }
    }

    /// A function of the engine, with the values that this installation has for its arguments.
    fn built_in(
        &self,
        (name, required, optional): (&str, &[&str], &[&str]),
        case_types: &[std::sync::Arc<CaseType>],
    ) -> KnownFunction {
        let values = |argument: &str| -> Vec<String> {
            let of_types = |pick: &dyn Fn(&CaseType) -> Vec<String>| {
                let all: BTreeSet<String> = case_types.iter().flat_map(|one| pick(one)).collect();
                all.into_iter().collect()
            };
            match (name, argument) {
                ("case-create" | "case-query", "type") => of_types(&|one| vec![one.name.clone()]),
                (_, "status") => of_types(&|one| {
                    let statuses = one.statuses.iter();
                    statuses.map(|status| status.name.clone()).collect()
                }),
                (_, "priority") => of_types(&|one| one.priorities.scale.clone()),
                (_, "transition") => of_types(&|one| {
                    let transitions = one.transitions.iter();
                    transitions
                        .map(|transition| transition.name.clone())
                        .collect()
                }),
                ("message-send", "channel") => vec!["email".to_owned(), "sms".to_owned()],
                ("message-send", "template") => {
                    let catalog = self.catalog();
                    catalog
                        .templates()
                        .map(|one| one.name().to_owned())
                        .collect()
                }
                _ => Vec::new(),
            }
        };
        let input = |(name, required): (&str, bool)| KnownInput {
            name: name.to_owned(),
            detail: detail("", required),
            required,
            values: values(name),
        };
        let required = required.iter().map(|name| (*name, true));
        let optional = optional.iter().map(|name| (*name, false));
        KnownFunction {
            name: name.to_owned(),
            detail: "built-in".to_owned(),
            inputs: required.chain(optional).map(input).collect(),
            configurations: Vec::new(),
        }
    }

    fn of_plugin(&self, action: &ActionRef) -> KnownFunction {
        let schema = action.input_schema();
        let required = |name: &str| {
            let names = schema.and_then(|schema| schema["required"].as_array());
            names.into_iter().flatten().any(|one| one == name)
        };
        let properties = schema.and_then(|schema| schema["properties"].as_object());
        let input = |(name, schema): (&String, &Value)| KnownInput {
            name: name.clone(),
            detail: detail(&words(schema), required(name)),
            required: required(name),
            values: schema["enum"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect(),
        };
        KnownFunction {
            name: format!("{}:{}@default", action.name(), action.plugin.version()),
            detail: action.title("en").to_owned(),
            inputs: properties.into_iter().flatten().map(input).collect(),
            configurations: self.configuration_names(action.plugin.id()),
        }
    }
}

fn fields(case_type: &CaseType) -> Vec<(String, String)> {
    let properties = case_type.fields["properties"].as_object();
    let field = |(name, schema): (&String, &Value)| (name.clone(), words(schema));
    properties.into_iter().flatten().map(field).collect()
}

/// What a schema is about, in a few words: its title or description, else its type.
fn words(schema: &Value) -> String {
    ["title", "description", "type"]
        .into_iter()
        .find_map(|key| schema[key].as_str())
        .unwrap_or_default()
        .to_owned()
}

fn detail(words: &str, required: bool) -> String {
    match (words, required) {
        (words, false) => words.to_owned(),
        ("", true) => "required".to_owned(),
        (words, true) => format!("{words}, required"),
    }
}
