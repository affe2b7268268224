//! JSON Schemas of what people write, for editors. The readers of this crate decide; a test holds both against each other.

/// The schema of a kind of text.
#[derive(Clone, Copy, Debug)]
pub struct TextSchema {
    /// Name of the kind, as on the command line.
    pub kind: &'static str,
    /// What it describes, in one line.
    pub about: &'static str,
    /// The schema, draft 2020-12.
    pub text: &'static str,
}

/// The schemas, by name.
pub const SCHEMAS: [TextSchema; 6] = [
    TextSchema {
        kind: "calendar",
        about: "when the municipality is open: hours, holidays, closures",
        text: include_str!("../schemas/calendar.json"),
    },
    TextSchema {
        kind: "case-type",
        about: "a kind of case: fields, statuses, transitions",
        text: include_str!("../schemas/case-type.json"),
    },
    TextSchema {
        kind: "macro",
        about: "several commands that a person gives with one click",
        text: include_str!("../schemas/macro.json"),
    },
    TextSchema {
        kind: "scenarios",
        about: "what a workflow does in a situation: given, when, then",
        text: include_str!("../schemas/scenarios.json"),
    },
    TextSchema {
        kind: "template",
        about: "a message template: the texts that customers get",
        text: include_str!("../schemas/template.json"),
    },
    TextSchema {
        kind: "workflow",
        about: "a workflow, in the profile of the Open Workflow DSL 1.0.3",
        text: include_str!("../schemas/workflow.json"),
    },
];
