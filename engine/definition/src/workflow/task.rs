//! Tasks: what each kind holds.

use super::event::{Read, Strategy};
use crate::data::Data;
use crate::diagnostic::Position;
use crate::expression::Expression;
use crate::span::Duration;
use crate::template::Template;
use jsonschema::error::ValidationErrorKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// The place of a task in [`crate::Workflow::tasks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub u32);

/// Tasks that run one after the other.
#[derive(Clone, Debug, Default)]
pub struct TaskList(pub Arc<[TaskId]>);

/// One task.
#[derive(Debug)]
pub struct Task {
    /// Name, unique in its list.
    pub name: Arc<str>,
    /// JSON Pointer into the file, such as `/do/2/receipt`.
    pub reference: Arc<str>,
    /// Whether it runs at all.
    pub condition: Option<Expression>,
    /// What it takes.
    pub input: InputRule,
    /// What it gives.
    pub output: OutputRule,
    /// What becomes of the context.
    pub export: OutputRule,
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// What runs after it.
    pub then: Then,
    /// What it does.
    pub kind: TaskKind,
    /// The task as data, for `$task.definition`.
    pub definition: Data,
    /// Its place in the file.
    pub at: Position,
}

/// What runs next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Then {
    /// The next task of the list.
    #[default]
    Continue,
    /// Nothing more of this list.
    Exit,
    /// Nothing more at all.
    End,
    /// The task at this place of the same list.
    To(usize),
}

/// What a task does.
#[derive(Debug)]
pub enum TaskKind {
    /// Calls a function.
    Call(Call),
    /// Runs a list of tasks.
    Do(TaskList),
    /// Sends an event; the template is the CloudEvent.
    Emit(Template),
    /// Runs a list of tasks for each item.
    For(Box<ForTask>),
    /// Runs tasks side by side.
    Fork {
        /// The branches.
        branches: TaskList,
        /// Whether the first to end stops the others.
        compete: bool,
    },
    /// Waits for events.
    Listen(Box<Listen>),
    /// Fails on purpose.
    Raise(Box<ErrorTemplate>),
    /// Runs another workflow.
    Run(Box<RunWorkflow>),
    /// Sets the data.
    Set(Template),
    /// Chooses what runs next.
    Switch(Vec<Case>),
    /// Runs a list of tasks and handles their errors.
    Try(Box<Try>),
    /// Waits.
    Wait(Duration),
    /// A kind that is refused when the workflow is published.
    Refused,
}

/// A call of a function.
#[derive(Debug)]
pub struct Call {
    /// What is called.
    pub target: Target,
    /// Its arguments.
    pub with: Template,
    /// With which settings a plugin is called; `default` where nothing is said.
    pub configuration: Option<ConfigurationRef>,
    /// Where what is called is named.
    pub at: Position,
    /// Where its arguments stand.
    pub arguments: Vec<Argument>,
}

/// Where an argument of a call stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its key.
    pub name: String,
    /// Where the key stands.
    pub key: Position,
    /// Where its value begins.
    pub value: Position,
}

/// Settings of a plugin by their name: `metadata.configuration` of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationRef {
    /// The name under which an administrator keeps them.
    pub name: String,
    /// Where it stands.
    pub at: Position,
}

impl ConfigurationRef {
    /// The settings that are used where a call names none.
    pub const DEFAULT: &'static str = "default";
    /// Longest name, in bytes.
    const MOST_BYTES: usize = 64;

    /// Whether settings can have this name.
    pub fn is_name(name: &str) -> bool {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (1..=Self::MOST_BYTES).contains(&name.len()) && name.chars().all(plain)
    }
}

/// What is called.
#[derive(Debug)]
pub enum Target {
    /// A built-in function or a plugin action.
    Function(FunctionRef),
    /// A task under `use.functions`.
    Local(String),
    /// A function of another catalog, which the profile refuses.
    Refused(String),
}

/// The name of a function outside the workflow: `name` or `name:version@catalog`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FunctionRef {
    /// Name.
    pub name: String,
    /// Version; built-in functions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Catalog; `default` is our plugins and built-in functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalog: Option<String>,
}

