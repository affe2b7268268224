//! `sagsgang mail deliver`: one message into the customer inbox, as if it had arrived. Can be a mail server's delivery agent.

use super::with_engine;
use crate::cli::Mail;
use crate::config::Settings;
use crate::output;
use crate::start::Purpose;
use anyhow::{Context, Result, ensure};
use sagsgang_domain::MessageState;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

/// Larger messages are refused; a mail server then tells the sender.
const MOST_BYTES: u64 = 40 << 20;

pub(super) fn run(settings: &Settings, mail: &Mail, json: bool) -> Result<ExitCode> {
    let Mail::Deliver { file } = mail;
    let raw = read(file.as_deref())?;
    let message = with_engine(settings, Purpose::Command, async |engine| {
        Ok(engine.deliver_mail(raw).await?)
    })?;
    if json {
        output::json(&message)?;
    } else {
        let what = match (message.state, message.case) {
            (MessageState::Quarantined, _) => "quarantined",
            (_, Some(_)) => "joined its case",
            (_, None) => "in the inbox",
        };
        output::line(&format!("{}  {what}", message.id))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn read(file: Option<&Path>) -> Result<Vec<u8>> {
    let mut raw = Vec::new();
    match file {
        Some(path) => {
            let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
            file.take(MOST_BYTES + 1).read_to_end(&mut raw)?
        }
        None => std::io::stdin()
            .take(MOST_BYTES + 1)
            .read_to_end(&mut raw)?,
    };
    ensure!(!raw.is_empty(), "the message is empty");
    ensure!(
        raw.len() as u64 <= MOST_BYTES,
        "the message is larger than {MOST_BYTES} bytes"
    );
    Ok(raw)
}
