//! What waits, calls and entries of a journal are, as sentences.

use crate::format::Moment;
use crate::frame::Frame;
use sagsgang_runtime::{JournalEntry, RunView, WaitKind, WaitView};
use serde_json::Value;
use std::collections::BTreeMap;

/// Why a run does not move: one sentence.
pub(crate) fn standing(run: &RunView, ui: &Frame) -> String {
    if let (Some(held), Some(detail)) = (&run.held, &run.detail) {
        let task = held.task.clone().unwrap_or_else(|| run.title.clone());
        return ui.with("run-held-at", &[("task", &task), ("error", detail)]);
    }
    match run.status {
        "suspended" => ui.text("run-is-suspended").into_owned(),
        "faulted" => run.detail.clone().unwrap_or_default(),
        "completed" => ui.text("run-has-completed").into_owned(),
        "cancelled" => ui.text("run-was-cancelled").into_owned(),
        _ => {
            let waits: Vec<String> = run.waits.iter().map(|wait| waiting(wait, ui)).collect();
            if waits.is_empty() {
                ui.text("run-goes-on").into_owned()
            } else {
                waits.join(" · ")
            }
        }
    }
}

/// What a task waits for.
pub(crate) fn waiting(wait: &WaitView, ui: &Frame) -> String {
    let task = wait.task.as_str();
    let at = |due| Moment::new(due, ui.now, ui.locale).full;
    match &wait.kind {
        WaitKind::Call { .. } if wait.turn.is_some() => {
            let turn = wait.turn.as_deref().unwrap_or_default();
            ui.with("wait-turn", &[("task", task), ("turn", turn)])
        }
        WaitKind::Call { function } => {
            ui.with("wait-call", &[("task", task), ("function", &function.name)])
        }
        WaitKind::Run { workflow } => {
            ui.with("wait-run", &[("task", task), ("workflow", &workflow.name)])
        }
        WaitKind::Timer { due } => ui.with("wait-timer", &[("task", task), ("due", &at(*due))]),
        WaitKind::Retry { due, failed, error } => {
            let failed = failed.to_string();
            let error = error.to_string();
            let values = [
                ("task", task),
                ("due", &at(*due)),
                ("failed", &failed),
                ("error", &error),
            ];
            ui.with("wait-retry", &values)
        }
        WaitKind::Events { types } if types.iter().all(String::is_empty) => {
            ui.with("wait-any-event", &[("task", task)])
        }
        WaitKind::Events { types } => ui.with(
            "wait-events",
            &[("task", task), ("types", &types.join(", "))],
        ),
    }
}

/// A line of a run's course.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) at: Moment,
    pub(crate) icon: &'static str,
    pub(crate) text: String,
    /// The person whose decision it was.
    pub(crate) who: Option<String>,
    /// Data to unfold.
    pub(crate) data: Option<String>,
}

/// The course of a run from a part of its journal. What was called before it is named by the entries before it.
pub(crate) fn course(before: &[JournalEntry], journal: &[JournalEntry], ui: &Frame) -> Vec<Line> {
    let mut tasks: BTreeMap<String, String> = BTreeMap::new();
    for row in before {
        remember(row, &mut tasks);
    }
    let mut lines = Vec::new();
    for row in journal {
        let at = || Moment::new(row.at, ui.now, ui.locale);
        let person = matches!(row.actor.kind, sagsgang_domain::ActorKind::Person);
        if let Some((icon, text, data)) = happened(&row.input, &tasks, ui) {
            lines.push(Line {
                at: at(),
                icon,
                text,
                who: person.then(|| row.actor.name.clone()),
                data,
            });
        }
        remember(row, &mut tasks);
        for effect in row.effects.as_array().into_iter().flatten() {
            if let Some((icon, text, data)) = followed(effect, ui) {
                let (at, who) = (at(), None);
                lines.push(Line {
                    at,
                    icon,
                    text,
                    who,
                    data,
                });
            }
        }
    }
    lines
}

/// Notes of which tasks the keys are that an entry names.
fn remember(row: &JournalEntry, tasks: &mut BTreeMap<String, String>) {
    for effect in row.effects.as_array().into_iter().flatten() {
        if let (Some(key), Some(task)) = (effect["key"].as_str(), effect["task"].as_str()) {
            tasks.insert(key.to_owned(), task.to_owned());
        }
    }
}

