//! Why a case stays where it is, in the words of the interface.

use crate::locale::Locale;
use crate::pages::case::fields;
use crate::pages::case::misfit::sentence;
use crate::words;
use sagsgang_domain::{CaseType, MigrationReason, Misfit};

/// A reason as a sentence. `has` is the version that the case has, `next` the one that it was to get.
pub(crate) fn text(
    reason: &MigrationReason,
    has: Option<&CaseType>,
    next: Option<&CaseType>,
    locale: Locale,
) -> String {
    let status = |name: &str| words::status(has, name, locale);
    let status_then = |name: &str| words::status(next, name, locale);
    let field = |name: &str| fields::label(has, name, locale);
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
            let label = fields::label(next, name, locale);
            locale.with("migration-field-taken", [("field", &label)])
        }
        MigrationReason::FieldsInvalid { problems } => {
            let problems: Vec<_> = problems
                .iter()
                .map(|one| misfit(one, next, locale))
                .collect();
            problems.join(" ")
        }
        MigrationReason::EndChanges { from, to } => locale.with(
            "migration-end-changes",
            [("from", &status(from)), ("to", &status_then(to))],
        ),
        MigrationReason::DeadEnd { status: name } => {
            locale.with("migration-dead-end", [("status", &status_then(name))])
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
        MigrationReason::Refused { rejection } => {
            locale.with("migration-refused", [("code", rejection)])
        }
        MigrationReason::NotWritten {} => locale.text("migration-not-written").into_owned(),
    }
}

/// Where a value does not fit, as a sentence. `next` is the version whose schema it breaks.
pub(super) fn misfit(misfit: &Misfit, next: Option<&CaseType>, locale: Locale) -> String {
    sentence(&misfit.pointer, &misfit.keyword, next, locale)
}
