//! What the domain refuses, in the words of the interface.

use crate::locale::Locale;
use crate::pages::case::{fields, misfit};
use crate::words;
use sagsgang_domain::{CaseType, Rejection};
use sagsgang_runtime::PluginProblem;

/// A rejection as a sentence that says what to do about it where that is known.
pub fn text(rejection: &Rejection, case_type: Option<&CaseType>, locale: Locale) -> String {
    let plain = |key: &str| locale.text(key).into_owned();
    match rejection {
        Rejection::NotAllowed { .. } => plain("reject-not-allowed"),
        Rejection::UnknownStatus { .. } => plain("reject-unknown-status"),
        Rejection::UnknownTransition { .. } => plain("reject-unknown-transition"),
        Rejection::IllegalTransition { from, to, allowed } => {
            let title = |name: &String| words::status(case_type, name, locale);
            let allowed = allowed.iter().map(title).collect::<Vec<_>>().join(", ");
            let values = [
                ("from", title(from)),
                ("to", title(to)),
                ("allowed", allowed),
            ];
            locale.with(
                "reject-illegal-transition",
                values
                    .each_ref()
                    .map(|(name, value)| (*name, value.as_str())),
            )
        }
        Rejection::TransitionNotForRole { .. } => plain("reject-transition-not-for-role"),
        Rejection::TransitionNeedsFields { fields, .. } => {
            let titles = fields
                .iter()
                .map(|name| fields::label(case_type, name, locale));
            let titles = titles.collect::<Vec<_>>().join(", ");
            locale.with("reject-transition-needs-fields", [("fields", &titles)])
        }
        Rejection::GuardFailed {
            wants_reason: true, ..
        } => plain("reject-reason-missing"),
        Rejection::GuardFailed { .. } => plain("reject-guard-failed"),
        Rejection::UnknownPriority { .. } => plain("reject-unknown-priority"),
        Rejection::InvalidFields { .. } => {
            let problems = misfit::of_rejection(rejection, case_type, locale);
            let said: Vec<String> = problems.into_iter().map(|(_, said)| said).collect();
            locale.with("reject-invalid-fields", [("problems", &said.join(" "))])
        }
        Rejection::InvalidRecord { .. } => plain("reject-invalid-record"),
        Rejection::Empty { .. } => plain("reject-empty"),
        Rejection::TooLong {
            field: "attachments",
            limit,
        } => locale.with("files-too-many", [("most", &limit.to_string())]),
        Rejection::TooLong { limit, .. } => {
            locale.with("reject-too-long", [("limit", &limit.to_string())])
        }
        Rejection::InvalidAddress { address } => {
            locale.with("reject-invalid-address", [("address", address)])
        }
        Rejection::NotFound { .. } => plain("reject-not-found"),
        Rejection::AlreadyLinked { .. } => plain("reject-already-linked"),
        Rejection::NotLinked { .. } => plain("reject-not-linked"),
        Rejection::HasParent { number } => locale.with("reject-has-parent", [("number", number)]),
        Rejection::CircularLink {} => plain("reject-circular-link"),
        Rejection::MergeIntoItself {} => plain("reject-merge-into-itself"),
        Rejection::CaseMerged { number, into } => {
            locale.with("reject-case-merged", [("number", number), ("into", into)])
        }
        Rejection::NotMerged {} => plain("reject-not-merged"),
        Rejection::CaseClosed { number } => locale.with("reject-case-closed", [("number", number)]),
        Rejection::MessageTaken { number } => {
            locale.with("reject-message-taken", [("number", number)])
        }
        Rejection::MessageNotKept { .. } => plain("reject-message-not-kept"),
        Rejection::MessageNotHeld {} => plain("reject-message-not-held"),
        Rejection::MessageTooLarge { limit_megabytes } => locale.with(
            "reject-message-too-large",
            [("limit", &limit_megabytes.to_string())],
        ),
        Rejection::FilesBySms {} => plain("reject-files-by-sms"),
        Rejection::NoChannel { .. } => plain("reject-no-channel"),
        Rejection::UnknownCaseType { .. } => plain("reject-unknown-case-type"),
        Rejection::SameVersion { .. } => plain("reject-same-version"),
        Rejection::MigrationUnderWay { .. } => plain("reject-migration-under-way"),
        Rejection::NotCarriedOut {} => plain("reject-not-carried-out"),
        Rejection::UnknownUser { .. } => plain("reject-unknown-user"),
        Rejection::UnknownTemplate { .. } => plain("reject-unknown-template"),
        Rejection::TemplateFailed { .. } => plain("reject-template-failed"),
        Rejection::FileRefused { name, media_type } => locale.with(
            "reject-file-refused",
            [("name", name), ("type", media_type)],
        ),
        Rejection::BadNumbering { .. } => plain("reject-bad-numbering"),
    }
}

/// Why a plugin did not do what it was asked. What the plugin itself says stands in its own words.
pub fn plugin_problem(problem: &PluginProblem, locale: Locale) -> String {
    let key = match problem.code.as_str() {
        "plugin-waiting" => "plugin-problem-waiting",
        "plugin-disabled" => "plugin-problem-disabled",
        "plugin-denied" => "plugin-problem-denied",
        "plugin-timed-out" => "plugin-problem-timed-out",
        "plugin-exhausted" => "plugin-problem-exhausted",
        "plugin-trapped" => "plugin-problem-trapped",
        "plugin-bad-output" => "plugin-problem-bad-output",
        "plugin-unavailable" => "plugin-problem-unavailable",
        _ => return problem.message.clone(),
    };
    locale.text(key).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sagsgang_domain::FieldProblem;

    #[test]
    fn a_refused_transition_says_where_the_case_can_go_instead() {
        let rejection = Rejection::IllegalTransition {
            from: "created".to_owned(),
            to: "closed".to_owned(),
            allowed: vec!["open".to_owned(), "cancelled".to_owned()],
        };
        let said = text(&rejection, None, Locale::Danish);
        assert_eq!(
            said,
            "Sagen kan ikke gå fra Oprettet til Lukket. Herfra er muligt: Åben, Annulleret."
        );
    }

    #[test]
    fn fields_are_told_by_their_titles() {
        let case_type = CaseType {
            fields: serde_json::json!({ "properties": { "pieces": { "maximum": 9, "title": "Antal" } } }),
            ..crate::sample::case_type()
        };
        let said = |rejection| text(&rejection, Some(&case_type), Locale::Danish);
        let problem = FieldProblem {
            pointer: "/pieces".to_owned(),
            keyword: "maximum".to_owned(),
            message: "10 is greater than the maximum of 9".to_owned(),
        };
        let problems = vec![problem];
        assert_eq!(
            said(Rejection::InvalidFields { problems }),
            "Ikke gemt. „Antal“ må højst være 9."
        );
        let needs = Rejection::TransitionNeedsFields {
            transition: "collected".to_owned(),
            fields: vec!["pieces".to_owned()],
        };
        assert_eq!(said(needs), "Udfyld først: Antal.");
    }

    #[test]
    fn every_code_has_a_text_in_both_languages() {
        for locale in Locale::ALL {
            for code in Rejection::CODES {
                let key = format!("reject-{code}");
                let values = [
                    "from", "to", "allowed", "fields", "problems", "limit", "address", "number",
                    "into", "name", "type",
                ]
                .map(|name| (name, "x"));
                assert!(!locale.with(&key, values).is_empty(), "{key}");
            }
        }
    }
}
