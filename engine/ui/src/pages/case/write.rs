//! Writing in a case: a note for colleagues, a text message or an e-mail to the customer.

use super::CaseState;
use super::change::refused;
use super::composer::{Draft, Kind};
use super::show::{address, again, gather};
use super::written::Written;
use crate::answer::{Answer, Failure, beyond_the_page, see};
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::StatusCode;
use sagsgang_domain::{Case, Channel, Command};
use sagsgang_runtime::{CaseRef, Document};
use serde_json::Value;

/// Adds the note or queues the message, with its files. Sending needs its own right, which the engine checks.
pub(crate) async fn write(
    visit: Visit,
    Path(number): Path<String>,
    mut written: Written,
) -> Answer {
    let case = CaseRef::Number(number.clone());
    let known = visit.engine.case(&case).await?.ok_or(Failure::NotFound)?;
    let kind = Kind::from_name(&written.kind);
    let (files, problem) = written.keep_files(&visit, Some(known.id)).await?;
    if let Some((status, said)) = problem {
        return not_taken(&visit, &number, written, &files, status, said).await;
    }
    let new = files
        .iter()
        .filter(|file| !known.documents.contains(&file.id));
    let mut commands: Vec<_> = new.cloned().map(Document::attaching).collect();
    let signature = visit.preferences().signature;
    let hold_seconds = visit.engine.take_back_seconds();
    commands.push(command(kind, &written, &signature, hold_seconds));
    match visit
        .engine
        .execute(&visit.caller()?, &case, commands, None, visit.once.clone())
        .await
    {
        Ok(done) => {
            forget_draft(&visit, &done.case, &written).await?;
            let channel = channel(kind);
            let saved = match channel.is_some_and(|way| !visit.engine.carries(way)) {
                true => format!("{}-kept", kind.name()),
                false => kind.name().to_owned(),
            };
            Ok(see(&address(&number, &written.tab, &saved)))
        }
        Err(error) => {
            let tab = std::mem::take(&mut written.tab);
            let state = CaseState {
                tab: Some(tab),
                draft: Draft {
                    invalid: true,
                    ..written.again(&files)
                },
                ..CaseState::default()
            };
            refused(&visit, &number, error, state).await
        }
    }
}

/// Only what has arrived is forgotten: behind what waited for the connection something else may have been begun.
async fn forget_draft(visit: &Visit, case: &Case, sent: &Written) -> Result<(), Failure> {
    let caller = visit.caller()?;
    if visit.waited.is_some() {
        let kept = visit.engine.kept_draft(&caller.actor.id, case).await?;
        if kept.is_some_and(|(kept, _)| !holds(sent, &kept)) {
            return Ok(());
        }
    }
    let forgotten = visit.engine.keep_draft(&caller, case, None);
    forgotten.await.map_err(beyond_the_page)
}

/// All of a draft is in what was sent. Its last words may have been sent before they were kept.
fn holds(sent: &Written, kept: &Value) -> bool {
    let body = sent.body.replace("\r\n", "\n");
    let ids: Vec<String> = sent.files.iter().map(ToString::to_string).collect();
    let files = kept["files"].as_array().into_iter().flatten();
    let is_sent = |file: &Value| ids.iter().any(|id| file == id.as_str());
    body.starts_with(kept["body"].as_str().unwrap_or_default()) && files.into_iter().all(is_sent)
}

/// The page again, with what was written and why the files were not taken.
pub(super) async fn not_taken(
    visit: &Visit,
    number: &str,
    mut written: Written,
    files: &[Document],
    status: StatusCode,
    said: String,
) -> Answer {
    let data = gather(visit, number).await?;
    let tab = std::mem::take(&mut written.tab);
    let state = CaseState {
        tab: Some(tab),
        draft: Draft {
            file_problem: Some(said.clone()),
            ..written.again(files)
        },
        ..CaseState::default()
    };
    again(visit, data, status, Some(said), state).await
}

/// What carries what is written; nothing carries a note.
fn channel(kind: Kind) -> Option<Channel> {
    match kind {
        Kind::Note => None,
        Kind::Sms => Some(Channel::Sms),
        Kind::Email => Some(Channel::Email),
    }
}

/// What a person writes waits a moment in which they can take it back.
fn command(kind: Kind, written: &Written, signature: &str, hold_seconds: u32) -> Command {
    let body = written.body.replace("\r\n", "\n");
    let signs = kind.is_email() && !written.sign.is_empty() && !body.trim().is_empty();
    // A template may have signed already; a text that is quoted or tells of the person has not.
    let signature = signature.trim_end();
    let signed = body.trim_end().ends_with(signature);
    let body = match signs && !signature.is_empty() && !signed {
        true => format!("{}\n\n{signature}", body.trim_end()),
        false => body,
    };
    let (channel, to, subject) = match kind {
        Kind::Note => {
            return Command::Note {
                text: body,
                attachments: written.files.clone(),
            };
        }
        Kind::Sms => (Channel::Sms, &written.phone, None),
        Kind::Email => (
            Channel::Email,
            &written.address,
            Some(written.subject.trim().to_owned()),
        ),
    };
    let to = to.trim().to_owned();
    // A template alone would be filled in without having been read.
    let body_is_empty = body.trim().is_empty();
    Command::SendMessage {
        channel,
        to,
        subject,
        body,
        template: Some(written.template.clone()).filter(|name| !name.is_empty() && !body_is_empty),
        attachments: written.files.clone(),
        hold_seconds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_for_colleagues_never_becomes_a_message() {
        let written = Written {
            body: "internt\r\ntekst".to_owned(),
            sign: "1".to_owned(),
            phone: "12345678".to_owned(),
            ..Written::default()
        };
        for kind in ["note", "", "unknown"] {
            let command = command(Kind::from_name(kind), &written, "Jonas", 10);
            assert_eq!(
                command,
                Command::Note {
                    text: "internt\ntekst".to_owned(),
                    attachments: Vec::new()
                }
            );
        }
    }

    #[test]
    fn an_e_mail_is_signed_once_and_only_where_that_is_wanted() {
        let body = |body: &str, sign: &str| {
            let written = Written {
                body: body.to_owned(),
                sign: sign.to_owned(),
                ..Written::default()
            };
            match command(Kind::Email, &written, "Jonas\nAffald", 10) {
                Command::SendMessage { body, .. } => body,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(body("Hej\r\n", "1"), "Hej\n\nJonas\nAffald");
        assert_eq!(body("Hej", ""), "Hej");
        assert_eq!(body("Hej\nJonas\nAffald", "1"), "Hej\nJonas\nAffald");
        assert_eq!(body("Hej\nJonas\nAffald\n", "1"), "Hej\nJonas\nAffald\n");
        assert_eq!(
            body("> Jonas\nAffald\nHej", "1"),
            "> Jonas\nAffald\nHej\n\nJonas\nAffald",
            "a signature in a quotation signs nothing"
        );
        assert_eq!(body(" ", "1"), " ", "a signature alone is no message");
    }

    #[test]
    fn a_text_message_has_no_subject() {
        let written = Written {
            subject: "Emne".to_owned(),
            phone: " 12345678 ".to_owned(),
            ..Written::default()
        };
        let Command::SendMessage {
            channel,
            to,
            subject,
            ..
        } = command(Kind::Sms, &written, "Jonas", 10)
        else {
            panic!("a message")
        };
        assert_eq!(
            (channel, to.as_str(), subject),
            (Channel::Sms, "12345678", None)
        );
    }
}