/// The `for` task.
#[derive(Debug)]
pub struct ForTask {
    /// Variable of the item.
    pub each: String,
    /// Variable of the index, from 0.
    pub at: String,
    /// The items.
    pub items: Template,
    /// Checked before each item; the loop ends when it does not hold.
    pub condition: Option<Expression>,
    /// What runs.
    pub body: TaskList,
}

/// The `listen` task.
#[derive(Debug)]
pub struct Listen {
    /// Which events.
    pub strategy: Strategy,
    /// What of them is handed on.
    pub read: Read,
    /// What runs for each of them.
    pub foreach: Option<Foreach>,
}

/// What runs for each consumed event.
#[derive(Debug)]
pub struct Foreach {
    /// Variable of the event.
    pub item: String,
    /// Variable of the index, from 0.
    pub at: String,
    /// What runs.
    pub body: TaskList,
    /// What each run gives.
    pub output: OutputRule,
    /// What becomes of the context after each run.
    pub export: OutputRule,
}

/// An error to be raised.
#[derive(Clone, Debug)]
pub struct ErrorTemplate {
    /// Type, a URI.
    pub r#type: Template,
    /// Status, as in HTTP.
    pub status: u16,
    /// Title.
    pub title: Option<Template>,
    /// Detail.
    pub detail: Option<Template>,
    /// JSON Pointer to the place; the task itself if absent.
    pub instance: Option<Template>,
}

/// The `run: workflow` task.
#[derive(Debug)]
pub struct RunWorkflow {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Version, or `latest`.
    pub version: String,
    /// Input.
    pub input: Template,
    /// Whether to wait for its end.
    pub awaits: bool,
}

/// A case of a `switch`.
#[derive(Debug)]
pub struct Case {
    /// Name.
    pub name: String,
    /// Condition; without it, the case always holds.
    pub when: Option<Expression>,
    /// What runs next.
    pub then: Then,
}

/// The `try` task.
#[derive(Debug)]
pub struct Try {
    /// What is tried.
    pub body: TaskList,
    /// What happens to errors.
    pub catch: Catch,
}

/// What happens to errors.
#[derive(Debug)]
pub struct Catch {
    /// Which errors are caught.
    pub filter: ErrorFilter,
    /// Variable of the error.
    pub name: String,
    /// Caught only if this holds.
    pub when: Option<Expression>,
    /// Not caught if this holds.
    pub except_when: Option<Expression>,
    /// Whether and when to try again.
    pub retry: Option<Arc<Retry>>,
    /// What runs when nothing is tried again.
    pub body: Option<TaskList>,
    /// What runs after the task when an error was caught.
    pub then: Option<Then>,
}

/// Which errors are caught; absent parts match all.
#[derive(Clone, Debug, Default)]
pub struct ErrorFilter {
    /// Type, see [`type_matches`].
    pub r#type: Option<String>,
    /// Status.
    pub status: Option<u16>,
    /// Instance.
    pub instance: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Detail.
    pub detail: Option<String>,
}

/// When to try again.
#[derive(Clone, Debug, Default)]
pub struct Retry {
    /// Only if this holds.
    pub when: Option<Expression>,
    /// Not if this holds.
    pub except_when: Option<Expression>,
    /// Wait between attempts.
    pub delay: Option<Duration>,
    /// How the wait grows.
    pub backoff: Backoff,
    /// Most retries.
    pub attempts: Option<u32>,
    /// Longest attempt.
    pub attempt_duration: Option<Duration>,
    /// No retry later than this after the first attempt began.
    pub total_duration: Option<Duration>,
    /// Bounds of what is added to each wait.
    pub jitter: Option<(Duration, Duration)>,
}

/// How the wait between attempts grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backoff {
    /// It does not.
    #[default]
    Constant,
    /// Once, twice, three times the delay …
    Linear,
    /// Once, twice, four times the delay …
    Exponential,
}

/// What a workflow or task takes.
#[derive(Clone, Debug, Default)]
pub struct InputRule {
    /// What the raw input must look like.
    pub schema: Option<Schema>,
    /// What is made of it.
    pub from: Option<Template>,
}

/// What a workflow or task gives.
#[derive(Clone, Debug, Default)]
pub struct OutputRule {
    /// What the result must look like.
    pub schema: Option<Schema>,
    /// What is made of the raw output.
    pub r#as: Option<Template>,
}

