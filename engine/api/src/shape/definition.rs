//! What is published: case types, workflows, and files to be published.

use sagsgang_definition::complete::{Completion, Item};
use sagsgang_definition::{Diagnostic, Severity};
use sagsgang_domain::{CaseType, Timestamp};
use sagsgang_runtime as runtime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A case type that new cases can have.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CaseType)]
pub struct CaseTypeView {
    /// Name.
    pub case_type: String,
    /// Version.
    pub version: u32,
    /// Title per language.
    pub title: BTreeMap<String, String>,
    /// JSON Schema of its own fields.
    pub fields: Value,
    /// From the least to the most urgent.
    pub priorities: Vec<String>,
    /// The priority of a new case.
    pub default_priority: String,
    /// Statuses in the order in which they are shown.
    pub statuses: Vec<StatusView>,
    /// Allowed moves.
    pub transitions: Vec<TransitionView>,
}

/// A status of a case type.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Status)]
pub struct StatusView {
    /// Stable name.
    pub name: String,
    /// Title per language.
    pub title: BTreeMap<String, String>,
    /// New cases start here.
    pub initial: bool,
    /// The case is done.
    #[serde(rename = "final")]
    pub is_final: bool,
}

/// An allowed move between statuses.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Transition)]
pub struct TransitionView {
    /// Stable name.
    pub name: String,
    /// Statuses in which it may be taken.
    pub from: Vec<String>,
    /// The status that follows.
    pub to: String,
    /// Title per language.
    pub title: BTreeMap<String, String>,
    /// Fields that must have a value.
    pub requires: Vec<String>,
}

impl From<&CaseType> for CaseTypeView {
    fn from(case_type: &CaseType) -> Self {
        let statuses = case_type.statuses.iter().map(|status| StatusView {
            name: status.name.clone(),
            title: status.title.clone(),
            initial: status.initial,
            is_final: status.is_final,
        });
        let transitions = case_type.transitions.iter().map(|transition| {
            let names = case_type.statuses.iter().map(|status| &status.name);
            let from =
                names.filter(|name| transition.from.includes(name) && **name != transition.to);
            TransitionView {
                name: transition.name.clone(),
                from: from.cloned().collect(),
                to: transition.to.clone(),
                title: transition.title.clone(),
                requires: transition.requires.clone(),
            }
        });
        Self {
            case_type: case_type.name.clone(),
            version: case_type.version,
            title: case_type.title.clone(),
            fields: case_type.fields.clone(),
            priorities: case_type.priorities.scale.clone(),
            default_priority: case_type.priorities.default.clone(),
            statuses: statuses.collect(),
            transitions: transitions.collect(),
        }
    }
}

/// A published workflow.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Workflow {
    /// Namespace.
    pub namespace: String,
    /// Name within it.
    pub name: String,
    /// Version.
    pub version: String,
    /// Title.
    pub title: Option<String>,
    /// The case type whose cases it belongs to.
    pub case_type: Option<String>,
    /// Types of events that start it.
    pub starts_on: Vec<String>,
    /// When it starts next by the clock, where it does.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_start: Option<Timestamp>,
    /// New runs get this version.
    pub active: bool,
    /// When it was published.
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Timestamp,
    /// To which versions of plugins its calls go, for runs that begin now. A run keeps those with which it began.
    pub pins: Vec<Pin>,
}

/// The version of a plugin to which a call goes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Pin {
    /// What is called, as the workflow names it.
    pub function: String,
    /// The plugin.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the package.
    pub digest: String,
    /// It can be called; otherwise such a step stops and becomes an incident.
    pub installed: bool,
}

impl From<runtime::PinView> for Pin {
    fn from(pin: runtime::PinView) -> Self {
        Self {
            function: pin.function,
            plugin: pin.plugin,
            version: pin.version,
            digest: pin.digest,
            installed: pin.installed,
        }
    }
}

impl From<runtime::WorkflowView> for Workflow {
    fn from(workflow: runtime::WorkflowView) -> Self {
        Self {
            namespace: workflow.namespace,
            name: workflow.name,
            version: workflow.version,
            title: workflow.title,
            case_type: workflow.case_type,
            starts_on: workflow.starts_on,
            next_start: None,
            active: workflow.active,
            published_at: workflow.published_at,
            pins: workflow.pins.into_iter().map(Pin::from).collect(),
        }
    }
}

