//! The pages of case types with invented ones.

use super::Head;
use super::facts::Facts;
use super::list::CaseTypesPage;
use super::migration::{MigrationPage, Report};
use super::migrations::{PhaseText, parts};
use super::reasons;
use super::show::CaseTypePage;
use crate::format::Moment;
use crate::locale::Locale;
use crate::sample;
use askama::Template;
use sagsgang_domain::{CaseType, MigrationReason, Misfit, Role};
use serde_json::json;

/// Every page that needs no engine, in a language.
pub(crate) fn every_page(locale: Locale) -> Vec<(&'static str, String)> {
    let frame = || sample::frame(Role::Configurator, locale);
    let case_type = sample::case_type();
    let head = |tab: &str| {
        let (title, active) = ("Manglende tømning".to_owned(), Some("7".to_owned()));
        Head::new(&frame(), "waste.missed-collection", title, active, 2, tab)
    };
    let phase = |title, open| PhaseText {
        title,
        moved: "1.284".to_owned(),
        refused: "1".to_owned(),
        open,
        cancelled: (!open).then(|| "Jonas Holm".to_owned()),
    };
    let mut later = case_type.clone();
    later.version += 1;
    later.statuses.remove(1);
    let report = Report {
        title: "migration-trial",
        rows: vec![("2026-004182".to_owned(), all_reasons(locale))],
        next: Some("?after=1".to_owned()),
    };
    let page = |report, open| MigrationPage {
        id: "1".to_owned(),
        base: "/settings/case-types/waste.missed-collection/migrations/1".to_owned(),
        version: 4,
        from: 7,
        to: 8,
        at: Moment::new(frame().now, frame().now, locale),
        by: "Jonas Holm".to_owned(),
        parts: parts(&case_type, &later, &frame()),
        rules: vec!["Status: Åben → Oprettet".to_owned()],
        phases: vec![
            phase("migration-trial", false),
            phase("migration-move", open),
        ],
        report,
        may_carry_out: open,
        may_revert: !open,
        may_cancel: open,
        head: head("migrations"),
        ui: frame(),
    };
    let types = || [(&case_type, 2)].into_iter();
    let pages = [
        ("case-types", CaseTypesPage::new(frame(), types()).render()),
        (
            "case-types-none",
            CaseTypesPage::new(frame(), std::iter::empty()).render(),
        ),
        (
            "case-type",
            CaseTypePage {
                facts: Facts::of(
                    &case_type,
                    Some("07.18.05 Storskrald, G01".to_owned()),
                    &frame(),
                ),
                version: "7".to_owned(),
                head: head("show"),
                ui: frame(),
            }
            .render(),
        ),
        ("migration", page(Some(report), false).render()),
        ("migration-goes-on", page(None, true).render()),
    ];
    let pages = pages.into_iter();
    pages.map(|(name, page)| (name, page.unwrap())).collect()
}

fn all_reasons(locale: Locale) -> Vec<String> {
    let word = || "open".to_owned();
    let keywords = [
        "required",
        "type",
        "enum",
        "maximum",
        "maxLength",
        "pattern",
        "items",
    ];
    let mut problems = keywords.map(|keyword| misfit("/pieces", keyword)).to_vec();
    problems.push(misfit("", "minProperties"));
    let all = [
        MigrationReason::StatusGone { status: word() },
        MigrationReason::PriorityGone { priority: word() },
        MigrationReason::FieldGone { field: word() },
        MigrationReason::FieldTaken { field: word() },
        MigrationReason::FieldsInvalid { problems },
        MigrationReason::EndChanges {
            from: word(),
            to: word(),
        },
        MigrationReason::DeadEnd { status: word() },
        MigrationReason::MovedOn { version: 3 },
        MigrationReason::ChangedSince {
            what: "fields.pieces".to_owned(),
        },
        MigrationReason::ChangedSince {
            what: "status".to_owned(),
        },
        MigrationReason::Erased {},
        MigrationReason::Refused {
            rejection: "not-allowed".to_owned(),
        },
        MigrationReason::NotWritten {},
    ];
    let case_type = sample::case_type();
    all.iter()
        .map(|reason| reasons::text(reason, Some(&case_type), Some(&case_type), locale))
        .collect()
}

fn misfit(pointer: &str, keyword: &str) -> Misfit {
    Misfit {
        pointer: pointer.to_owned(),
        keyword: keyword.to_owned(),
    }
}

#[test]
fn each_word_of_a_reason_is_called_as_its_version_calls_it() {
    let version = |status: &str, field: &str| {
        let text = json!({
            "caseType": "test.words", "version": 1,
            "fields": { "properties": { "amount": { "x-title": { "da": field } } } },
            "statuses": [{ "name": "running", "title": { "da": status } }],
        });
        serde_json::from_value::<CaseType>(text).unwrap()
    };
    let (old, new) = (version("Gammel", "Mængde"), version("Ny", "Antal"));
    let said = |reason| reasons::text(&reason, Some(&old), Some(&new), Locale::Danish);
    let (word, amount) = ("running".to_owned(), "amount".to_owned());
    let ends = MigrationReason::EndChanges {
        from: word.clone(),
        to: word.clone(),
    };
    let ends = said(ends);
    assert!(ends.contains("„Gammel“ til „Ny“"), "{ends}");
    let dead = said(MigrationReason::DeadEnd {
        status: word.clone(),
    });
    assert!(dead.contains("„Ny“"), "{dead}");
    let gone = said(MigrationReason::StatusGone { status: word });
    assert!(gone.contains("„Gammel“"), "{gone}");
    let taken = said(MigrationReason::FieldTaken { field: amount });
    assert!(taken.contains("„Antal“"), "{taken}");
    let problems = vec![misfit("/amount", "required"), misfit("", "anyOf")];
    let invalid = said(MigrationReason::FieldsInvalid { problems });
    assert_eq!(
        invalid,
        "„Antal“ mangler. Oplysningerne passer ikke sammen."
    );
}

#[test]
fn every_reason_has_words_in_both_languages() {
    let (danish, english) = (all_reasons(Locale::Danish), all_reasons(Locale::English));
    for (one, other) in danish.iter().zip(&english) {
        assert!(!one.is_empty() && !one.starts_with("migration-"), "{one}");
        assert_ne!(one, other);
    }
}
