//! What a reader and a scanner find in our documents. The readers are not ours: poppler reads text and draws the
//! page, zbar reads the barcode.

#![expect(
    clippy::unwrap_used,
    reason = "the functions beside the tests are tests too"
)]

use sagsgang_documents::{
    CaseDescription, Description, Fact, HistoryEntry, Label, LabelDescription, LabelSize, Language,
    Rendered, Section, TextLine, join, render,
};
use sagsgang_domain::Timestamp;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

const ROUND: &str = "Rød grød med fløde på ØÆÅ, café, Müller – 240 l, 12,50 €";

#[test]
fn a_label_has_its_text_and_its_barcode() {
    for size in [
        LabelSize::Mm100x60,
        LabelSize::Mm100x62,
        LabelSize::Mm62Endless,
        LabelSize::SheetOf24,
    ] {
        let Some(read) = read(&labels(size, &["V-2026-0000003"])) else {
            return;
        };
        assert_eq!(read.pages, 1);
        assert_eq!(read.codes, ["V-2026-0000003"], "{size:?}");
        let text = words(&read.text);
        assert!(text.contains(ROUND), "{text}");
        assert!(text.contains("V-2026-0000003"), "{text}");
    }
}

#[test]
fn every_label_of_a_batch_can_be_scanned() {
    let codes: Vec<String> = (0..30).map(|n| format!("BEH-{:06}", n * 7_919)).collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    for (size, pages) in [(LabelSize::Mm100x60, 30), (LabelSize::SheetOf24, 2)] {
        let Some(mut read) = read(&labels(size, &codes)) else {
            return;
        };
        assert_eq!(read.pages, pages);
        read.codes.sort();
        assert_eq!(read.codes, codes, "{size:?}");
    }
}

#[test]
fn files_are_joined_page_behind_page_and_every_label_can_be_scanned() {
    let codes = ["BEH-000001", "BEH-000002", "BEH-000003"];
    let Some(first) = read(&labels(LabelSize::Mm100x60, &codes[..1])) else {
        return;
    };
    assert_eq!(first.codes, &codes[..1]);
    let file = |codes: &[&str]| render(&labels(LabelSize::Mm100x60, codes)).unwrap().bytes;
    let files = [
        file(&codes[..1]),
        render(&case(200)).unwrap().bytes,
        file(&codes[1..]),
    ];
    let whole = join("Beholderlabels æ", &files).unwrap();
    assert_eq!(whole, join("Beholderlabels æ", &files).unwrap());
    let mut read = read_back(&whole);
    assert_eq!(read.pages, 3 + render(&case(200)).unwrap().pages);
    read.codes.sort();
    assert_eq!(read.codes, codes);
    let text = words(&read.text);
    let place = |part: &str| text.find(part).unwrap();
    assert!(place("BEH-000001") < place("Hændelse 1:"));
    assert!(place("Hændelse 1:") < place("BEH-000002"));
    for wrong in [&b"no PDF"[..], &files[0][..200], b""] {
        let files = [files[0].clone(), wrong.to_vec()];
        let refused = join("x", &files).unwrap_err();
        assert_eq!(refused.code(), "document-not-readable");
        assert!(refused.to_string().starts_with("file 2"), "{refused}");
    }
}

#[test]
fn all_kinds_of_codes_can_be_scanned() {
    let codes = [
        "A",
        "7",
        "12",
        "1234",
        "12345",
        "AB123456CD",
        "ab-12345",
        "x 1234567 ~",
        "00000000",
        "A1B2C3",
        "1234567A",
    ];
    let Some(mut read) = read(&labels(LabelSize::Mm100x60, &codes)) else {
        return;
    };
    let mut codes = codes.map(str::to_owned);
    codes.sort();
    read.codes.sort();
    assert_eq!(read.codes, codes);
}

#[test]
fn equal_descriptions_give_equal_bytes_and_others_do_not() {
    let label = labels(LabelSize::Mm100x62, &["B-1"]);
    let first = render(&label).unwrap();
    render(&case(3)).unwrap();
    assert_eq!(render(&label).unwrap(), first);
    assert_eq!(render(&case(3)).unwrap(), render(&case(3)).unwrap());
    assert_ne!(
        render(&labels(LabelSize::Mm100x62, &["B-2"])).unwrap(),
        first
    );
    assert!(first.bytes.len() < 60_000, "{}", first.bytes.len());
}

#[test]
fn what_the_typeface_lacks_is_seen_and_rare_letters_are_drawn() {
    let mut description = case(0);
    let Description::Case(case) = &mut description else {
        panic!("it is a case");
    };
    case.title = "Жук og 漢字 og Åse".replace("Å", "A\u{30A}");
    let Some(read) = read(&description) else {
        return;
    };
    let text = words(&read.text);
    assert!(text.contains("Жук og \u{FFFD}\u{FFFD} og Åse"), "{text}");
}

