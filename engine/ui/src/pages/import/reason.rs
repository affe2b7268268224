//! Why a row or a file is not taken, in the words of the interface.

use crate::frame::Frame;
use crate::pages::registers::Register;
use crate::pages::registers::edit::fields;
use crate::pages::text::Problem;
use crate::rejection;
use sagsgang_definition::{ImportKind, NotConverted};
use sagsgang_domain::{KleFault, RecordKind, Rejection};
use sagsgang_runtime::{ImportFailure, ImportReason, ImportRefused, SourceError, TooLong};

/// Why a row is not kept.
pub(crate) fn of_row(reason: &ImportReason, kind: Option<ImportKind>, ui: &Frame) -> String {
    let plain = |key: &str| ui.text(key).into_owned();
    let with = |key: &str, value: &str| ui.with(key, &[("value", value)]);
    match reason {
        ImportReason::Columns { found, wanted } => ui.with(
            "import-reason-columns",
            &[
                ("found", &found.to_string()),
                ("wanted", &wanted.to_string()),
            ],
        ),
        ImportReason::NoObject(_) => plain("import-reason-no-object"),
        ImportReason::Value { field, fault } => format!("{field}: {}", of_value(fault, ui)),
        ImportReason::NoNumber { field, value } => {
            format!("{field}: {}", with("import-reason-no-number", value))
        }
        ImportReason::Nul(field) => format!("{field}: {}", plain("import-reason-nul")),
        ImportReason::NoMoment(value) => with("import-reason-no-moment", value),
        ImportReason::Missing(fields) => {
            let or = plain("import-or");
            with("import-reason-missing", &fields.join(&format!(" {or} ")))
        }
        ImportReason::KeyTwice { key, line } => ui.with(
            "import-reason-key-twice",
            &[("key", key), ("line", &line.to_string())],
        ),
        ImportReason::NoRecord { kind, word } => {
            let key = match kind {
                RecordKind::Property => "import-reason-no-property",
                RecordKind::Container => "import-reason-no-container",
                RecordKind::Agreement => "import-reason-no-agreement",
                RecordKind::Contact => "import-reason-no-contact",
            };
            with(key, word)
        }
        ImportReason::RecordTwice => plain("import-reason-record-twice"),
        ImportReason::Conflict => plain("import-reason-conflict"),
        ImportReason::OtherRecord(own) => with("import-reason-other-record", own),
        ImportReason::OfOtherSource(source) => with("import-reason-other-source", source),
        ImportReason::ContactKind(value) => with("import-reason-contact-kind", value),
        ImportReason::Rejected(Rejection::InvalidRecord { problems }) => {
            let register = kind.and_then(register);
            let said = problems.iter().map(|one| {
                let label = register.map_or_else(
                    || one.field.clone(),
                    |register| fields::label(register, &one.field, ui),
                );
                format!("{label}: {}", fields::fault(&one.fault, ui))
            });
            said.collect::<Vec<_>>().join(" ")
        }
        ImportReason::Rejected(rejection) => rejection::text(rejection, None, ui.locale),
        ImportReason::CreatedLater => plain("import-reason-created-later"),
        ImportReason::CaseGone => plain("import-reason-case-gone"),
        ImportReason::CaseBusy => plain("import-reason-case-busy"),
        ImportReason::UserShutOut(name) => with("import-reason-user-shut-out", name),
        ImportReason::UserName(name) => with("import-reason-user-name", name),
        ImportReason::UnknownRole(role) => with("import-reason-unknown-role", &role.0),
        ImportReason::RoleOfNobody(role) => with("import-reason-role-of-nobody", role.name()),
        ImportReason::NoUuid(value) => with("import-reason-no-uuid", value),
        ImportReason::Kle(KleFault::Code(code)) => with("import-reason-kle-code", code),
        ImportReason::Kle(KleFault::Title) => plain("import-reason-kle-title"),
        ImportReason::Kle(KleFault::Date(value)) => with("import-reason-no-day", value),
        ImportReason::Other(said) => with("import-reason-other", said),
    }
}

