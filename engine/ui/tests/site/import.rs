//! Import on its page: a file is looked through, tried, brought in, corrected, and brought again.

use crate::browser::{Browser, Page, Site};
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use sagsgang_domain::Role;
use std::time::Duration;

const PAGE: &str = "/settings/import";
const MAP: &str = "import: containers\nsource: renosyd\nfields:\n  key: Id\n  containerId: Beholdernr\n  type: Str\n  fractions: Fraktion\n  \
    property: Ejendom\n  lastCollection: { column: Tømt, convert: date }\n";
/// Three rows in Windows-1252, two of which cannot be kept.
const FILE: &[u8] = b"Id;Beholdernr;Str;Fraktion;Ejendom;T\xf8mt\n1;BH-1;240 l;Papir;;5.11.2026\n\
    2;BH-2;240 l;Papir;;i g\xe5r\n3;BH-3;240 l;Papir;0999-000000;\n";

fn form(kind: &str, name: &str, file: &[u8], map: &str) -> Body {
    let mut body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n--b\r\nContent-Disposition: form-data; \
         name=\"file\"; filename=\"{name}\"\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    let map = format!(
        "\r\n--b\r\nContent-Disposition: form-data; name=\"map\"; filename=\"map.yaml\"\r\n\r\n{map}\r\n--b--\r\n"
    );
    body.extend_from_slice(map.as_bytes());
    Body::from(body)
}

async fn send(user: &mut Browser, file: &[u8], map: &str) -> Page {
    let kind = Some("multipart/form-data; boundary=b");
    let body = form("containers", "beholdere.csv", file, map);
    let answer = user.once(Method::POST, PAGE, kind, body).await;
    match answer.status {
        StatusCode::SEE_OTHER => user.get(PAGE).await,
        _ => answer,
    }
}

/// Presses a button and waits until the import has ended.
async fn press(user: &mut Browser, page: &Page, deed: &str) -> Page {
    let id = page.attribute("input[name=id]", "value").unwrap();
    let decide = format!("{PAGE}/decide");
    let mut page = user.post(&decide, &[("id", &id), ("deed", deed)]).await;
    for _ in 0..400 {
        if page.texts("#import-running").is_empty() {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        page = user.get(PAGE).await;
    }
    panic!("the import does not end");
}

#[tokio::test]
async fn a_file_is_looked_through_tried_brought_corrected_and_brought_again() {
    let site = Site::new().await;
    let mut user = site.user(Role::Administrator).await;
    let page = send(&mut user, FILE, MAP).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.source);
    assert!(
        page.source
            .contains("Læst som Windows-1252, omkring 3 rækker")
    );
    assert!(
        page.texts("td").contains(&"2026-11-05".to_owned()),
        "as it would be read"
    );

    let page = press(&mut user, &page, "try").await;
    assert_eq!(
        page.texts("#import-counts dd"),
        ["1", "0", "0", "2"],
        "{}",
        page.source
    );
    assert!(page.source.contains("Prøven er færdig. Intet er gemt."));
    let page = press(&mut user, &page, "start").await;
    assert_eq!(
        page.texts("#import-counts dd"),
        ["1", "0", "0", "2"],
        "{}",
        page.source
    );
    let reasons = page.texts("table td");
    assert_eq!(
        reasons,
        [
            "3",
            "lastCollection: »i går« er ikke en dato.",
            "4",
            "Ejendommen 0999-000000 findes ikke."
        ]
    );

    let address = page.attribute("#import-rejects", "href").unwrap();
    let rejected = user.get(&address).await;
    let name = rejected.headers[header::CONTENT_DISPOSITION]
        .to_str()
        .unwrap();
    assert!(name.ends_with("beholdere.rejected.csv"), "{name}");
    assert!(
        rejected.source.contains("er ikke en dato"),
        "{}",
        rejected.source
    );
    #[cfg(unix)]
    only_for_the_user(&site.folder().join("import"));

    // What is corrected is taken, and the first file again changes nothing.
    let corrected = b"Id;Beholdernr;Str;Fraktion;Ejendom;T\xf8mt;sagsgang-line;sagsgang-reason\n2;BH-2;240 l;Papir;;4.11.2026;3;x\n";
    let page = send(&mut user, corrected, MAP).await;
    let page = press(&mut user, &page, "start").await;
    assert_eq!(
        page.texts("#import-counts dd"),
        ["1", "0", "0", "0"],
        "{}",
        page.source
    );
    let page = press(&mut user, &page, "start").await;
    assert_eq!(
        page.texts("#import-counts dd"),
        ["0", "0", "1", "0"],
        "{}",
        page.source
    );
    let page = press(&mut user, &page, "forget").await;
    assert!(page.texts("#h-job").is_empty());
}

