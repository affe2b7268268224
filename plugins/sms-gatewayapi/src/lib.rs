//! Carries text messages through GatewayAPI, and reads its delivery reports.

mod report;

use sagsgang_plugin::channel::{Channel, Hook, Message, Receipt, Report};
use sagsgang_plugin::http::{Request, Response};
use sagsgang_plugin::{Failure, context};
use serde::Deserialize;
use serde_json::{Value, json};

/// Letters and digits that a phone shows as the sender at most.
const MOST_SENDER: usize = 11;
/// Milliseconds that the gateway may take; a call has five seconds in all.
const PATIENCE_MS: u32 = 4_000;

/// The channel.
pub struct Gateway;

#[derive(Deserialize)]
struct Settings {
    address: String,
    #[serde(default)]
    sender: String,
}

#[derive(Deserialize)]
struct Accepted {
    ids: Vec<u64>,
}

impl Channel for Gateway {
    const NAME: &'static str = "sms-gatewayapi";

    fn deliver(message: Message) -> Result<Receipt, Failure> {
        let settings: Settings = context::configuration()?;
        let number: u64 = message
            .to
            .trim_start_matches('+')
            .parse()
            .map_err(|_| Failure::reject("bad-recipient", "the number is none of E.164"))?;
        let body = json!({
            "sender": sender(&settings.sender, &message.from),
            "message": message.text,
            "recipients": [{ "msisdn": number }],
            "userref": message.id,
            "encoding": encoding(&message.text),
        });
        let address = format!("{}/rest/mtsms", settings.address);
        let mut request = Request::post_json(address, &body);
        request.timeout_ms = Some(PATIENCE_MS);
        let answer = request.send()?;
        if answer.status != 200 {
            return Err(refused(&answer));
        }
        let accepted: Accepted = answer.json()?;
        let id = accepted.ids.first().ok_or_else(|| {
            Failure::reject("no-id", "the gateway took the message and gave it no id")
        })?;
        Ok(Receipt {
            reference: id.to_string(),
            detail: Some(format!("GatewayAPI {id}")),
        })
    }

    fn receive(hook: Hook) -> Result<Vec<Report>, Failure> {
        report::read(&hook)
    }
}

/// What the phone shows: the setting, or what fits of the municipality's name.
fn sender(given: &str, municipality: &str) -> String {
    let name = if given.is_empty() {
        municipality
    } else {
        given
    };
    let plain = name.chars().filter_map(|letter| match letter {
        'æ' | 'Æ' => Some('a'),
        'ø' | 'Ø' => Some('o'),
        'å' | 'Å' => Some('a'),
        ' ' | '0'..='9' | 'a'..='z' | 'A'..='Z' => Some(letter),
        _ => None,
    });
    let short: String = plain.take(MOST_SENDER).collect();
    short.trim().to_owned()
}

/// The gateway's alphabet for a text: letters outside GSM-7 need UCS-2, and would be lost otherwise.
fn encoding(text: &str) -> &'static str {
    const BEYOND_ASCII: &str = "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà€";
    let fits = |letter: char| (letter.is_ascii() && letter != '`') || BEYOND_ASCII.contains(letter);
    match text.chars().all(fits) {
        true => "UTF8",
        false => "UCS2",
    }
}

/// What a refusal means: an overloaded gateway is tried again, and one that does not know the token (any more), since somebody
/// can give it a new one meanwhile; a number that does not exist is not.
fn refused(answer: &Response) -> Failure {
    let body: Value = answer.json().unwrap_or_default();
    let code = body["code"].as_str().unwrap_or("none");
    let message = body["message"].as_str().unwrap_or("no message");
    let said = format!("GatewayAPI {}: {message} ({code})", answer.status);
    match answer.status {
        408 | 429 | 500.. => Failure::retry("gateway-busy", said),
        401 | 403 => Failure::retry("gateway-account", said),
        _ => Failure::reject("gateway-refused", said),
    }
}

sagsgang_plugin::export_channel!(Gateway);

#[cfg(test)]
mod tests;
