//! The whole of a case as a file.

use crate::world::{World, caseworker, command, missed, note};
use futures_util::StreamExt;
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::pin::pin;
use uuid::Uuid;
use zip::ZipArchive;

pub type Files = BTreeMap<String, Vec<u8>>;

/// A case with a contact, a note, a message and a file that all name her.
async fn case_of_anna(world: &World) -> Case {
    let contact = |number: u128, name: &str, protected| Contact {
        id: ContactId(Uuid::from_u128((0x0190_u128 << 112) + number)),
        kind: ContactKind::Person,
        name: name.to_owned(),
        cvr: None,
        cpr: None,
        emails: vec![format!("{}@borger.example", number)],
        phones: vec![format!("+451234567{number}")],
        role: "owner".to_owned(),
        property: None,
        protected,
    };
    let (anna, hidden) = (
        contact(1, "Anna Lind", false),
        contact(2, "Karla Skjult", true),
    );
    let contacts = vec![anna.id, hidden.id];
    for one in [anna, hidden] {
        world.engine.put(&caseworker(), one).await.unwrap();
    }
    let new = NewCase {
        contacts,
        description: Some(
            "Anna Lind ringede fra 12 34 56 71. Karla Skjult bor ved siden af.".to_owned(),
        ),
        ..missed(json!({}))
    };
    let (engine, caller) = (&world.engine, caseworker());
    let created = engine.create_case(&caller, new, None, None).await;
    let case = created.unwrap().case;
    world.completed(case.id, "waste/missed-collection").await;
    let file = world.engine.keep_file(
        "=låg på Annas beholder.txt",
        "text/plain",
        b"indhold".to_vec(),
        None,
    );
    let attach = Command::Attach {
        document: file.await.unwrap().id,
        name: String::new(),
        media_type: String::new(),
        size: 0,
        digest: String::new(),
    };
    let mail = Command::SendMessage {
        channel: Channel::Email,
        to: "1@borger.example".to_owned(),
        subject: Some("Svar".to_owned()),
        body: "Hej Anna, vi kommer torsdag.".to_owned(),
        template: None,
        attachments: Vec::new(),
        hold_seconds: 0,
    };
    let commands = vec![note("Vi tror ikke på det"), attach, mail];
    let id = case.id.into();
    let done = engine.execute(&caller, &id, commands, None, None).await;
    done.unwrap().case
}

pub async fn exported(world: &World, case: &Case, options: CaseFileOptions) -> Files {
    let (name, bytes) = world
        .engine
        .export_case(&caseworker(), &case.id.into(), options)
        .await
        .unwrap();
    assert_eq!(name, format!("sag-{}.zip", case.number));
    let mut bytes = pin!(bytes);
    let mut whole = Vec::new();
    while let Some(piece) = bytes.next().await {
        whole.extend(piece.unwrap());
    }
    let mut archive = ZipArchive::new(Cursor::new(whole)).unwrap();
    let mut files = Files::new();
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).unwrap();
        assert!(file.enclosed_name().is_some(), "{}", file.name());
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.insert(file.name().to_owned(), content);
    }
    files
}

pub fn text(files: &Files, name: &str) -> String {
    String::from_utf8(files[name].clone()).unwrap()
}

