//! Writing in a case: a note for colleagues, a text message or an e-mail to the customer.

use super::CaseState;
use super::change::refused;
use super::composer::{Draft, Kind};
use super::show::address;
use crate::answer::{Answer, beyond_the_page, see};
use crate::visit::Visit;
use axum::Form;
use axum::extract::Path;
use sagsgang_domain::{Channel, Command};
use sagsgang_runtime::CaseRef;
use serde::Deserialize;

/// The filled-in composer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Written {
    pub(super) kind: String,
    pub(super) body: String,
    pub(super) phone: String,
    pub(super) address: String,
    pub(super) subject: String,
    pub(super) template: String,
    pub(super) tab: String,
    /// The person's signature stands under an e-mail.
    pub(super) sign: String,
}

/// Adds the note or queues the message. Sending needs its own right, which the engine checks.
pub(crate) async fn write(
    visit: Visit,
    Path(number): Path<String>,
    Form(written): Form<Written>,
) -> Answer {
    let kind = Kind::from_name(&written.kind);
    let signature = visit.preferences().signature;
    let commands = vec![command(kind, &written, &signature)];
    let case = CaseRef::Number(number.clone());
    match visit
        .engine
        .execute(&visit.caller()?, &case, commands, None, visit.once.clone())
        .await
    {
        Ok(done) => {
            // Only what has arrived is forgotten.
            let caller = visit.caller()?;
            let forgotten = visit.engine.keep_draft(&caller, &done.case, None);
            forgotten.await.map_err(beyond_the_page)?;
            let channel = channel(kind);
            let saved = match channel.is_some_and(|way| !visit.engine.carries(way)) {
                true => format!("{}-kept", kind.name()),
                false => kind.name().to_owned(),
            };
            Ok(see(&address(&number, &written.tab, &saved)))
        }
        Err(error) => {
            let draft = Draft {
                kind,
                body: written.body,
                phone: Some(written.phone),
                address: Some(written.address),
                subject: Some(written.subject),
                template: Some(written.template),
                sent: false,
                invalid: true,
                unsigned: written.sign.is_empty(),
            };
            let state = CaseState {
                tab: Some(written.tab),
                draft,
                ..CaseState::default()
            };
            refused(&visit, &number, error, state).await
        }
    }
}

/// What carries what is written; nothing carries a note.
fn channel(kind: Kind) -> Option<Channel> {
    match kind {
        Kind::Note => None,
        Kind::Sms => Some(Channel::Sms),
        Kind::Email => Some(Channel::Email),
    }
}

fn command(kind: Kind, written: &Written, signature: &str) -> Command {
    let body = written.body.replace("\r\n", "\n");
    let signs = kind.is_email() && !written.sign.is_empty() && !body.trim().is_empty();
    // A template may have signed already.
    let body = match signs && !signature.is_empty() && !body.contains(signature) {
        true => format!("{}\n\n{signature}", body.trim_end()),
        false => body,
    };
    let (channel, to, subject) = match kind {
        Kind::Note => return Command::Note { text: body },
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
        attachments: Vec::new(),
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
            let command = command(Kind::from_name(kind), &written, "Jonas");
            assert_eq!(
                command,
                Command::Note {
                    text: "internt\ntekst".to_owned()
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
            match command(Kind::Email, &written, "Jonas\nAffald") {
                Command::SendMessage { body, .. } => body,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(body("Hej\r\n", "1"), "Hej\n\nJonas\nAffald");
        assert_eq!(body("Hej", ""), "Hej");
        assert_eq!(body("Hej\nJonas\nAffald", "1"), "Hej\nJonas\nAffald");
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
        } = command(Kind::Sms, &written, "Jonas")
        else {
            panic!("a message")
        };
        assert_eq!(
            (channel, to.as_str(), subject),
            (Channel::Sms, "12345678", None)
        );
    }
}
