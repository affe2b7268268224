//! The history and the messages as JSON, one line each.

use super::Material;
use sagsgang_domain::{ActorKind, Entry};
use serde_json::{Value, json};

/// The history. An internal note that stays in the house leaves its place, so that nobody takes the rest for the whole.
pub(super) fn history(material: &Material) -> Vec<u8> {
    lines(material.entries.iter().map(|(number, entry)| {
        let mut line = match material.left_out(entry) {
            true => json!({ "omitted": "internal-note" }),
            false => told(material, entry),
        };
        line["case"] = json!(number);
        line["seq"] = json!(entry.seq);
        line["type"] = json!(entry.kind);
        line["at"] = json!(entry.at);
        line["hash"] = json!(hex::encode(entry.hash));
        line
    }))
}

fn told(material: &Material, entry: &Entry) -> Value {
    let before = json!({ "actor": entry.actor, "cause": entry.cause, "data": entry.data });
    let mut line = before.clone();
    if let Some(data) = line["data"].as_object_mut() {
        let mark = material.words.redacted;
        material.personal.cover_entry(&entry.kind, data, mark);
    }
    material.redactor.value(&mut line["data"]);
    // Who works for the municipality is no party.
    if entry.actor.kind != ActorKind::Person {
        material.redactor.value(&mut line["actor"]);
    }
    // What a person noted about a task is a note too.
    let mut marked = line != before;
    if entry.kind == "case.task-done.v1" && !material.options.notes {
        let data = line["data"].as_object_mut();
        marked |= data.and_then(|data| data.remove("note")).is_some();
    }
    if marked {
        line["redacted"] = json!(true);
    }
    line
}

/// The messages, without their HTML and without what only machines write in them.
pub(super) fn messages(material: &Material) -> Vec<u8> {
    lines(material.messages().into_iter().map(|message| {
        let before = json!({
            "from": message.from,
            "fromName": message.from_name,
            "to": message.to,
            "subject": message.subject,
            "text": message.text,
            "detail": message.detail,
        });
        let mut line = before.clone();
        material.redactor.value(&mut line);
        if line != before {
            line["redacted"] = json!(true);
        }
        line["id"] = json!(message.id);
        line["direction"] = json!(message.direction);
        line["channel"] = json!(message.channel);
        line["state"] = json!(message.state);
        line["at"] = json!(message.at);
        line["documents"] = json!(message.attachments);
        line
    }))
}

fn lines(values: impl Iterator<Item = Value>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in values {
        bytes.extend(value.to_string().into_bytes());
        bytes.push(b'\n');
    }
    bytes
}
