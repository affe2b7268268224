//! Links a case to an e-mail that lies in the customer inbox.

use sagsgang_plugin::commands::{LinkKind, link};
use sagsgang_plugin::{Failure, action};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which message.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Id of the message in the customer inbox
    #[schemars(extend("format" = "uuid", "x-choose" = "message", "x-title" = { "da": "Besked", "en": "Message" }))]
    message: String,
}

/// What was linked.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// Id of the message
    linked: String,
}

/// Links the case to a message.
#[action]
pub fn link_message(input: Input) -> Result<Output, Failure> {
    link(LinkKind::Message, &input.message)?;
    Ok(Output {
        linked: input.message,
    })
}

sagsgang_plugin::export!(link_message);

#[cfg(test)]
mod tests {
    use super::link_message;
    use sagsgang_plugin::testing::{Host, assert_schemas};
    use serde_json::json;

    #[test]
    fn asks_for_the_link() {
        let mut host = Host::default();
        let id = "0193a1b2-0000-7000-8000-000000000001";
        let output = host.call::<link_message>(json!({ "message": id })).unwrap();
        assert_eq!(output, json!({ "linked": id }));
        assert_eq!(
            host.commands,
            [json!({ "type": "link", "kind": "message", "id": id })]
        );
    }

    #[test]
    fn the_package_has_the_schemas_of_the_source() {
        assert_schemas::<link_message>(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas"));
    }
}
