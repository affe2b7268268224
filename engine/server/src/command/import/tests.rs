//! An import from the file to the database, and again.

use super::*;
use sagsgang_domain::{CaseId, Record, RecordKind};
use sagsgang_runtime::{CaseFilter, CaseRef, CaseSort, Engine, EngineOptions};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

const CONTAINERS: &str = "Id;Beholdernr;Str;Fraktion;Ejendom;Tømt
1;BH-1;240;Madaffald / Restaffald;0999-048213;5.11.2026
2;BH-2;140;Papir;;
3;;140;Papir;;
4;BH-4;140;Papir;0999-000000;
5;BH-5;140;Papir;;i går
2;BH-6;140;Papir;;
";
const MAP: &str = "import: containers
source: renosyd
fields:
  key: Id
  containerId: Beholdernr
  type: { column: Str, words: { '240': '240 liter', '140': '140 liter' } }
  fractions: Fraktion
  property: Ejendom
  lastCollection: { column: Tømt, convert: date }
";
const PROPERTIES: &str = "municipalityCode,propertyNumber,road,number,postcode,place,type,area\n\
                          0999,048213,Lærkehaven,14,4999,Eksempelby,Rækkehus,Nord\n";

struct Trial {
    folder: tempfile::TempDir,
    engine: Arc<Engine>,
}

impl Trial {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::open(EngineOptions::in_folder(folder.path().to_owned()))
            .await
            .unwrap();
        start::publish_pack(&engine).await.unwrap();
        Self { folder, engine }
    }

    async fn import(
        &self,
        kind: ImportKind,
        name: &str,
        bytes: &[u8],
        map: Option<&str>,
        dry_run: bool,
    ) -> Report {
        let (report, whole) = self.try_import(kind, name, bytes, map, dry_run).await;
        whole.unwrap();
        report
    }

    async fn try_import(
        &self,
        kind: ImportKind,
        name: &str,
        bytes: &[u8],
        map: Option<&str>,
        dry_run: bool,
    ) -> (Report, Result<()>) {
        let file = self.folder.path().join(name);
        fs::write(&file, bytes).unwrap();
        let source = ImportSource::open(&file).unwrap();
        let map = match map {
            Some(text) => parse_import_map("map.yaml", text).model.unwrap(),
            None => ImportMap::by_names(kind, source.columns()),
        };
        let plan = ImportPlan {
            kind,
            source: map.source.clone(),
            brought_by: name.to_owned(),
            fields: map.rules.iter().map(|(field, _)| field.clone()).collect(),
            dry_run,
        };
        let asked = cli::Import {
            kind,
            file,
            map: None,
            dry_run,
        };
        bring(Import::new(&self.engine, plan), &asked, &map, &source, true)
            .await
            .unwrap()
    }
}

/// What a Windows program writes; only letters that stand at the same place in Unicode.
fn windows(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c).unwrap()).collect()
}

fn counts(report: &Report) -> [u64; 4] {
    [
        report.tally.created,
        report.tally.changed,
        report.tally.unchanged,
        report.tally.rejected,
    ]
}

