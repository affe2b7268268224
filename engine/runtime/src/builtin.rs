//! Functions of workflows that change cases. They are part of the step's own commit: exactly once.

pub(crate) mod query;
mod render;

use crate::draft::Draft;
use crate::engine::Engine;
use crate::error::{EngineError, ExecuteError};
use crate::execute::CaseRef;
use sagsgang_domain::{Caller, Case, CaseId, Cause, Command, NewCase, PriorityReason, Rejection};
use sagsgang_flow::WorkflowError;
use sagsgang_store::{CommitError, Document, RequestKey};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// The functions: name, the arguments that must be there, and those that may.
pub(crate) const FUNCTIONS: [(&str, &[&str], &[&str]); 10] = [
    (
        "case-create",
        &["type"],
        &["key", "title", "description", "priority", "fields", "tags"],
    ),
    (
        "case-query",
        &[],
        &[
            "id",
            "type",
            "status",
            "priority",
            "assignee",
            "team",
            "tag",
            "text",
            "open",
            "property",
            "container",
            "createdWithin",
            "dueBefore",
            "noEventFor",
            "sort",
            "after",
            "limit",
            "fields",
        ],
    ),
    ("case-task", &["title"], &["id", "role", "assignee", "due"]),
    ("case-escalate", &["level"], &["id", "reason"]),
    ("document-render", &["document", "name"], &["id"]),
    (
        "case-update",
        &[],
        &[
            "id",
            "status",
            "reason",
            "priority",
            "score",
            "reasons",
            "fields",
            "assignee",
            "team",
            "title",
            "description",
            "due",
            "tags",
        ],
    ),
    ("case-transition", &["transition"], &["id", "reason"]),
    ("case-note", &["text"], &["id"]),
    ("case-link", &["kind", "id"], &["case", "relation"]),
    (
        "message-send",
        &["channel", "to"],
        &["id", "template", "vars", "subject", "body", "attachments"],
    ),
];

pub(crate) fn is_builtin(name: &str) -> bool {
    FUNCTIONS.iter().any(|(known, ..)| *known == name)
}

/// Who calls what, about which case.
pub(crate) struct Circumstances<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) cause: &'a Cause,
    /// The case of the run, where no `id` is given.
    pub(crate) case: Option<CaseId>,
    pub(crate) name: &'a str,
    pub(crate) with: Value,
}

/// Calls a function. The inner error is the workflow's to catch; the outer one undoes the step.
pub(crate) async fn call(
    engine: &Engine,
    draft: &mut Draft,
    circumstances: Circumstances<'_>,
) -> Result<Result<Value, WorkflowError>, CommitError> {
    let outcome = match circumstances.name {
        "case-create" => create(engine, draft, &circumstances).await,
        "case-query" => query::cases(engine, draft.now, &circumstances.with).await,
        "document-render" => render::document(engine, draft, &circumstances).await,
        _ => command(engine, draft, &circumstances).await,
    };
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(ExecuteError::Engine(EngineError::Store(error))) => Err(CommitError::Store(error)),
        Err(ExecuteError::Conflict) => Err(CommitError::Conflict),
        Err(error) => Ok(Err(refused(&error))),
    }
}

/// The business's no as an error that a workflow can catch.
pub(crate) fn refused(error: &ExecuteError) -> WorkflowError {
    let (kind, code) = match error {
        ExecuteError::Rejected(rejection) => ("validation", rejection.code()),
        ExecuteError::NotFound(_) => ("validation", "not-found"),
        _ => ("runtime", "failed"),
    };
    let mut refused = WorkflowError::standard(kind, error.to_string());
    refused.title = Some(format!("Command refused ({code})"));
    refused.status = if kind == "validation" { 422 } else { 500 };
    refused
}

/// Judges commands against a case within the growing commit.
pub(crate) async fn change(
    engine: &Engine,
    draft: &mut Draft,
    caller: &Caller,
    cause: &Cause,
    case: CaseId,
    commands: Vec<Command>,
    made: &[Document],
) -> Result<Case, ExecuteError> {
    let place = take(engine, draft, case).await?;
    engine
        .judge(draft, place, caller, Some(cause), commands, made)
        .await?;
    draft.keep_loose(made);
    Ok(draft.cases[place].case.clone())
}

