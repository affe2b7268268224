//! Changes that the plugin asks for.

use super::{Call, Refusal};
use crate::grant::Capability;
use crate::nul::{NUL, has_nul};
use sagsgang_domain::Command;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const MOST_BYTES: usize = 64 * 1024;

/// How a plugin asks for an attachment: by a handle of this call. The rest is the engine's to know.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attach {
    #[serde(rename = "type")]
    _type: String,
    document: String,
    #[serde(default)]
    name: Option<String>,
}

impl Call {
    /// Takes one command.
    pub(crate) fn request(&mut self, text: &str) -> Result<(), Refusal> {
        self.require(Capability::CaseCommands)?;
        if text.len() > MOST_BYTES {
            return Err(Refusal::too_large("a command has at most 64 KiB"));
        }
        let value: Value =
            serde_json::from_str(text).map_err(|error| Refusal::invalid(error.to_string()))?;
        if has_nul(&value) {
            return Err(Refusal::invalid(NUL));
        }
        let name = value
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !self.terms.grant.case_commands.contains(name) {
            return Err(Refusal::denied(format!(
                "the command `{name}` is not granted"
            )));
        }
        let command = match name {
            "attach" => self.attach(value)?,
            _ => serde_json::from_value(value)
                .map_err(|error| Refusal::invalid(error.to_string()))?,
        };
        self.within_limits(&command)?;
        self.collected.commands.push(command);
        Ok(())
    }

    fn attach(&self, value: Value) -> Result<Command, Refusal> {
        let wish: Attach =
            serde_json::from_value(value).map_err(|error| Refusal::invalid(error.to_string()))?;
        let found = self
            .collected
            .documents
            .iter()
            .find(|document| document.handle == wish.document);
        let unknown = || {
            Refusal::invalid(format!(
                "`{}` is not a document of this call",
                wish.document
            ))
        };
        let document = found.ok_or_else(unknown)?;
        let id = Uuid::parse_str(&document.handle).map_err(|_| unknown())?;
        Ok(Command::Attach {
            document: id.into(),
            name: wish.name.unwrap_or_else(|| document.name.clone()),
            media_type: document.media_type.clone(),
            size: document.bytes.len() as u64,
            digest: hex::encode(Sha256::digest(&document.bytes)),
        })
    }

    fn within_limits(&self, command: &Command) -> Result<(), Refusal> {
        let is_message = |command: &Command| matches!(command, Command::SendMessage { .. });
        let limits = &self.terms.limits;
        if self.collected.commands.len() >= limits.commands {
            return Err(Refusal::too_large(format!(
                "a call asks for at most {} changes",
                limits.commands
            )));
        }
        let messages = self
            .collected
            .commands
            .iter()
            .filter(|command| is_message(command))
            .count();
        if is_message(command) && messages >= limits.messages {
            return Err(Refusal::too_large(format!(
                "a call sends at most {} messages",
                limits.messages
            )));
        }
        Ok(())
    }
}
