//! The ways in which the engine calls a plugin: one for each function that plugins export.

use crate::grant::Capability;
use crate::manifest::Effect;
use crate::schema::Schema;
use std::collections::BTreeSet;

/// A function that plugins export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryPoint {
    /// An action is run.
    Run,
    /// A panel says what it shows.
    Show,
    /// A channel is given a message.
    Deliver,
    /// A channel is told what became of messages.
    Receive,
    /// A provider looks something up.
    Search,
}

impl EntryPoint {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Run,
        Self::Show,
        Self::Deliver,
        Self::Receive,
        Self::Search,
    ];

    /// The world of the interface that has the function.
    pub fn world(self) -> &'static str {
        match self {
            EntryPoint::Run => "action",
            EntryPoint::Show => "panel",
            EntryPoint::Deliver | EntryPoint::Receive => "channel",
            EntryPoint::Search => "provider",
        }
    }

    /// Whether anybody at all can bring a call about, so that its failures are held against nobody else's calls.
    pub(crate) fn is_open_to_anybody(self) -> bool {
        self == EntryPoint::Receive
    }

    /// What may happen outside when the function runs twice; actions say it themselves.
    pub(crate) fn effect(self) -> Effect {
        match self {
            EntryPoint::Run | EntryPoint::Show | EntryPoint::Search => Effect::Pure,
            EntryPoint::Deliver => Effect::Keyed,
            EntryPoint::Receive => Effect::Idempotent,
        }
    }

    /// The function of a script that answers. A channel has two.
    pub(crate) fn scripted(self, name: &str) -> String {
        match self {
            EntryPoint::Deliver => format!("{name}-deliver"),
            EntryPoint::Receive => format!("{name}-receive"),
            _ => name.to_owned(),
        }
    }

    /// What does not count in these calls, whatever is granted: only an action changes a case, and only an action or a panel
    /// reads one.
    pub(crate) fn closed(self) -> BTreeSet<Capability> {
        let changing = [
            Capability::CaseCommands,
            Capability::Documents,
            Capability::Blobs,
        ];
        let reading = [Capability::CaseRead, Capability::Cases];
        match self {
            EntryPoint::Run => BTreeSet::new(),
            EntryPoint::Show => changing.into(),
            _ => changing.into_iter().chain(reading).collect(),
        }
    }

    /// What comes out, where the interface says it; actions bring their own.
    pub(crate) fn output(self) -> Option<Schema> {
        let text = match self {
            EntryPoint::Run => return None,
            EntryPoint::Show => include_str!("../schemas/panel.json"),
            EntryPoint::Deliver => include_str!("../schemas/receipt.json"),
            EntryPoint::Receive => include_str!("../schemas/reports.json"),
            EntryPoint::Search => include_str!("../schemas/entries.json"),
        };
        let value = serde_json::from_str(text).ok()?;
        Schema::compile(self.world(), value).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_comes_out_of_each_has_a_schema_that_holds() {
        let text = "x".repeat(2_001);
        for (point, good, bad) in [
            (
                EntryPoint::Show,
                json!({ "parts": [
                    { "type": "facts", "facts": [{ "label": "a", "value": "b" }] },
                    { "type": "table", "columns": ["a"], "rows": [["b"], ["c"]] },
                    { "type": "note", "tone": "warning", "text": "a" },
                    { "type": "buttons", "buttons": [{ "label": "a", "action": "b" }] },
                ], "summary": "two" }),
                vec![
                    json!({ "parts": [{ "type": "html", "html": "<b>" }] }),
                    json!({ "parts": [{ "type": "note", "text": text }] }),
                    json!({ "parts": [{ "type": "note", "tone": "loud", "text": "a" }] }),
                    json!([]),
                ],
            ),
            (
                EntryPoint::Deliver,
                json!({ "reference": "1", "detail": "sent" }),
                vec![json!({}), json!({ "reference": "" })],
            ),
            (
                EntryPoint::Receive,
                json!({ "reports": [{ "reference": "1", "state": "delivered" }] }),
                vec![json!({ "reports": [{ "reference": "1", "state": "lost" }] })],
            ),
            (
                EntryPoint::Search,
                json!({ "entries": [{ "title": "a", "values": { "road": "b" } }] }),
                vec![
                    json!({ "entries": [{ "title": "a\nb", "values": {} }] }),
                    json!({ "entries": [{ "title": "a", "values": { "road": 1 } }] }),
                ],
            ),
        ] {
            let schema = point.output().unwrap();
            assert_eq!(schema.problems(&good), Vec::<String>::new(), "{point:?}");
            for bad in bad {
                assert!(!schema.problems(&bad).is_empty(), "{point:?}: {bad}");
            }
        }
        assert!(EntryPoint::Run.output().is_none());
    }
}
