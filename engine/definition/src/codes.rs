//! Every diagnostic code of this crate, with what it means.
//!
//! A code is stable: people search for it and pages of the book are named after it. [`ALL`] is the list from which those
//! pages are made.

use crate::diagnostic::Severity;

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable name, printed as `error[name]`.
    pub name: &'static str,
    /// Whether a definition with such a finding may be published.
    pub severity: Severity,
    /// What it means, in one line.
    pub meaning: &'static str,
}

macro_rules! codes {
    ($($constant:ident = $severity:ident $name:literal, $meaning:literal;)+) => {
        $(#[doc = $meaning] pub const $constant: Code =
            Code { name: $name, severity: Severity::$severity, meaning: $meaning };)+
        /// All codes, in the order of this file.
        pub const ALL: &[&Code] = &[$(&$constant),+];
    };
}

codes! {
    YAML = Error "yaml", "The text is not valid YAML.";
    DUPLICATE_KEY = Error "duplicate-key", "A key stands twice in the same mapping.";
    UNKNOWN_KEY = Error "unknown-key", "The key has no meaning here, so it would be ignored silently.";
    MISSING_KEY = Error "missing-key", "A required key is missing.";
    WRONG_TYPE = Error "wrong-type", "The value has another type than is needed here.";
    WRONG_VALUE = Error "wrong-value", "The value is not one of those allowed here.";
    EXPRESSION_SYNTAX = Error "expression-syntax", "The jq expression cannot be parsed.";
    EXPRESSION_UNKNOWN = Error "expression-unknown", "The jq expression uses a function or variable that does not exist here.";
    EXPRESSION_TOO_LARGE = Error "expression-too-large", "The jq expression is longer or more deeply nested than allowed.";
    SCHEMA = Error "schema", "The JSON Schema is not valid.";
    DSL_VERSION = Error "dsl-version", "The file is written for another version of the workflow language.";
    TASK_KIND = Error "task-kind", "A task must have exactly one kind, such as `call`, `set` or `listen`.";
    TASKS_IN_ITEM = Error "tasks-in-item", "An item of a task list must hold exactly one named task.";
    DUPLICATE_TASK = Error "duplicate-task", "Two tasks of the same list have the same name.";
    UNKNOWN_TASK = Error "unknown-task", "The flow goes on to a task that does not exist in the same list.";
    UNKNOWN_REFERENCE = Error "unknown-reference", "A component is used that the file does not define under `use`.";
    FUNCTION_NAME = Error "function-name", "A called function must be named `name`, `name:version@catalog` or be defined under `use.functions`.";
    UNKNOWN_FUNCTION = Warning "unknown-function", "A call names a function that no installed plugin and no built-in function provides.";
    WRONG_ARGUMENT = Error "wrong-argument", "A call gives its function arguments that the function does not take.";
    FUNCTION_CYCLE = Error "function-cycle", "A function under `use.functions` calls itself.";
    TOO_DEEP = Error "too-deep", "Tasks lie deeper in other tasks than a run can keep.";
    DURATION = Error "duration", "A duration is neither a mapping of units, an ISO 8601 duration nor an expression.";
    CRON = Error "cron", "The cron expression is not valid.";
    TIME_ZONE = Error "time-zone", "The time zone is not a name of the IANA database.";
    NOT_YET_RUNNABLE = Error "not-yet-runnable", "Earlier versions said this of parts of the language that they could not run yet; it is said no more.";
    REFUSED_CALL = Error "refused-call", "Calls of this protocol are not part of the profile; a plugin does this work.";
    REFUSED_RUN = Error "refused-run", "Shells, containers and scripts are not run by workflows; a plugin does this work.";
    REFUSED_CATALOG = Error "refused-catalog", "Functions that lie in other catalogs are not part of the profile; a plugin does this work.";
    REFUSED_SCHEMA = Error "refused-schema", "A schema that lies elsewhere or is no JSON Schema is not part of the profile.";
    REFUSED_EXTENSIONS = Error "refused-extensions", "Extensions are not part of the profile; a plugin does this work.";
    REFUSED_AUTHENTICATION = Error "refused-authentication", "A way to log in that is not part of the profile; a plugin does this work.";
    NO_DEADLINE = Warning "no-deadline", "A step waits for an event that may never come, and nothing ends the waiting.";
    EXPORT_IN_BRANCHES = Warning "export-in-branches", "Two parallel branches export to the context; the later commit wins.";
    TEMPLATE_SYNTAX = Error "template-syntax", "A text of a message template cannot be filled in.";
    VERSION_TAKEN = Error "version-taken", "The version is published already with another text, and a published version never changes.";
    CASE_TYPE_NAME = Error "case-type-name", "A case type's name or version is not well formed.";
    DUPLICATE_NAME = Error "duplicate-name", "A name that must be unique in its list stands twice.";
    UNKNOWN_STATUS = Error "unknown-status", "A status is used that the case type does not define.";
    INITIAL_STATUS = Error "initial-status", "A case type must have exactly one initial status.";
    STATUS_IN_USE = Warning "status-in-use", "Something that is published or kept names a status that this version of the case type does not have any more.";
    FINAL_STATUS = Warning "final-status", "No status is final, so that no case of this type can ever be closed.";
    UNKNOWN_FIELD = Warning "unknown-field", "A field is used that the case type's schema does not define.";
    UNKNOWN_PRIORITY = Error "unknown-priority", "A priority is used that the case type's scale does not have.";
    UNKNOWN_CLOCK = Error "unknown-clock", "A status suspends a clock that the case type does not have.";
    CLOCK_UNIT = Error "clock-unit", "A budget by priority is counted in another unit than its clock.";
    UNKNOWN_CALENDAR = Error "unknown-calendar", "A case type with clocks names no calendar, or one that is not published.";
    UNKNOWN_CONFIGURATION = Error "unknown-configuration", "A call names settings of a plugin that nobody has given.";
    OPEN_HOURS = Error "open-hours", "The open hours of a calendar cannot be read, overlap, or are none at all.";
    CALENDAR_EXPIRES = Error "calendar-expires", "A calendar lists days off by their dates only, and would expire silently.";
    PERSONAL_DATA = Error "personal-data", "The mark `x-pii` or `x-index` of a field must be true or false.";
    SCENARIO_REFERENCE = Error "scenario-reference", "A scenario names a workflow file, a task or a call that is not there.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_searchable() {
        let mut names: Vec<_> = ALL.iter().map(|code| code.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        for code in ALL {
            assert!(
                code.name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '-'),
                "{}",
                code.name
            );
            assert!(code.meaning.ends_with('.'), "{}", code.name);
        }
    }
}
