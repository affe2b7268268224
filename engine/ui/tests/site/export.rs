//! The whole of a case, and lists, as files.

use crate::browser::Site;
use crate::registers::{caller, id, with_records};
use axum::http::{StatusCode, header};
use sagsgang_domain::{Caller, ContainerId, NewCase, Role};
use serde_json::json;

#[tokio::test]
async fn the_whole_case_is_fetched_from_its_page_and_its_history_tells_it() {
    let site = Site::new().await;
    let number = site.case("Manglende tømning").await;
    let case = format!("/cases/{number}");
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get(&case).await;
    let form = user.get(&page.attribute("#export", "href").unwrap()).await;
    let ticked = form.form("form[action$='/export']");
    assert_eq!(ticked, [("documents".to_owned(), "true".to_owned())]);
    let action = form.attribute("form[action$='/export']", "action").unwrap();
    let file = user
        .post(&action, &[("documents", "true"), ("redacted", "true")])
        .await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.headers[header::CONTENT_TYPE], "application/zip");
    let name = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(
        name.starts_with("attachment") && name.contains(&format!("sag-{number}.zip")),
        "{name}"
    );
    assert!(file.source.starts_with("PK"));
    let lines = user.get(&case).await.texts(".ev--change .ev__text > span");
    let told = "Jonas caseworker hentede hele sagen som fil uden parternes navne";
    assert_eq!(lines.last().map(String::as_str), Some(told));

    let mut configurator = site.user(Role::Configurator).await;
    assert!(
        configurator
            .get(&case)
            .await
            .attribute("#export", "href")
            .is_none()
    );
}

#[tokio::test]
async fn a_list_leaves_with_the_columns_that_are_shown() {
    let site = with_records(1).await;
    let case_type = "
caseType: waste.bulky
version: 1
title: { da: Storskrald }
fields:
  type: object
  properties:
    fraction: { enum: [food, residual], title: Affaldsfraktion }
    pieces: { type: integer, title: Antal }
statuses: { created: { initial: true }, closed: { final: true } }
transitions: [{ name: close, from: [created], to: closed }]
";
    let files = vec![("bulky.yaml".to_owned(), case_type.to_owned())];
    site.engine.publish(&Caller::system(), files).await.unwrap();
    let fields = json!({ "fraction": "food", "pieces": 2 });
    let new = NewCase {
        case_type: "waste.bulky".to_owned(),
        title: "En sofa".to_owned(),
        fields: fields.as_object().cloned().unwrap(),
        containers: vec![ContainerId(id(100))],
        tags: vec!["=hej".to_owned()],
        ..NewCase::default()
    };
    let created = site.engine.create_case(&caller(), new, None, None).await;
    let number = created.unwrap().case.number;
    let mut user = site.user(Role::Caseworker).await;
    let columns = "tags,containers,fields.fraction,fields.pieces";
    let list = user
        .get(&format!("/cases?view=all&columns={columns}"))
        .await;
    let address = list.attribute("#export-menu a:last-child", "href").unwrap();
    let file = user.get(&address).await;
    let lines: Vec<_> = file.source.lines().collect();
    assert_eq!(
        lines,
        [
            "\u{feff}Sag;Titel;Tags;Beholder;Affaldsfraktion;Antal",
            &*format!("{number};En sofa;'=hej;BH-100;Madaffald;2"),
        ]
    );
    // Where nobody has chosen, everything that each case has goes along.
    let file = user.get("/cases/export/csv?view=all").await;
    let head = file.source.lines().next().unwrap();
    assert!(
        head.ends_with(";Oprettet;Opdateret;Beholder;Tags"),
        "{head}"
    );
}
