//! Changes that the plugin asks for. Needs the capability `case-commands`, which lists the types.
//!
//! They are collected and applied together with the call's result, or not at all. The errors of every function here are
//! `denied` (type not granted), `invalid` and `too-large` (100 commands, 10 messages, 64 KiB each).

use crate::{Error, imports};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// One reason of a priority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// In words.
    pub text: String,
    /// What it adds to the score.
    pub points: i32,
}

/// What a case can be linked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// A container.
    Container,
    /// The property.
    Property,
    /// An agreement.
    Agreement,
    /// A contact.
    Contact,
    /// A message.
    Message,
    /// Another case.
    Case,
}

/// A message to the customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Message {
    /// `email` or `sms`.
    pub channel: String,
    /// Address or phone number.
    pub to: String,
    /// Subject, for e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// Name of a template that gives subject and text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
}

/// Asks for any command, as in `POST /cases/{id}/commands`.
///
/// # Errors
/// See the [module](self).
pub fn request(command: &Value) -> Result<(), Error> {
    imports::request(&command.to_string())
}

/// Adds an internal note.
///
/// # Errors
/// See the [module](self).
pub fn note(text: impl AsRef<str>) -> Result<(), Error> {
    request(&json!({ "type": "note", "text": text.as_ref() }))
}

/// Sets the priority, with the score and the reasons that led to it.
///
/// # Errors
/// See the [module](self).
pub fn set_priority(priority: &str, score: i32, reasons: &[Reason]) -> Result<(), Error> {
    request(
        &json!({ "type": "set-priority", "priority": priority, "score": score, "reasons": reasons }),
    )
}

/// Sets fields of the case type; `null` clears one.
///
/// # Errors
/// See the [module](self).
pub fn set_fields(fields: Map<String, Value>) -> Result<(), Error> {
    request(&json!({ "type": "set-fields", "fields": fields }))
}

/// Takes a transition by its name.
///
/// # Errors
/// See the [module](self).
pub fn transition(name: &str) -> Result<(), Error> {
    request(&json!({ "type": "transition", "transition": name }))
}

/// Adds a tag.
///
/// # Errors
/// See the [module](self).
pub fn tag(tag: &str) -> Result<(), Error> {
    request(&json!({ "type": "tag", "tag": tag }))
}

/// Links something to the case by its id.
///
/// # Errors
/// See the [module](self).
pub fn link(kind: LinkKind, id: &str) -> Result<(), Error> {
    request(&json!({ "type": "link", "kind": kind, "id": id }))
}

/// Removes a link; the thing itself stays.
///
/// # Errors
/// See the [module](self).
pub fn unlink(kind: LinkKind, id: &str) -> Result<(), Error> {
    request(&json!({ "type": "unlink", "kind": kind, "id": id }))
}

/// Attaches a document or file of this call, under its own name.
///
/// # Errors
/// See the [module](self).
pub fn attach(handle: &str) -> Result<(), Error> {
    request(&json!({ "type": "attach", "document": handle }))
}

/// Writes to the customer. The engine queues the message and delivers it.
///
/// # Errors
/// See the [module](self).
pub fn send_message(message: &Message) -> Result<(), Error> {
    let mut command = json!(message);
    command["type"] = json!("send-message");
    request(&command)
}