/// The place of a case in the growing commit; it is read where it is not there yet.
pub(crate) async fn take(
    engine: &Engine,
    draft: &mut Draft,
    case: CaseId,
) -> Result<usize, ExecuteError> {
    if let Some(place) = draft.place(case) {
        return Ok(place);
    }
    let stored = engine
        .load(&CaseRef::Id(case))
        .await?
        .ok_or(ExecuteError::NotFound("case"))?;
    draft.take(engine, stored)
}

/// A case as workflows see it.
pub(crate) fn case_value(case: &Case) -> Value {
    let mut value = serde_json::to_value(case).unwrap_or(Value::Null);
    value["caseId"] = json!(case.id);
    value["caseNo"] = json!(case.number);
    value
}

async fn create(
    engine: &Engine,
    draft: &mut Draft,
    it: &Circumstances<'_>,
) -> Result<Value, ExecuteError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Create {
        r#type: String,
        #[serde(default)]
        key: Option<String>,
        #[serde(default)]
        title: Option<String>,
        #[serde(default)]
        description: Option<String>,
        #[serde(default)]
        priority: Option<String>,
        #[serde(default)]
        fields: Map<String, Value>,
        #[serde(default)]
        tags: Vec<String>,
    }
    let create: Create = arguments(&it.with)?;
    let fingerprint: [u8; 32] = Sha256::digest(create.r#type.as_bytes()).into();
    if let Some(key) = &create.key
        && let Some(known) = engine.store.request("case-create", key).await?
        && let Ok(id) = known.reference.parse()
        && let Some(stored) = engine.store.case(id).await?
    {
        return Ok(case_value(&stored.case));
    }
    let title = match create.title {
        Some(title) => title,
        None => engine
            .catalog()
            .active_case_type(&create.r#type)
            .and_then(|case_type| case_type.title.get("da").cloned())
            .unwrap_or_else(|| create.r#type.clone()),
    };
    let new = NewCase {
        case_type: create.r#type,
        title,
        description: create.description,
        priority: create.priority,
        fields: create.fields,
        tags: create.tags,
        ..NewCase::default()
    };
    let place = engine
        .add_case(draft, it.caller, &new, Some(it.cause))
        .await?;
    let case = draft.cases[place].case.clone();
    if let Some(key) = create.key {
        draft.commit.request = Some(RequestKey {
            scope: "case-create".to_owned(),
            key,
            fingerprint,
            reference: case.id.to_string(),
            at: draft.now,
        });
    }
    Ok(case_value(&case))
}

async fn command(
    engine: &Engine,
    draft: &mut Draft,
    it: &Circumstances<'_>,
) -> Result<Value, ExecuteError> {
    let mut with = match &it.with {
        Value::Object(object) => object.clone(),
        _ => return Err(invalid("the arguments must be an object")),
    };
    let case = case_of(it, &mut with)?.ok_or_else(|| invalid("which case? give its id"))?;
    let with = Value::Object(with);
    let commands = match it.name {
        "case-update" => update(&with)?,
        "case-transition" => vec![typed("transition", &with)?],
        "case-note" => vec![typed("note", &with)?],
        "case-link" => vec![typed("link", &with)?],
        "case-task" => vec![typed("create-task", &with)?],
        "case-escalate" => vec![escalate(&with)?],
        _ => {
            let place = take(engine, draft, case).await?;
            vec![message(engine, &draft.cases[place].case, &with)?]
        }
    };
    let case = change(engine, draft, it.caller, it.cause, case, commands, &[]).await?;
    let mut value = case_value(&case);
    if it.name == "case-task" {
        value["task"] = json!(case.tasks.last());
    }
    Ok(value)
}

/// The level may be a number or the name of a rung.
fn escalate(with: &Value) -> Result<Command, ExecuteError> {
    let mut with = with.clone();
    if let Some(level) = with.get_mut("level")
        && let Value::Number(number) = level
    {
        *level = json!(number.to_string());
    }
    typed("escalate", &with)
}

/// The case that arguments name, by `id` or `case`, else the case of the run. The `id` of a link is what is linked.
fn case_of(
    it: &Circumstances<'_>,
    with: &mut Map<String, Value>,
) -> Result<Option<CaseId>, ExecuteError> {
    let named = match it.name {
        "case-link" => with.remove("case"),
        _ => with.remove("id").or_else(|| with.remove("case")),
    };
    match named {
        None | Some(Value::Null) => Ok(it.case),
        Some(Value::String(id)) => id
            .parse()
            .map(Some)
            .map_err(|_| invalid("the id is not one of a case")),
        Some(_) => Err(invalid("the id must be a text")),
    }
}

/// A command from arguments that have its shape.
fn typed(kind: &str, with: &Value) -> Result<Command, ExecuteError> {
    let mut value = with.clone();
    value["type"] = json!(kind);
    arguments(&value)
}

fn update(with: &Value) -> Result<Vec<Command>, ExecuteError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Update {
        status: Option<String>,
        reason: Option<String>,
        priority: Option<String>,
        score: Option<i32>,
        #[serde(default)]
        reasons: Vec<PriorityReason>,
        fields: Option<Map<String, Value>>,
        assignee: Option<String>,
        team: Option<String>,
        title: Option<String>,
        description: Option<String>,
        due: Option<sagsgang_domain::Timestamp>,
        #[serde(default)]
        tags: Vec<String>,
    }
    let update: Update = arguments(with)?;
    let mut commands = Vec::new();
    if let Some(fields) = update.fields {
        commands.push(Command::SetFields { fields });
    }
    if update.title.is_some() || update.description.is_some() {
        commands.push(Command::Describe {
            title: update.title,
            description: update.description,
        });
    }
    if let Some(priority) = update.priority {
        commands.push(Command::SetPriority {
            priority,
            score: update.score,
            reasons: update.reasons,
        });
    }
    if update.assignee.is_some() || update.team.is_some() {
        commands.push(Command::Assign {
            assignee: update.assignee,
            team: update.team,
        });
    }
    if update.due.is_some() {
        commands.push(Command::SetDue { due: update.due });
    }
    commands.extend(update.tags.into_iter().map(|tag| Command::Tag { tag }));
    if let Some(status) = update.status {
        commands.push(Command::SetStatus {
            status,
            reason: update.reason,
        });
    }
    if commands.is_empty() {
        Err(invalid("nothing to change was given"))
    } else {
        Ok(commands)
    }
}

/// `message-send`: a template is filled in with `vars` and the case of the message, so that the text is fixed in the
/// step's commit.
fn message(engine: &Engine, case: &Case, with: &Value) -> Result<Command, ExecuteError> {
    let mut with = with.clone();
    let vars = with
        .as_object_mut()
        .and_then(|object| object.remove("vars"))
        .unwrap_or(Value::Null);
    let command = typed("send-message", &with)?;
    let Command::SendMessage {
        channel,
        to,
        subject,
        body,
        template,
        attachments,
        hold_seconds,
    } = command
    else {
        return Err(invalid("not a message"));
    };
    let Some(name) = template.clone().filter(|_| body.is_empty()) else {
        return Ok(Command::SendMessage {
            channel,
            to,
            subject,
            body,
            template,
            attachments,
            hold_seconds,
        });
    };
    let known = engine
        .catalog()
        .template(&name)
        .ok_or_else(|| Rejection::UnknownTemplate {
            template: name.clone(),
        })?;
    let values = json!({ "case": case_value(case), "municipality": engine.municipality().name, "vars": vars });
    let filled = known
        .fill("da", &values)
        .map_err(|detail| Rejection::TemplateFailed {
            template: name,
            detail,
        })?;
    let subject = subject.or(filled.subject);
    Ok(Command::SendMessage {
        channel,
        to,
        subject,
        body: filled.body,
        template,
        attachments,
        hold_seconds,
    })
}

fn arguments<T: for<'de> Deserialize<'de>>(with: &Value) -> Result<T, ExecuteError> {
    T::deserialize(with).map_err(|error| invalid(&error.to_string()))
}

fn invalid(detail: &str) -> ExecuteError {
    let problem = sagsgang_domain::FieldProblem {
        pointer: "/with".to_owned(),
        keyword: String::new(),
        message: detail.to_owned(),
    };
    Rejection::InvalidFields {
        problems: vec![problem],
    }
    .into()
}