#[tokio::test]
async fn a_file_or_mapping_that_does_not_do_says_why_and_leaves_the_one_before() {
    let site = Site::new().await;
    let mut user = site.user(Role::Administrator).await;
    send(&mut user, FILE, MAP).await;
    for (file, map, why) in [
        (FILE, "", "Ingen kolonne hedder som et felt."),
        (
            FILE,
            "import: containers\nfields:\n  key: Nr\n",
            "Filen mangler kolonnen Nr.",
        ),
        (
            FILE,
            "import: users\nfields:\n  name: Id\n",
            "Kolonnekortet er til Brugere.",
        ),
        (
            FILE,
            "import: containers\nfields:\n  nøgle: Id\n",
            "Kolonnekort, linje 3",
        ),
        (
            b"\n".as_slice(),
            MAP,
            "Første linje skal indeholde kolonnernes titler.",
        ),
        (
            b"PK\x03\x04 og mere".as_slice(),
            MAP,
            "Filen er et regneark.",
        ),
        (
            b"\xff\xfeI\0d\0".as_slice(),
            MAP,
            "Filen er skrevet i UTF-16.",
        ),
        (
            b"Id;Id\n1;2\n".as_slice(),
            MAP,
            "Den samme titel står to gange",
        ),
    ] {
        let page = send(&mut user, file, map).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        let said = page.texts("[role=alert]").concat();
        assert!(said.contains(why), "{why}: {said}");
        assert_eq!(page.texts("#h-job"), ["Beholdere: beholdere.csv"], "{why}");
        let chosen = page.attribute("#kind option[selected]", "value");
        assert_eq!(chosen.as_deref(), Some("containers"), "{why}");
    }
}

#[cfg(unix)]
fn only_for_the_user(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    let files = std::fs::read_dir(folder).unwrap();
    let files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 3, "the file, its rejects, and what is known");
    for path in files.iter().map(|path| &**path).chain([folder]) {
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
}

#[tokio::test]
async fn what_a_kill_has_left_goes_and_only_the_import_that_is_there_is_stopped_or_forgotten() {
    let site = Site::new().await;
    let folder = site.folder().join("import");
    std::fs::create_dir(&folder).unwrap();
    let stray = folder.join(".tmp123");
    std::fs::write(&stray, "half").unwrap();
    let mut user = site.user(Role::Administrator).await;
    send(&mut user, FILE, MAP).await;
    assert!(!stray.exists());
    let other = site.engine.fresh_id().to_string();
    for deed in ["stop", "forget", "start"] {
        let decide = format!("{PAGE}/decide");
        let page = user.post(&decide, &[("id", &*other), ("deed", deed)]).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{deed}");
        assert_eq!(page.texts("#h-job"), ["Beholdere: beholdere.csv"], "{deed}");
    }
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_no_file_and_the_one_before() {
    let site = Site::new().await;
    let mut user = site.user(Role::Administrator).await;
    send(&mut user, FILE, MAP).await;
    let folder = site.folder().join("import");
    let files = || -> Vec<_> {
        let entries = std::fs::read_dir(&folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = files();
    assert_eq!(before.len(), 2, "the file, and what is known about it");
    let whole = form("containers", "beholdere.csv", FILE, MAP);
    let whole = axum::body::to_bytes(whole, usize::MAX).await.unwrap();
    let half = Body::from(whole.slice(..whole.len() / 2));
    let kind = Some("multipart/form-data; boundary=b");
    let page = user.once(Method::POST, PAGE, kind, half).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.source);
    assert_eq!(page.texts("#h-job"), ["Beholdere: beholdere.csv"]);
    assert_eq!(files(), before);
}
