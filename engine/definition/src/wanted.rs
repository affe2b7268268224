//! What could stand at a place of a text, as the strict reader itself would take it.
//!
//! A marker stands at the place that somebody asks about. The reader that meets it notes what it would have accepted
//! there, so that the answer cannot say anything else than the check before publishing.

/// Stands for what is not written yet. No honest text holds it.
pub(crate) const MARKER: &str = "zzcursorzz";

/// What a reader would take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A key of a mapping that is not there yet.
    Key(Vec<String>),
    /// One of these words.
    Word(Vec<String>),
    /// A function; these are defined in the file itself.
    Function(Vec<String>),
    /// A key of the arguments of a function; these are there already.
    Argument(String, Vec<String>),
    /// The value of an argument of a function.
    ArgumentValue(String, String),
    /// The name of settings with which the plugin of a function is called.
    Configuration(String),
    /// What comes next: one of these tasks, or a word of the flow.
    Next(Vec<String>),
    /// A type of event.
    EventType,
    /// An expression in which these variables are known, named without `$`.
    Expression(Vec<String>),
    /// A namespace of workflows, or the name of one in a namespace.
    Workflow(Option<String>),
    /// A case type.
    CaseType,
    /// A calendar.
    Calendar,
    /// An action for the menu of a case.
    Action,
}

/// Whether a text holds the marker.
pub(crate) fn is_marked(text: &str) -> bool {
    text.contains(MARKER)
}
