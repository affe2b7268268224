//! The whole of a case as a file.

use crate::browser::Site;
use axum::http::{StatusCode, header};
use sagsgang_domain::Role;

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