type Said = (&'static str, String, Option<String>);

fn happened(input: &Value, tasks: &BTreeMap<String, String>, ui: &Frame) -> Option<Said> {
    let text = |name: &str| input[name].as_str().unwrap_or_default();
    let task = |name: &str| tasks.get(text(name)).map_or("", String::as_str);
    let with_reason = |key: &str| ui.with(key, &[("reason", text("reason"))]);
    Some(match input["kind"].as_str()? {
        "start" => (
            "play",
            ui.text("journal-start").into_owned(),
            data(&input["input"]),
        ),
        "callDone" => match &input["result"]["Err"] {
            Value::Null => {
                let said = ui.with("journal-answered", &[("task", task("key"))]);
                ("check", said, data(&input["result"]["Ok"]))
            }
            error => {
                let detail = error["detail"].as_str().or(error["title"].as_str());
                let values = [("task", task("key")), ("error", detail.unwrap_or_default())];
                ("alert", ui.with("journal-failed", &values), data(error))
            }
        },
        "timerFired" => ("clock", ui.text("journal-timer").into_owned(), None),
        "event" => {
            let kind = input["event"]["type"].as_str().unwrap_or_default();
            (
                "bell",
                ui.with("journal-event", &[("type", kind)]),
                data(&input["event"]),
            )
        }
        "cancel" => ("x", with_reason("journal-cancel"), None),
        "retry" => (
            "refresh",
            with_reason("journal-retry"),
            data(&input["input"]),
        ),
        "skip" => ("right", with_reason("journal-skip"), data(&input["output"])),
        "jump" => {
            let values = [("task", text("to")), ("reason", text("reason"))];
            let said = ui.with("journal-jump", &values);
            ("right", said, data(&input["input"]))
        }
        "suspend" => ("lock", with_reason("journal-suspend"), None),
        "continue" => ("play", with_reason("journal-continue"), None),
        "migrate" => {
            let values = [
                ("from", text("from")),
                ("to", text("to")),
                ("reason", text("reason")),
            ];
            ("up", ui.with("journal-migrate", &values), None)
        }
        "late" => {
            let values = [("task", text("task")), ("function", text("function"))];
            let said = ui.with("journal-late", &values);
            ("clock", said, data(&input["result"]))
        }
        "unreadable" => ("alert", text("detail").to_owned(), None),
        _ => return None,
    })
}

fn followed(effect: &Value, ui: &Frame) -> Option<Said> {
    let text = |name: &str| effect[name].as_str().unwrap_or_default();
    Some(match effect["kind"].as_str()? {
        "call" => {
            let function = effect["function"]["name"].as_str().unwrap_or_default();
            let said = ui.with(
                "journal-calls",
                &[("task", text("task")), ("function", function)],
            );
            ("bolt", said, data(&effect["with"]))
        }
        "run" => {
            let workflow = effect["workflow"]["name"].as_str().unwrap_or_default();
            let said = ui.with(
                "journal-runs",
                &[("task", text("task")), ("workflow", workflow)],
            );
            ("flow", said, data(&effect["input"]))
        }
        "subscribe" => (
            "bell",
            ui.with("journal-listens", &[("task", text("task"))]),
            None,
        ),
        "emit" => {
            let kind = effect["event"]["type"].as_str().unwrap_or_default();
            (
                "mail",
                ui.with("journal-emits", &[("type", kind)]),
                data(&effect["event"]),
            )
        }
        "ended" => match effect["outcome"].as_str()? {
            "completed" => (
                "check",
                ui.text("journal-completed").into_owned(),
                data(&effect["value"]),
            ),
            "faulted" => {
                let error = &effect["value"];
                let detail = error["detail"].as_str().or(error["title"].as_str());
                let values = [("error", detail.unwrap_or_default())];
                ("alert", ui.with("journal-stopped", &values), data(error))
            }
            _ => ("x", ui.text("run-was-cancelled").into_owned(), None),
        },
        _ => return None,
    })
}

/// Data as text to unfold; nothing where there is none.
fn data(value: &Value) -> Option<String> {
    let empty = match value {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    (!empty).then(|| serde_json::to_string_pretty(value).unwrap_or_default())
}