fn of_value(fault: &NotConverted, ui: &Frame) -> String {
    let (key, value) = match fault {
        NotConverted::Day(value) => ("import-reason-no-day", value.as_str()),
        NotConverted::Price(value) => ("import-reason-no-price", value.as_str()),
        NotConverted::Phone(value) => ("import-reason-no-phone", value.as_str()),
        NotConverted::YesNo(value) => ("import-reason-yes-no", value.as_str()),
        NotConverted::Cpr => ("import-reason-cpr", ""),
    };
    ui.with(key, &[("value", value)])
}

fn register(kind: ImportKind) -> Option<Register> {
    match kind {
        ImportKind::Properties => Some(Register::Properties),
        ImportKind::Containers => Some(Register::Containers),
        ImportKind::Agreements => Some(Register::Agreements),
        ImportKind::Contacts => Some(Register::Contacts),
        ImportKind::Cases | ImportKind::Users | ImportKind::Kle => None,
    }
}

/// Why an import is not begun, one sentence per cause.
pub(crate) fn of_refusal(refused: &ImportRefused, ui: &Frame) -> Vec<String> {
    let with = |key: &str, value: &str| ui.with(key, &[("value", value)]);
    let one = match refused {
        ImportRefused::NotAllowed => ui.text("reject-not-allowed").into_owned(),
        ImportRefused::Overtaken => ui.text("import-overtaken").into_owned(),
        ImportRefused::Source(error) => of_source(error, ui),
        ImportRefused::Map(found) => {
            let said = |problem: Problem| {
                let values = [
                    ("line", problem.line.to_string()),
                    ("column", problem.column.to_string()),
                    ("problem", problem.message),
                ];
                let values = values
                    .each_ref()
                    .map(|(name, value)| (*name, value.as_str()));
                let hint = problem.hint.map(|hint| format!(" {hint}"));
                ui.with("import-map-problem", &values) + &hint.unwrap_or_default()
            };
            return Problem::all(found, ui.locale)
                .into_iter()
                .map(said)
                .collect();
        }
        ImportRefused::OtherKind(kind) => {
            with("import-map-of-other-kind", &super::title(*kind, ui))
        }
        ImportRefused::Missing(columns) => with("import-column-missing", &columns.join(", ")),
        ImportRefused::NoFields(columns) => with("import-no-fields", &columns.join(", ")),
        ImportRefused::Disk(error) => with("import-disk", &error.to_string()),
    };
    vec![one]
}

/// Why an import could not go on.
pub(crate) fn of_failure(failure: &ImportFailure, ui: &Frame) -> String {
    match failure {
        ImportFailure::Source(error) => of_source(error, ui),
        ImportFailure::Broken => ui.text("import-broken").into_owned(),
        ImportFailure::Engine(_) => ui.text("import-database").into_owned(),
        ImportFailure::Rejects(error) => ui.with("import-disk", &[("value", &error.to_string())]),
    }
}

fn of_source(error: &SourceError, ui: &Frame) -> String {
    match error {
        SourceError::Disk(error) => ui.with("import-disk", &[("value", &error.to_string())]),
        SourceError::Workbook => ui.text("import-workbook").into_owned(),
        SourceError::Utf16 => ui.text("import-utf16").into_owned(),
        SourceError::NoTitles => ui.text("import-no-titles").into_owned(),
        SourceError::TitleTwice => ui.text("import-title-twice").into_owned(),
        SourceError::NoObjects(first) => ui.with("import-no-objects", &[("value", first)]),
        SourceError::TooLong { line, probably } => {
            let key = match probably {
                TooLong::OpenQuotation => "import-open-quotation",
                TooLong::NoLineBreak => "import-no-line-break",
            };
            ui.with(key, &[("line", &line.to_string())])
        }
        SourceError::Unreadable { line, .. } => {
            ui.with("import-unreadable", &[("line", &line.to_string())])
        }
    }
}