/// A compiled JSON Schema.
#[derive(Clone)]
pub struct Schema {
    document: Value,
    validator: Arc<jsonschema::Validator>,
}

/// Keywords by which a schema says of itself which other members an object may have.
const OPENING: [&str; 11] = [
    "$dynamicRef",
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "dependentSchemas",
    "if",
    "oneOf",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
];

fn validator(rules: &Value, with_formats: bool) -> Result<Arc<jsonschema::Validator>, String> {
    let mut options = jsonschema::options();
    // Elsewhere they are remarks, as the draft has them by default: runs have been carried out by that.
    if with_formats {
        options = options.should_validate_formats(true);
    }
    let validator = options.build(rules).map_err(|error| error.to_string())?;
    Ok(Arc::new(validator))
}

/// Where a value does not fit its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaMisfit {
    /// JSON Pointer.
    pub pointer: String,
    /// The keyword that it breaks.
    pub keyword: String,
    /// The way through the schema to that keyword, references included, as JSON Pointer.
    pub way: String,
    /// What is wrong, in words that tell the value.
    pub message: String,
}

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn compile(document: Value) -> Result<Self, String> {
        let validator = validator(&document, false)?;
        Ok(Self {
            document,
            validator,
        })
    }

    /// Compiles a schema of an object that has the members which it describes and no others, unless it says itself that it
    /// takes more, or is put together from parts. What it says of formats holds: a `date` is a day that exists.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn compile_closed(document: Value) -> Result<Self, String> {
        let mut rules = document.clone();
        if let Some(members) = rules.as_object_mut()
            && members.contains_key("properties")
            && !OPENING.iter().any(|keyword| members.contains_key(*keyword))
        {
            members.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        let validator = validator(&rules, true)?;
        Ok(Self {
            document,
            validator,
        })
    }

    /// The schema itself.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// What is wrong with a value: JSON Pointers with a sentence each.
    pub fn problems(&self, value: &Value) -> Vec<(String, String)> {
        self.validator
            .iter_errors(value)
            .map(|error| (error.instance_path().to_string(), error.to_string()))
            .collect()
    }

    /// Where a value does not fit. What is missing is pointed to where it should be, and what there is no place for where
    /// it stands.
    pub fn misfits(&self, value: &Value) -> Vec<SchemaMisfit> {
        self.validator
            .iter_errors(value)
            .flat_map(misfits)
            .collect()
    }
}

/// What an error points to: each name of its own where several have no place.
fn misfits(error: jsonschema::ValidationError<'_>) -> Vec<SchemaMisfit> {
    let path = error.instance_path();
    let misfit = |pointer: String, message: String| SchemaMisfit {
        pointer,
        keyword: error.kind().keyword().to_owned(),
        way: error.evaluation_path().to_string(),
        message,
    };
    match error.kind() {
        ValidationErrorKind::Required {
            property: Value::String(name),
        } => vec![misfit(
            path.join(name.as_str()).to_string(),
            error.to_string(),
        )],
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| {
                let message = format!("{name:?} is not described");
                misfit(path.join(name.as_str()).to_string(), message)
            })
            .collect(),
        _ => vec![misfit(path.to_string(), error.to_string())],
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schema({})", self.document)
    }
}

impl fmt::Display for FunctionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(version) = &self.version {
            write!(f, ":{version}")?;
        }
        match &self.catalog {
            Some(catalog) => write!(f, "@{catalog}"),
            None => Ok(()),
        }
    }
}

/// The error types of the specification, of which three URI forms are in circulation.
const STANDARD_ERRORS: [&str; 8] = [
    "configuration",
    "validation",
    "expression",
    "authentication",
    "authorization",
    "timeout",
    "communication",
    "runtime",
];

/// Whether an error's type is the one that a filter names. Standard types are compared by their last segment.
pub fn type_matches(wanted: &str, found: &str) -> bool {
    let last = |uri: &str| {
        uri.trim_end_matches('/')
            .rsplit(['/', ':'])
            .next()
            .map(str::to_owned)
    };
    wanted == found
        || last(wanted).is_some_and(|name| {
            STANDARD_ERRORS.contains(&name.as_str()) && last(found).as_deref() == Some(&name)
        })
}