#[test]
fn a_case_is_printed_over_pages_with_head_and_foot() {
    let Some(read) = read(&case(60)) else {
        return;
    };
    assert!(read.pages >= 3, "{}", read.pages);
    let pages: Vec<&str> = read.text.trim_end_matches('\u{c}').split('\u{c}').collect();
    assert_eq!(pages.len(), read.pages);
    for (index, page) in pages.iter().enumerate() {
        let page = words(page);
        let foot = format!("Side {} af {}", index + 1, read.pages);
        for expected in [
            "Eksempelkøbing Kommune",
            "V-2026-0000003",
            "Udskrevet 23.11.2026 kl. 09.05 af Åse Ørum",
            &foot,
        ] {
            assert!(page.contains(expected), "page {}: {page}", index + 1);
        }
    }
    let text = words(&read.text);
    for expected in [
        "Beholder ikke tømt",
        "Prioritet Høj",
        "Hændelse 1:",
        "Hændelse 60:",
        ROUND,
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}

#[test]
fn english_words_where_english_is_asked_for() {
    let mut description = case(1);
    let Description::Case(case) = &mut description else {
        panic!("it is a case");
    };
    case.language = Language::English;
    let Some(read) = read(&description) else {
        return;
    };
    let text = words(&read.text);
    assert!(text.contains("Page 1 of 1"), "{text}");
    assert!(
        text.contains("Printed 23 November 2026, 09:05 by Åse Ørum"),
        "{text}"
    );
}

fn labels(size: LabelSize, codes: &[&str]) -> Description {
    let line = |text: &str, size, bold| TextLine {
        text: text.to_owned(),
        size,
        bold,
    };
    let label = |code: &&str| Label {
        code: (*code).to_owned(),
        lines: vec![
            line("Restaffald 240 l", 10.0, true),
            line(ROUND, 7.0, false),
        ],
    };
    Description::Label(LabelDescription {
        size,
        labels: codes.iter().map(label).collect(),
        printed_at: None,
    })
}

fn case(events: usize) -> Description {
    let at: Timestamp = "2026-11-23T08:05:00Z".parse().unwrap();
    let fact = |name: &str, value: &str| Fact {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let history = |number| HistoryEntry {
        at,
        actor: "Åse Ørum".to_owned(),
        text: format!(
            "Hændelse {number}: borgeren ringede og sagde, at beholderen stadig ikke er tømt, og at låget nu er gået helt i stykker."
        ),
    };
    Description::Case(CaseDescription {
        title: "Beholder ikke tømt på Søndergade 12".to_owned(),
        number: "V-2026-0000003".to_owned(),
        municipality: "Eksempelkøbing Kommune".to_owned(),
        printed_at: at,
        printed_by: Some("Åse Ørum".to_owned()),
        time_zone: "Europe/Copenhagen".to_owned(),
        language: Language::Danish,
        meta: vec![fact("Status", "Under behandling"), fact("Prioritet", "Høj")],
        sections: vec![
            Section {
                heading: "Beholder".to_owned(),
                facts: vec![fact("Adresse", "Søndergade 12\n9999 Eksempelkøbing")],
                paragraphs: vec![ROUND.to_owned()],
                history: vec![],
            },
            Section {
                heading: "Historik".to_owned(),
                history: (1..=events).map(history).collect(),
                ..Section::default()
            },
        ],
    })
}

/// What the independent readers found.
struct Read {
    pages: usize,
    text: String,
    codes: Vec<String>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "whether a missing reader is a failure depends on where the test runs"
)]
fn in_ci() -> bool {
    std::env::var_os("CI").is_some()
}

/// Draws and reads back. `None` when the readers are not installed, which is a failure where `CI` is set.
fn read(description: &Description) -> Option<Read> {
    for program in ["pdftotext", "pdftoppm", "zbarimg"] {
        if Command::new(program).arg("--help").output().is_err() {
            let advice =
                format!("`{program}` is missing: apt-get install poppler-utils zbar-tools");
            assert!(!in_ci(), "{advice}");
            eprintln!("not tested, {advice}");
            return None;
        }
    }
    Some(read_back(&render(description).unwrap()))
}

fn read_back(rendered: &Rendered) -> Read {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("document.pdf");
    std::fs::write(&file, &rendered.bytes).unwrap();
    let text = run(
        "pdftotext",
        &["-layout".as_ref(), file.as_ref(), "-".as_ref()],
    );
    let prefix = folder.path().join("page");
    run(
        "pdftoppm",
        &[
            "-r".as_ref(),
            "300".as_ref(),
            "-gray".as_ref(),
            "-png".as_ref(),
            file.as_ref(),
            prefix.as_ref(),
        ],
    );
    Read {
        pages: rendered.pages,
        text,
        codes: barcodes(folder.path()),
    }
}

fn barcodes(folder: &Path) -> Vec<String> {
    let mut arguments = vec![
        "-q".into(),
        "--raw".into(),
        "-Sdisable".into(),
        "-Scode128.enable".into(),
    ];
    let mut pages: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().into_os_string())
        .filter(|path| path.to_string_lossy().ends_with(".png"))
        .collect();
    pages.sort();
    arguments.extend(pages);
    // zbarimg reports pages without any barcode by its exit code, so that is not looked at.
    let output = Command::new("zbarimg").args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn run(program: &str, arguments: &[&OsStr]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        output.stderr.is_empty(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The words of a page, however they were laid out.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
