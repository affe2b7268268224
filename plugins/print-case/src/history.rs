//! What has happened, one sentence for each entry.

use crate::words::Words;
use serde::Deserialize;
use serde_json::{Value, json};

/// One entry of the case's history.
#[derive(Deserialize)]
pub(crate) struct Entry {
    at: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    actor: Actor,
    #[serde(default)]
    data: Value,
}

#[derive(Default, Deserialize)]
struct Actor {
    #[serde(default)]
    name: String,
}

impl Entry {
    /// The entry on paper; nothing for internal notes that are not to be printed.
    pub(crate) fn line(&self, with_notes: bool, words: &Words) -> Option<Value> {
        let text = match self.kind.as_str() {
            "case.noted.v1" if !with_notes => return None,
            "case.noted.v1" => format!("{}: {}", words.note, self.member("text")),
            "case.message-sent.v1" => self.message(words),
            kind => self.change(words.event(kind)),
        };
        Some(json!({ "at": self.at, "actor": self.actor.name, "text": text }))
    }

    fn message(&self, words: &Words) -> String {
        let (channel, to, subject, body) = (
            self.member("channel"),
            self.member("to"),
            self.member("subject"),
            self.member("body"),
        );
        let head = format!("{} ({channel}, {to})", words.sent);
        let lines = [head, subject, body];
        lines
            .into_iter()
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// A change with what it was before and is now, as far as the entry says.
    fn change(&self, name: &str) -> String {
        let (from, to) = (self.member("from"), self.member("to"));
        let detail = match (from.is_empty(), to.is_empty()) {
            (false, false) => format!("{from} → {to}"),
            (true, false) => to,
            _ => [
                "title", "name", "tag", "action", "workflow", "state", "assignee", "due",
            ]
            .iter()
            .map(|member| self.member(member))
            .find(|value| !value.is_empty())
            .unwrap_or_default(),
        };
        if detail.is_empty() {
            name.to_owned()
        } else {
            format!("{name}: {detail}")
        }
    }

    fn member(&self, name: &str) -> String {
        match self.data.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    }
}
