//! The classification is brought in from a file, and told where a case type has it.

use crate::case_file::{exported, said, text};
use crate::world::{World, caseworker, of_type};
use sagsgang_definition::ImportKind;
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::Value;

const CASE_TYPE: &str = "
caseType: waste.bulky
version: 1
title: { da: Storskrald }
kle: { subject: 07.18.05, facet: G01 }
statuses: { created: { initial: true }, closed: { final: true } }
transitions: [{ name: close, from: [created], to: closed }]
";

/// What becomes of rows of a file with these columns.
async fn brought(world: &World, columns: &[&str], rows: &[&[&str]]) -> Vec<RowOutcome> {
    let plan = ImportPlan {
        kind: ImportKind::Kle,
        source: "kle".to_owned(),
        brought_by: "kle.csv".to_owned(),
        fields: columns.iter().map(|&name| name.to_owned()).collect(),
        dry_run: false,
    };
    let rows: Vec<_> = rows
        .iter()
        .zip(2..)
        .map(|(row, line)| ImportRow {
            line,
            values: row.iter().map(|&value| value.to_owned()).collect(),
        })
        .collect();
    let mut import = Import::new(&world.engine, plan);
    import.take(&rows).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_brought_once_changed_later_and_refused_with_their_reasons() {
    let world = World::new().await;
    let id = "7c1b2f0e-5a43-4c1e-9a55-0a5d3b1c9e11";
    let columns = ["code", "title", "uuid", "date"];
    let rows: [&[&str]; 6] = [
        &["07.18.05", "Storskrald", id, "2026-01-01"],
        &["G01", "Sager", "", ""],
        &["07.18", "Affald", "", "1. januar"],
        &["7", "Affald", "", ""],
        &["07", "Affald", "x", ""],
        &["G01", "Sager igen", "", ""],
    ];
    let first = brought(&world, &columns, &rows).await;
    assert_eq!(first[..2], [RowOutcome::Created, RowOutcome::Created]);
    for (outcome, reason) in first[2..].iter().zip([
        "is no day",
        "is neither a subject",
        "is no UUID",
        "stands on line 3 too",
    ]) {
        assert!(
            matches!(outcome, RowOutcome::Rejected(why) if why.to_string().contains(reason)),
            "{reason}: {outcome:?}"
        );
    }
    let again = brought(&world, &columns, &rows[..2]).await;
    assert_eq!(again, [RowOutcome::Unchanged, RowOutcome::Unchanged]);
    // What the file does not have stays.
    let retitled = brought(&world, &["code", "title"], &[&["07.18.05", "Stort affald"]]).await;
    assert_eq!(retitled, [RowOutcome::Changed]);
    let kept = world.engine.kle(None, 9).await.unwrap();
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[0].title, "Stort affald");
    assert_eq!(
        kept[0].uuid.map(|uuid| uuid.to_string()).as_deref(),
        Some(id)
    );
    assert_eq!(kept[0].date.as_deref(), Some("2026-01-01"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_tells_its_classification_with_the_titles_that_are_known() {
    let world = World::new().await;
    world.publish(CASE_TYPE).await;
    let (engine, caller) = (&world.engine, caseworker());
    let new = NewCase {
        title: "Sofa ved vejen".to_owned(),
        ..of_type("waste.bulky")
    };
    let created = engine.create_case(&caller, new, None, None).await;
    let case = created.unwrap().case;
    let told = async || {
        let view = engine.case_view(&case.id.into()).await.unwrap();
        view.unwrap().classification
    };
    assert_eq!(told().await.as_deref(), Some("07.18.05 G01"));
    brought(&world, &["code", "title"], &[&["07.18.05", "Storskrald"]]).await;
    let whole = "07.18.05 Storskrald, G01";
    assert_eq!(told().await.as_deref(), Some(whole));

    let options = CaseFileOptions::for_access(Language::Danish);
    let files = exported(&world, &case, options).await;
    let about: Value = serde_json::from_str(&text(&files, "manifest.json")).unwrap();
    assert_eq!(about["classification"], whole);
    if let Some(paper) = said(&files["sag.pdf"]) {
        assert!(paper.contains("KLE") && paper.contains(whole), "{paper}");
    }
}