fn lines(files: &Files, name: &str) -> Vec<Value> {
    let text = text(files, name);
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_file_has_paper_files_a_list_and_the_history_but_no_internal_note() {
    let world = World::new().await;
    let case = case_of_anna(&world).await;
    let options = CaseFileOptions::for_access(Language::Danish);
    let files = exported(&world, &case, options).await;
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let mut expected = vec![
        "beskeder.jsonl",
        "dokumenter/001-=låg på Annas beholder.txt",
        "dokumentliste.csv",
        "historik.jsonl",
        "manifest.json",
        "sag.pdf",
    ];
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert!(files["sag.pdf"].starts_with(b"%PDF"));
    assert_eq!(
        text(&files, "dokumenter/001-=låg på Annas beholder.txt"),
        "indhold"
    );

    let history = lines(&files, "historik.jsonl");
    let kept = world.engine.history(case.id, 0, 500).await.unwrap();
    assert_eq!(
        history.len() + 1,
        kept.len(),
        "the export itself is told afterwards"
    );
    assert_eq!(kept.last().unwrap().kind, "case.exported.v1");
    let noted = history
        .iter()
        .find(|line| line["type"] == "case.noted.v1")
        .unwrap();
    assert_eq!(
        (&noted["omitted"], noted.get("data")),
        (&json!("internal-note"), None)
    );
    assert!(!text(&files, "historik.jsonl").contains("Vi tror ikke"));
    assert!(text(&files, "historik.jsonl").contains("Anna Lind ringede"));
    assert!(
        !text(&files, "historik.jsonl").contains("Karla"),
        "a protection holds"
    );

    let list = text(&files, "dokumentliste.csv");
    let file = list.lines().find(|line| line.contains(";Fil;'")).unwrap();
    assert!(
        file.contains(";'=låg på Annas beholder.txt;Jonas Holm;dokumenter/001-"),
        "{file}"
    );
    assert!(
        list.contains(";Sendt e-mail;Svar;1@borger.example;beskeder.jsonl;Ja"),
        "{list}"
    );

    let about: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    assert_eq!(
        (&about["notes"], &about["redacted"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(about["files"].as_array().unwrap().len(), files.len() - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redacted_case_file_marks_what_was_taken_out_and_has_no_files() {
    let world = World::new().await;
    let case = case_of_anna(&world).await;
    let options = CaseFileOptions {
        notes: true,
        documents: true,
        redacted: true,
        language: Language::Danish,
    };
    let files = exported(&world, &case, options).await;
    assert!(!files.keys().any(|name| name.starts_with("dokumenter/")));
    for name in ["historik.jsonl", "beskeder.jsonl", "dokumentliste.csv"] {
        let text = text(&files, name);
        for gone in ["Anna", "Lind ", "12 34 56 71", "1@borger.example", "Karla"] {
            assert!(!text.contains(gone), "{name} holds {gone:?}: {text}");
        }
        assert!(text.contains("[udeladt]"), "{name}");
    }
    let history = text(&files, "historik.jsonl");
    assert!(
        history.contains("Vi tror ikke på det"),
        "notes were asked for"
    );
    assert!(history.contains("Jonas Holm"), "who works here is no party");
    let list = text(&files, "dokumentliste.csv");
    assert!(
        list.lines()
            .any(|line| line.contains(";Fil;") && line.ends_with(";Nej"))
    );
    let told = world.engine.history(case.id, 0, 500).await.unwrap();
    let told = told.last().unwrap();
    assert_eq!(told.data["redacted"], json!(true));
    assert_eq!(told.data["documents"], json!(false));
}

/// What a PDF says; `None` when the reader is not installed, which is a failure where `CI` is set.
pub fn said(pdf: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.pdf");
    std::fs::write(&file, pdf).unwrap();
    let mut reader = std::process::Command::new("pdftotext");
    let read = reader.args(["-layout".as_ref(), file.as_path(), "-".as_ref()]);
    match read.output() {
        Ok(read) => Some(String::from_utf8(read.stdout).unwrap()),
        Err(_) => {
            let advice = "`pdftotext` is missing: apt-get install poppler-utils";
            #[expect(
                clippy::disallowed_methods,
                reason = "whether a missing reader is a failure depends on where the test runs"
            )]
            let in_ci = std::env::var_os("CI").is_some();
            assert!(!in_ci, "{advice}");
            eprintln!("not tested, {advice}");
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_field_with_personal_data_held_stands_nowhere_in_a_redacted_case_file() {
    let world = World::new().await;
    let new = NewCase {
        description: Some("Anmelder træffes på 22334455, også om aftenen.".to_owned()),
        ..missed(json!({ "phone": "+45 22 33 44 55", "fraction": "food", "repeats": 2 }))
    };
    let (engine, caller) = (&world.engine, caseworker());
    let case = engine.create_case(&caller, new, None, None).await;
    let case = case.unwrap().case;
    world.completed(case.id, "waste/missed-collection").await;
    let phone = json!({ "type": "set-fields", "fields": { "phone": "naboen Per Ravn" } });
    let commands = vec![command(phone), note("Per Ravn har nøglen.")];
    let id = case.id.into();
    let done = engine.execute(&caller, &id, commands, None, None).await;
    let case = done.unwrap().case;
    let gone = ["22 33 44 55", "22334455", "Per Ravn"];
    let mut options = CaseFileOptions {
        notes: true,
        documents: true,
        redacted: false,
        language: Language::Danish,
    };
    let whole = exported(&world, &case, options).await;
    let history = text(&whole, "historik.jsonl");
    for text in gone {
        assert!(history.contains(text), "the party may see {text:?}");
    }
    options.redacted = true;
    let files = exported(&world, &case, options).await;
    let mut texts = vec![
        text(&files, "historik.jsonl"),
        text(&files, "beskeder.jsonl"),
        text(&files, "dokumentliste.csv"),
    ];
    texts.extend(said(&files["sag.pdf"]));
    for text in &texts {
        for gone in gone {
            assert!(!text.contains(gone), "{gone:?} stays in {text}");
        }
    }
    let history = lines(&files, "historik.jsonl");
    let created = &history[0];
    assert_eq!(created["data"]["fields"]["phone"], json!("[udeladt]"));
    assert_eq!(created["data"]["fields"]["fraction"], json!("food"));
    assert_eq!(created["redacted"], json!(true));
    let mut newest = history.iter().rev();
    let changed = newest.find(|line| line["type"] == "case.fields-changed.v1");
    let change = &changed.unwrap()["data"]["changes"]["phone"];
    let covered = json!({ "from": "[udeladt]", "to": "[udeladt]" });
    assert_eq!(change, &covered);
    if let Some(paper) = texts.get(3) {
        let line = paper.lines().find(|line| line.contains("Telefon til"));
        assert!(
            line.is_some_and(|line| line.contains("[udeladt]")),
            "{paper}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_hand_out_a_case_gets_nothing_and_nothing_is_told() {
    let world = World::new().await;
    let case = case_of_anna(&world).await;
    let other = Caller {
        roles: vec![Role::Configurator],
        ..caseworker()
    };
    let options = CaseFileOptions::for_access(Language::Danish);
    let id = case.id.into();
    let refused = world.engine.export_case(&other, &id, options).await;
    let refused = refused.err().unwrap();
    assert!(matches!(
        refused,
        ExecuteError::Rejected(Rejection::NotAllowed { .. })
    ));
    let kinds = world.history_kinds(case.id).await;
    assert!(!kinds.contains(&"case.exported.v1".to_owned()));
    let forged = Command::RecordExport {
        notes: false,
        documents: false,
        redacted: false,
    };
    let (engine, caller) = (&world.engine, caseworker());
    let forged = engine.execute(&caller, &id, vec![forged], None, None).await;
    assert!(forged.is_err(), "nobody tells of an export that was none");
}