#[tokio::test]
async fn records_are_brought_once_changed_later_and_refused_with_their_reasons() {
    let trial = Trial::new().await;
    let properties = trial.import(
        ImportKind::Properties,
        "e.csv",
        PROPERTIES.as_bytes(),
        None,
        false,
    );
    assert_eq!(counts(&properties.await), [1, 0, 0, 0]);

    let bytes = windows(CONTAINERS);
    let dry = trial
        .import(ImportKind::Containers, "b.csv", &bytes, Some(MAP), true)
        .await;
    assert_eq!((counts(&dry), dry.encoding), ([2, 0, 0, 4], "Windows-1252"));
    assert!(trial.engine.containers(None, 9).await.unwrap().is_empty());

    let first = trial
        .import(ImportKind::Containers, "b.csv", &bytes, Some(MAP), false)
        .await;
    assert_eq!(counts(&first), [2, 0, 0, 4]);
    let kept = trial
        .engine
        .container_by_printed_id("BH-1")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.compartments.len(), 2);
    assert_eq!(kept.last_collection.as_deref(), Some("2026-11-05"));
    assert!(kept.property.is_some());

    let again = trial
        .import(ImportKind::Containers, "b.csv", &bytes, Some(MAP), false)
        .await;
    assert_eq!(counts(&again), [0, 0, 2, 4]);

    let reject_file = first.reject_file.unwrap();
    let rejected = fs::read(&reject_file).unwrap();
    let text: String = rejected.iter().copied().map(char::from).collect();
    let mut rejects = csv::ReaderBuilder::new();
    let mut rejects = rejects.delimiter(b';').from_reader(text.as_bytes());
    let reasons: Vec<(String, String)> = rejects
        .deserialize()
        .map(|row: csv::Result<HashMap<String, String>>| {
            let mut row = row.unwrap();
            let mut cell = |name: &str| row.remove(name).unwrap();
            (cell("sagsgang-line"), cell("sagsgang-reason"))
        })
        .collect();
    let expected = [
        ("4", "containerId is missing"),
        ("5", "there is no property 0999-000000"),
        ("6", "lastCollection: \"i går\" is not a day"),
        ("7", "the key 2 stands on line 3 too"),
    ];
    assert_eq!(
        reasons,
        expected.map(|(line, reason)| (line.to_owned(), reason.to_owned()))
    );

    // Corrected where it stands and imported again.
    let corrected = String::from_utf8(
        rejected
            .iter()
            .map(|byte| if byte.is_ascii() { *byte } else { b'?' })
            .collect(),
    )
    .unwrap();
    let corrected = corrected
        .replace(";;140", ";BH-3;140")
        .replace("0999-000000", "");
    let corrected = corrected.replace("T?mt", "Tømt").replace("i g?r", "");
    let fixed = trial.import(
        ImportKind::Containers,
        "b.rejected.csv",
        corrected.as_bytes(),
        Some(MAP),
        false,
    );
    let fixed = fixed.await;
    assert_eq!(counts(&fixed), [3, 1, 0, 0], "{:?}", fixed.reject_file);

    let stored = trial
        .engine
        .record(RecordKind::Container, kept.id.0)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.external.unwrap().source, "renosyd");
    let changed = trial
        .engine
        .container_by_printed_id("BH-6")
        .await
        .unwrap()
        .unwrap();
    let history = trial
        .engine
        .record_history(RecordKind::Container, changed.id.0, None, 9);
    let history = history.await.unwrap().unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[1].data["broughtBy"], "b.rejected.csv");
    trial.engine.stop().await;
}

#[tokio::test]
async fn contacts_and_users_come_from_json_lines() {
    let trial = Trial::new().await;
    let contacts = "{\"key\":\"1\",\"name\":\"Anna Lind\",\"phones\":[\"12 34 56 78\"],\"role\":\"owner\",\"protected\":true}\n\
                    {\"key\":\"2\",\"name\":\"Renosyd ApS\",\"kind\":\"company\",\"cvr\":\"10150818\",\"role\":\"company\"}\n";
    let report = trial
        .import(
            ImportKind::Contacts,
            "k.jsonl",
            contacts.as_bytes(),
            None,
            false,
        )
        .await;
    assert_eq!(counts(&report), [1, 0, 0, 1]);
    let rejected = fs::read_to_string(report.reject_file.unwrap()).unwrap();
    assert!(
        rejected.contains("cvr is not a CVR number") && rejected.contains("\"sagsgang-line\":2")
    );
    let contact = trial.engine.contacts(None, 9).await.unwrap().remove(0);
    assert_eq!(contact.name, "Beskyttet");
    let stored = trial
        .engine
        .record(RecordKind::Contact, contact.id.0)
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(stored.record, Record::Contact(one) if one.phones.is_empty()));

    let users = "name,displayName,roles,team\njonas,Jonas Holm,caseworker,Nord\nvera,Vera,mayor,\n";
    for (first, expected) in [(true, [1, 0, 0, 1]), (false, [0, 0, 1, 1])] {
        let report = trial
            .import(ImportKind::Users, "u.csv", users.as_bytes(), None, false)
            .await;
        assert_eq!(counts(&report), expected, "{first}");
    }
    trial.engine.stop().await;
}

