//! Writes to the customer by e-mail or text message. The engine queues and delivers what this plugin asks for.

use sagsgang_plugin::commands::{Message, send_message};
use sagsgang_plugin::{Failure, action, context};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is to be sent, and to whom.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// By which way
    channel: Channel,
    /// E-mail address or phone number
    to: String,
    /// Name of a template that gives subject and text
    template: Option<String>,
    /// Subject, for e-mail
    subject: Option<String>,
    /// The text, where there is no template
    body: Option<String>,
}

/// By which way a message goes.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Channel {
    Email,
    Sms,
}

/// What became of it.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// The message stands in the outbox
    queued: bool,
}

/// Sends the customer a message.
#[action]
pub fn notify(input: Input) -> Result<Output, Failure> {
    let to = input.to.trim().to_owned();
    check_recipient(input.channel, &to)?;
    let body = input.body.unwrap_or_default();
    if input.template.is_none() && body.trim().is_empty() {
        return Err(refuse(
            "no-text",
            "En besked skal have en skabelon eller en tekst.",
            "A message needs a template or a text.",
        ));
    }
    if input.channel == Channel::Email && input.template.is_none() && input.subject.is_none() {
        return Err(refuse(
            "no-subject",
            "En e-mail skal have en skabelon eller et emne.",
            "An e-mail needs a template or a subject.",
        ));
    }
    let (channel, subject) = match input.channel {
        Channel::Email => ("email", input.subject),
        Channel::Sms => ("sms", None),
    };
    send_message(&Message {
        channel: channel.to_owned(),
        to,
        subject,
        body,
        template: input.template,
    })?;
    Ok(Output { queued: true })
}

/// Refuses what can never arrive. Whether an address exists is found out by delivering.
fn check_recipient(channel: Channel, to: &str) -> Result<(), Failure> {
    let good = match channel {
        Channel::Email => to.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !to.contains(char::is_whitespace)
        }),
        Channel::Sms => {
            let digits = to.chars().filter(char::is_ascii_digit).count();
            let allowed = |c: char| c.is_ascii_digit() || c == '+' || c == ' ';
            (8..=15).contains(&digits) && to.chars().all(allowed)
        }
    };
    match good {
        true => Ok(()),
        // The address itself is personal data and stays out of the message.
        false => Err(Failure::ask(
            "bad-recipient",
            context::in_language(&[
                (
                    "da",
                    "Modtageren kan ikke nås på denne kanal; ret adressen eller nummeret.",
                ),
                (
                    "en",
                    "The recipient cannot be reached on this channel; correct the address or the number.",
                ),
            ]),
        )),
    }
}

fn refuse(code: &str, danish: &'static str, english: &'static str) -> Failure {
    Failure::reject(
        code,
        context::in_language(&[("da", danish), ("en", english)]),
    )
}

sagsgang_plugin::export!(notify);

#[cfg(test)]
mod tests {
    use super::notify;
    use sagsgang_plugin::Advice;
    use sagsgang_plugin::testing::{Host, assert_schemas};
    use serde_json::{Value, json};

    fn sent(input: Value) -> Result<Value, (Advice, String)> {
        let mut host = Host::default();
        let answer = host.call::<notify>(input);
        answer
            .map(|_| host.commands.remove(0))
            .map_err(|failure| (failure.advice, failure.code))
    }

    #[test]
    fn asks_for_the_message() {
        let command = sent(
            json!({ "channel": "sms", "to": "+45 12 34 56 78", "template": "receipt", "subject": "unused" }),
        );
        let expected = json!({ "type": "send-message", "channel": "sms", "to": "+45 12 34 56 78", "body": "", "template": "receipt" });
        assert_eq!(command, Ok(expected));
        let command = sent(json!({ "channel": "email", "to": "a@b.example", "subject": "Kvittering", "body": "Tak" })).unwrap();
        assert_eq!(command["subject"], "Kvittering");
    }

    #[test]
    fn refuses_what_cannot_be_sent() {
        let refused = |input| sent(input).unwrap_err();
        let bad = (Advice::Ask, "bad-recipient".to_owned());
        assert_eq!(
            refused(json!({ "channel": "sms", "to": "a@b.example", "body": "x" })),
            bad
        );
        assert_eq!(
            refused(json!({ "channel": "email", "to": "12345678", "subject": "x", "body": "x" })),
            bad
        );
        assert_eq!(
            refused(json!({ "channel": "sms", "to": "12345678" })).1,
            "no-text"
        );
        assert_eq!(
            refused(json!({ "channel": "email", "to": "a@b.example", "body": "x" })).1,
            "no-subject"
        );
        assert_eq!(
            refused(json!({ "channel": "fax", "to": "12345678", "body": "x" })).1,
            "bad-input"
        );
    }

    #[test]
    fn the_package_has_the_schemas_of_the_source() {
        assert_schemas::<notify>(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas"));
    }
}
