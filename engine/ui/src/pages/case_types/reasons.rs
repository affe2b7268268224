//! Why a case stays where it is, in the words of the interface.

use crate::locale::Locale;
use crate::pages::case::fields;
use crate::words;
use sagsgang_domain::{CaseType, FieldProblem, MigrationReason};

/// A reason as a sentence. `from` is the version that the case has.
pub(crate) fn text(reason: &MigrationReason, from: Option<&CaseType>, locale: Locale) -> String {
    let status = |name: &str| words::status(from, name, locale);
    let field = |name: &str| fields::label(from, name, locale);
    match reason {
        MigrationReason::StatusGone { status: name } => {
            locale.with("migration-status-gone", [("status", &status(name))])
        }
        MigrationReason::PriorityGone { priority } => locale.with(
            "migration-priority-gone",
            [("priority", &words::priority(priority, locale))],
        ),
        MigrationReason::FieldGone { field: name } => {
            locale.with("migration-field-gone", [("field", &field(name))])
        }
        MigrationReason::FieldTaken { field: name } => {
            locale.with("migration-field-taken", [("field", &field(name))])
        }
        MigrationReason::FieldsInvalid { problems } => {
            let problems: Vec<_> = problems.iter().map(problem).collect();
            locale.with(
                "migration-fields-invalid",
                [("problems", &problems.join("; "))],
            )
        }
        MigrationReason::EndChanges { from, to } => locale.with(
            "migration-end-changes",
            [("from", &status(from)), ("to", &status(to))],
        ),
        MigrationReason::DeadEnd { status: name } => {
            locale.with("migration-dead-end", [("status", &status(name))])
        }
        MigrationReason::MovedOn { version } => {
            locale.with("migration-moved-on", [("version", &version.to_string())])
        }
        MigrationReason::ChangedSince { what } => {
            let what = match what.strip_prefix("fields.") {
                Some(name) => field(name),
                None => locale.text(what).into_owned(),
            };
            locale.with("migration-changed-since", [("what", &what)])
        }
        MigrationReason::Erased {} => locale.text("migration-erased").into_owned(),
    }
}

fn problem(problem: &FieldProblem) -> String {
    format!("{}: {}", problem.pointer, problem.message)
}