#[tokio::test]
async fn cases_are_decided_by_their_rules_and_known_again() {
    let trial = Trial::new().await;
    let case_type = trial.engine.case_types()[0].clone();
    let (name, scale) = (&case_type.name, &case_type.priorities.scale);
    let (low, high) = (&scale[0], &scale[scale.len() - 1]);
    let cases = |priority: &str, title: &str| {
        format!(
            "key;caseType;title;priority;created;tags\nA1;{name};{title};{priority};2026-01-05;gammel\nA2;{name};Anden;haster;;\nA3;waste.none;Tredje;;;\n"
        )
    };
    let first = cases(low, "Manglende tømning");
    let report = trial
        .import(ImportKind::Cases, "s.csv", first.as_bytes(), None, true)
        .await;
    assert_eq!(counts(&report), [1, 0, 0, 2]);
    let report = trial
        .import(ImportKind::Cases, "s.csv", first.as_bytes(), None, false)
        .await;
    assert_eq!(counts(&report), [1, 0, 0, 2]);
    let report = trial
        .import(ImportKind::Cases, "s.csv", first.as_bytes(), None, false)
        .await;
    assert_eq!(counts(&report), [0, 0, 1, 2]);
    let second = cases(high, "Manglende tømning igen");
    let report = trial
        .import(ImportKind::Cases, "s.csv", second.as_bytes(), None, false)
        .await;
    assert_eq!(counts(&report), [0, 1, 0, 2]);

    let page = trial
        .engine
        .list_cases(&CaseFilter::default(), CaseSort::Created, None, 9)
        .await
        .unwrap();
    assert_eq!(page.items.len(), 1);
    let id: CaseId = page.items[0].id;
    let case = trial
        .engine
        .case_view(&CaseRef::Id(id))
        .await
        .unwrap()
        .unwrap()
        .case;
    assert_eq!(
        (&case.priority, case.title.as_str()),
        (high, "Manglende tømning igen")
    );
    assert!(case.created_at.to_string().starts_with("2026-01-04T23:00"));
    let report = trial.engine.verify(|_| {}).await.unwrap();
    assert_eq!((report.cases, report.first_bad), (1, None));
    trial.engine.stop().await;
}

#[tokio::test]
async fn cases_of_a_year_long_past_get_numbers_in_blocks_too() {
    let trial = Trial::new().await;
    let name = trial.engine.case_types()[0].name.clone();
    let mut text = "key;caseType;title;created\n".to_owned();
    for day in 1..=28 {
        for key in 0..10 {
            writeln!(text, "{day}-{key};{name};Sag;2019-01-{day:02}").unwrap();
        }
    }
    let report = trial
        .import(ImportKind::Cases, "s.csv", text.as_bytes(), None, false)
        .await;
    assert_eq!(counts(&report), [280, 0, 0, 0]);
    trial.engine.stop().await;

    // What was reserved and not used stays unused: the next one comes after the end of a block.
    let options = EngineOptions::in_folder(trial.folder.path().to_owned());
    let engine = Engine::open(options).await.unwrap();
    let trial = Trial { engine, ..trial };
    let text = format!("key;caseType;title;created\nlast;{name};Sag;2019-02-01\n");
    trial
        .import(ImportKind::Cases, "s.csv", text.as_bytes(), None, false)
        .await;
    let filter = CaseFilter::default();
    let page = trial.engine.list_cases(&filter, CaseSort::Created, None, 1);
    let last = page.await.unwrap().items.remove(0);
    assert_eq!(last.number, "2019-000512");

    // What its clocks passed long ago is told in its history, so that nobody is called for it now.
    let view = trial.engine.case_view(&CaseRef::Id(last.id)).await;
    let case = view.unwrap().unwrap().case;
    let rungs = case.clocks.values().flat_map(|clock| &clock.rungs);
    assert!(rungs.clone().count() > 0 && rungs.clone().all(|rung| rung.fired));
    assert_eq!(case.next_rung(), None);
    trial.engine.stop().await;
}

#[tokio::test]
async fn rows_before_a_place_that_cannot_be_read_are_brought_and_the_reject_file_is_whole() {
    let trial = Trial::new().await;
    let mut users =
        b"name,displayName,roles,team\njonas,Jonas Holm,caseworker,Nord\nvera,Vera,mayor,\nlea,\""
            .to_vec();
    users.resize(users.len() + 9 * 1024 * 1024, b'x');
    let (report, whole) = trial
        .try_import(ImportKind::Users, "u.csv", &users, None, false)
        .await;
    assert_eq!((counts(&report), report.tally.rows), ([1, 0, 0, 1], 2));
    let rejected = fs::read_to_string(report.reject_file.unwrap()).unwrap();
    assert!(rejected.contains("vera,Vera,mayor"), "{rejected}");
    let told = format!("{:#}", whole.unwrap_err());
    assert!(
        told.contains("after line 4") && told.contains("quotation mark"),
        "{told}"
    );

    let mut contacts = b"{\"key\":\"1\",\"name\":\"Anna Lind\",\"role\":\"owner\"}\n".to_vec();
    contacts.resize(contacts.len() + 9 * 1024 * 1024, b'[');
    let (report, whole) = trial
        .try_import(ImportKind::Contacts, "k.jsonl", &contacts, None, false)
        .await;
    assert_eq!(counts(&report), [1, 0, 0, 0]);
    let told = format!("{:#}", whole.unwrap_err());
    assert!(
        told.contains("line 2") && told.contains("line break") && !told.contains("quotation"),
        "{told}"
    );
    trial.engine.stop().await;
}
