//! The page in each of its stages, and that every reason has its sentence.

use super::*;
use crate::locale::Locale;
use crate::sample;
use sagsgang_definition::NotConverted;
use sagsgang_domain::{RecordKind, Role};
use sagsgang_runtime::{ImportTally, PreviewRow};

fn job(stage: ImportStage) -> ImportJob {
    ImportJob {
        id: Uuid::nil(),
        kind: "containers".to_owned(),
        file: "beholdere.csv".to_owned(),
        map: None,
        by: "admin".to_owned(),
        stage,
        dry_run: false,
        total: 24_000,
        tally: ImportTally {
            rows: 18_240,
            created: 18_180,
            changed: 0,
            unchanged: 0,
            rejected: 60,
        },
        millis: 6_000,
        rejects: vec![(7, ImportReason::RecordTwice)],
        failure: None,
    }
}

/// The page without a file, with one that is ready, and while one runs and after.
pub fn every_page(locale: Locale) -> Vec<(&'static str, String)> {
    let frame = || sample::frame(Role::Administrator, locale);
    let preview = ImportPreview {
        encoding: "Windows-1252",
        rows: 2,
        columns: vec![
            ("Id".to_owned(), vec!["key".to_owned()]),
            ("Farve".to_owned(), Vec::new()),
        ],
        fields: vec!["key".to_owned()],
        first: vec![
            PreviewRow {
                line: 2,
                values: Ok(vec!["1".to_owned()]),
            },
            PreviewRow {
                line: 3,
                values: Err(ImportReason::Columns {
                    found: 3,
                    wanted: 2,
                }),
            },
        ],
    };
    let page = |job: Option<ImportJob>, preview: Option<&ImportPreview>, download: bool| {
        let page = ImportPage::new(frame(), job.as_ref(), preview, download, None);
        page.render().unwrap()
    };
    let ready = ImportJob {
        tally: ImportTally::default(),
        rejects: Vec::new(),
        ..job(ImportStage::Ready)
    };
    vec![
        ("import", page(None, None, false)),
        ("import-ready", page(Some(ready), Some(&preview), false)),
        (
            "import-running",
            page(Some(job(ImportStage::Running)), None, false),
        ),
        (
            "import-done",
            page(Some(job(ImportStage::Done)), None, true),
        ),
    ]
}

#[test]
fn a_running_import_says_how_far_it_is_how_fast_and_what_was_rejected() {
    let (_, html) = every_page(Locale::Danish).swap_remove(2);
    for said in [
        "18.240 af ca. 24.000 rækker",
        "3.040 rækker/s · ca. 1 s tilbage · 60 rækker afvist",
        "value=\"76\"",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
}

#[test]
fn a_reason_is_a_sentence_with_its_values_in_each_language() {
    let no_record = ImportReason::NoRecord {
        kind: RecordKind::Property,
        word: "0999-000000".to_owned(),
    };
    let value = ImportReason::Value {
        field: "price".to_owned(),
        fault: NotConverted::Price("gratis".to_owned()),
    };
    let twice = ImportReason::KeyTwice {
        key: "7".to_owned(),
        line: 2,
    };
    for (reason, danish, english) in [
        (
            no_record,
            "Ejendommen 0999-000000 findes ikke.",
            "There is no property 0999-000000.",
        ),
        (
            value,
            "price: »gratis« er ikke en pris.",
            "price: “gratis” is not a price.",
        ),
        (
            twice,
            "Nøglen 7 står også på linje 2.",
            "The key 7 stands on line 2 too.",
        ),
    ] {
        for (locale, said) in [(Locale::Danish, danish), (Locale::English, english)] {
            let ui = sample::frame(Role::Administrator, locale);
            assert_eq!(reason::of_row(&reason, None, &ui), said);
        }
    }
}

#[test]
fn a_trial_that_was_ended_kept_nothing_and_what_begins_has_no_pace_yet() {
    let page = |job: &ImportJob| {
        let frame = sample::frame(Role::Administrator, Locale::Danish);
        ImportPage::new(frame, Some(job), None, false, None)
            .render()
            .unwrap()
    };
    for stage in [ImportStage::Stopped, ImportStage::Interrupted] {
        let trial = ImportJob {
            dry_run: true,
            ..job(stage)
        };
        assert!(page(&trial).contains("Prøven blev afbrudt. Intet er gemt."));
        assert!(page(&job(stage)).contains("Importér fortsætter, hvor den slap"));
    }
    let begins = ImportJob {
        tally: ImportTally::default(),
        total: 1_000_000,
        ..job(ImportStage::Running)
    };
    assert!(page(&begins).contains("Begynder …"));
    let slow = ImportJob {
        total: 1_000_000,
        ..job(ImportStage::Running)
    };
    assert!(
        page(&slow).contains("ca. 6 min. tilbage"),
        "{}",
        page(&slow)
    );
}
