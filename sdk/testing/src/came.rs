//! What came of a call, against what was recorded of it.

use crate::expect::differences;
use crate::recorded::Expect;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Came {
    /// It went well.
    Well(Left),
    /// It failed, and nothing that it asked for counts.
    Failed {
        /// The plugin's own code, or the host's.
        code: String,
        /// What it says.
        message: String,
    },
}

/// What a call that went well leaves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Left {
    /// What it answered.
    pub result: Value,
    /// The commands that it asked for, in order.
    pub commands: Vec<Value>,
    /// Names of the documents and files that it made, in order.
    pub documents: Vec<String>,
    /// The lines of its log.
    pub log: Vec<String>,
    /// What the plugin has in its own store afterwards.
    pub values: BTreeMap<String, Vec<u8>>,
}

impl Expect {
    /// What came otherwise than recorded.
    pub fn problems(&self, came: &Came) -> Vec<String> {
        match (came, &self.error) {
            (Came::Well(_), Some(_)) => vec!["it went well, and was recorded to fail".to_owned()],
            (Came::Failed { code, message }, None) => {
                vec![format!("it failed: {code} ({message})")]
            }
            (Came::Failed { code, message }, Some(wanted)) => {
                let found = json!({ "code": code, "message": message });
                let mut wanted_value = json!({ "code": wanted.code });
                if let Some(message) = &wanted.message {
                    wanted_value["message"] = json!(message);
                }
                differences("error", &wanted_value, &found)
            }
            (Came::Well(left), None) => self.problems_of(left),
        }
    }

    fn problems_of(&self, left: &Left) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(result) = &self.result {
            found.extend(differences("result", result, &left.result));
        }
        for (place, wanted, came) in [
            (
                "commands",
                self.commands.as_ref().map(|all| json!(all)),
                json!(left.commands),
            ),
            (
                "documents",
                self.documents.as_ref().map(|all| json!(all)),
                json!(left.documents),
            ),
        ] {
            found.extend(
                wanted
                    .iter()
                    .flat_map(|wanted| differences(place, wanted, &came)),
            );
        }
        for (key, wanted) in self.values.iter().flatten() {
            let came = left.values.get(key).map(Vec::as_slice);
            let wanted = wanted.as_ref().map(|kept| kept.bytes());
            if came != wanted {
                let shown = |bytes: Option<&[u8]>| {
                    bytes.map_or("nothing".to_owned(), |bytes| {
                        String::from_utf8_lossy(bytes).into_owned()
                    })
                };
                found.push(format!(
                    "values.{key}: expected {}, found {}",
                    shown(wanted),
                    shown(came)
                ));
            }
        }
        if let Some(log) = &self.log {
            let missing = log
                .iter()
                .filter(|wanted| !left.log.iter().any(|line| line.contains(wanted.as_str())));
            found.extend(missing.map(|wanted| format!("log: no line has {wanted:?}")));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expect(value: Value) -> Expect {
        serde_json::from_value(value).unwrap()
    }

    fn left() -> Left {
        Left {
            result: json!({ "greeting": "Hej" }),
            commands: vec![json!({ "type": "note", "text": "Hej" })],
            documents: vec!["label.pdf".to_owned()],
            log: vec!["asked by text message".to_owned()],
            values: BTreeMap::from([("count".to_owned(), b"1".to_vec())]),
        }
    }

    #[test]
    fn what_is_as_recorded_is_no_problem() {
        let all = expect(json!({
            "result": { "greeting": "Hej" }, "commands": [{ "type": "note" }], "documents": ["label.pdf"],
            "log": ["text message"], "values": { "count": 1, "gone": null },
        }));
        assert_eq!(all.problems(&Came::Well(left())), [""; 0]);
    }

    #[test]
    fn each_difference_is_told() {
        for (wanted, said) in [
            (
                json!({ "result": { "greeting": "Farvel" } }),
                "result.greeting",
            ),
            (json!({ "commands": [] }), "commands"),
            (json!({ "documents": ["other.pdf"] }), "documents[0]"),
            (json!({ "log": ["by letter"] }), "by letter"),
            (
                json!({ "values": { "count": 2 } }),
                "values.count: expected 2, found 1",
            ),
            (
                json!({ "values": { "count": null } }),
                "values.count: expected nothing, found 1",
            ),
            (json!({ "error": { "code": "x" } }), "recorded to fail"),
        ] {
            let problems = expect(wanted).problems(&Came::Well(left()));
            assert!(
                problems.len() == 1 && problems[0].contains(said),
                "{said}: {problems:?}"
            );
        }
        let failed = Came::Failed {
            code: "no-case".to_owned(),
            message: "there is no case".to_owned(),
        };
        assert_eq!(
            expect(json!({ "error": { "code": "no-case" } })).problems(&failed),
            [""; 0]
        );
        assert_eq!(expect(json!({})).problems(&failed).len(), 1);
        let other = json!({ "error": { "code": "no-case", "message": "another" } });
        assert_eq!(expect(other).problems(&failed).len(), 1);
    }
}
