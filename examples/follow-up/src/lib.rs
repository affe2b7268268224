//! Asks the case's first contact by text message whether the problem is solved, and tags the case.

use sagsgang_plugin::commands::{Message, send_message, tag};
use sagsgang_plugin::{Failure, action, context, log};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What of the case is needed. Everything else of it is ignored, and never even sent (`select` in plugin.toml).
#[derive(Deserialize)]
struct Case {
    number: String,
    title: String,
    #[serde(default)]
    contacts: Vec<Contact>,
}

#[derive(Deserialize)]
struct Contact {
    #[serde(default)]
    phones: Vec<String>,
}

/// What the person who presses the button can choose.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Words to begin the message with
    #[schemars(extend("x-title" = { "da": "Hilsen", "en": "Greeting" }))]
    greeting: Option<String>,
}

/// What was done.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// Whether somebody was asked
    asked: bool,
}

/// Asks the customer whether the problem is solved.
#[action]
pub fn follow_up(input: Input) -> Result<Output, Failure> {
    let case: Case = context::case()?
        .ok_or_else(|| Failure::reject("no-case", "there is no case to follow up"))?;
    let phone = case
        .contacts
        .iter()
        .flat_map(|contact| &contact.phones)
        .next();
    let Some(phone) = phone else {
        return Err(Failure::ask(
            "no-phone",
            "the case has no contact with a phone number",
        ));
    };
    let greeting = input.greeting.unwrap_or_else(|| "Hej".to_owned());
    let body = format!(
        "{greeting}. Er \"{}\" løst? Svar JA eller NEJ. Sag {}",
        case.title, case.number
    );
    send_message(&Message {
        channel: "sms".to_owned(),
        to: phone.clone(),
        body,
        ..Message::default()
    })?;
    tag("asked")?;
    log::info("asked by text message");
    Ok(Output { asked: true })
}

sagsgang_plugin::export!(follow_up);

#[cfg(test)]
mod tests {
    use super::follow_up;
    use sagsgang_plugin::testing::{Host, assert_schemas};
    use sagsgang_testing::Calls;
    use serde_json::json;

    #[test]
    fn asks_the_first_contact_with_a_phone() {
        let contacts = json!([{ "phones": [] }, { "phones": ["+4512345678"] }]);
        let mut host = Host::with_case(
            json!({ "number": "2026-000042", "title": "Manglende tømning", "contacts": contacts }),
        );
        assert_eq!(
            host.call::<follow_up>(json!({})),
            Ok(json!({ "asked": true }))
        );
        assert_eq!(host.commands[0]["to"], "+4512345678");
        assert_eq!(
            host.commands[0]["body"],
            "Hej. Er \"Manglende tømning\" løst? Svar JA eller NEJ. Sag 2026-000042"
        );
        assert_eq!(host.commands[1], json!({ "type": "tag", "tag": "asked" }));
    }

    #[test]
    fn asks_a_person_when_there_is_nobody_to_ask() {
        let mut host =
            Host::with_case(json!({ "number": "2026-000042", "title": "Manglende tømning" }));
        assert_eq!(
            host.call::<follow_up>(json!({})).unwrap_err().code,
            "no-phone"
        );
        assert!(host.commands.is_empty(), "a failed call asks for nothing");
    }

    #[test]
    fn the_recorded_calls_come_as_recorded() {
        Calls::of(env!("CARGO_MANIFEST_DIR"))
            .action::<follow_up>()
            .play();
    }

    #[test]
    #[ignore = "needs the program `sagsgang`, or its path in the variable SAGSGANG, and the target for WebAssembly"]
    fn the_recorded_calls_come_as_recorded_in_the_engine() {
        sagsgang_testing::in_engine(env!("CARGO_MANIFEST_DIR"));
    }

    #[test]
    fn the_package_has_the_schemas_of_the_source() {
        assert_schemas::<follow_up>(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas"));
    }
}