/// Files to be published together: all of them or none.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// The files.
    #[schema(min_items = 1)]
    pub files: Vec<PublishFile>,
}

/// A file of the configuration.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishFile {
    /// Path within the folder, such as `workflows/missed-collection.yaml`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Something that was published, now or before.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// `case-type`, `workflow` or `template`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// It was not there before.
    pub new: bool,
    /// What somebody should look at, such as a call of a function that no installed plugin provides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<FileProblem>,
}

impl From<runtime::Published> for Published {
    fn from(published: runtime::Published) -> Self {
        Self {
            kind: published.kind,
            name: published.name,
            version: published.version,
            new: published.new,
            warnings: published.warnings.iter().map(FileProblem::from).collect(),
        }
    }
}

/// A text in force.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Definition {
    /// `case-type`, `workflow` or `template`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// The text as it was published.
    pub text: String,
}

impl From<(String, String, String, String)> for Definition {
    fn from((kind, name, version, text): (String, String, String, String)) -> Self {
        Self {
            kind,
            name,
            version,
            text,
        }
    }
}

/// A text that is to be checked.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    /// Path that the findings name, such as `case-types/complaint.yaml`.
    #[serde(default)]
    pub path: String,
    /// The text.
    pub text: String,
    /// `case-type`, `calendar`, `workflow`, `template`, `macro` or `scenarios`; without it, what the text itself says.
    pub kind: Option<String>,
}

/// What was found out about a text.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckAnswer {
    /// What the text is.
    pub kind: String,
    /// Name, where it can be published as it stands.
    pub name: Option<String>,
    /// Version likewise.
    pub version: Option<String>,
    /// All findings, in the order of their places.
    pub problems: Vec<FileProblem>,
}

/// A place of a text that is being written.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompletionRequest {
    /// The text as it is, also where it is broken.
    pub text: String,
    /// The place, in UTF-16 code units.
    pub offset: usize,
    /// `workflow` or `case-type`.
    pub kind: String,
}

/// What can stand at a place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CompletionAnswer {
    /// Where what is replaced begins, in UTF-16 code units; it ends at the place that was asked about.
    pub from: usize,
    /// The answers, the likeliest first.
    pub items: Vec<CompletionItem>,
}

/// One answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CompletionItem {
    /// As it is shown.
    pub label: String,
    /// `keyword`, `function`, `task`, `event`, `field` or `value`.
    pub kind: String,
    /// A few words about it.
    pub detail: String,
    /// What is written.
    pub insert: String,
}

impl From<Completion> for CompletionAnswer {
    fn from(found: Completion) -> Self {
        let item = |item: Item| CompletionItem {
            kind: item.kind.name().to_owned(),
            label: item.label,
            detail: item.detail,
            insert: item.insert,
        };
        Self {
            from: found.from,
            items: found.items.into_iter().map(item).collect(),
        }
    }
}

/// What is wrong with a file.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileProblem {
    /// Path of the file.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// `error` or `warning`.
    pub severity: String,
    /// Stable code.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// What would put it right, where that is one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<WordFix>,
}

/// A word in place of another one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WordFix {
    /// What stands at the place of the finding, perhaps behind a quotation mark.
    pub from: String,
    /// What was meant.
    pub to: String,
}

impl From<&Diagnostic> for FileProblem {
    fn from(diagnostic: &Diagnostic) -> Self {
        Self {
            file: diagnostic.file.clone(),
            line: diagnostic.line,
            column: diagnostic.column,
            severity: match diagnostic.severity {
                Severity::Error => "error".to_owned(),
                Severity::Warning => "warning".to_owned(),
            },
            code: diagnostic.code.to_string(),
            message: diagnostic.message.to_string(),
            hint: diagnostic.hint.as_ref().map(ToString::to_string),
            fix: diagnostic.fix.as_ref().map(|fix| WordFix {
                from: fix.from.clone(),
                to: fix.to.clone(),
            }),
        }
    }
}
