//! Mail from customers.

use crate::browser::Site;
use axum::http::{StatusCode, header};
use sagsgang_domain::Role;

const PLAIN: &str = "From: Anna Lindegaard <anna@borger.example>\r\nTo: affald@kommune.example\r\nSubject: Beholderen er v=?utf-8?q?=C3=A6k?=\r\nDate: Mon, 23 Nov 2026 09:02:00 +0100\r\nMessage-ID: <1@borger.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nDen var her i g\u{e5}r.\r\n";

const HTML: &str = "From: anna@borger.example\r\nTo: affald@kommune.example\r\nSubject: Med farver\r\nMessage-ID: <2@borger.example>\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hej <b>der</b></p><script>alert(1)</script><img src=\"http://spor.example/x.png\">\r\n";

async fn with_mail(source: &str) -> (Site, String) {
    let site = Site::new().await;
    let message = site
        .engine
        .deliver_mail(source.as_bytes().to_vec())
        .await
        .unwrap();
    let address = format!("/inbox/{}", message.id);
    (site, address)
}

#[tokio::test]
async fn a_message_becomes_a_case_and_leaves_the_inbox() {
    let (site, address) = with_mail(PLAIN).await;
    let mut user = site.user(Role::Caseworker).await;
    assert_eq!(user.get("/inbox").await.texts("tbody tr").len(), 1);
    let page = user.get(&address).await;
    assert_eq!(page.texts(".prewrap"), ["Den var her i går."]);
    let title = page.attribute("input[name=title]", "value").unwrap();
    let fields = [
        ("caseType", "waste.missed-collection"),
        ("title", title.as_str()),
    ];
    let case = user.post(&format!("{address}/case"), &fields).await;
    assert!(
        case.address.starts_with("/cases/") && case.texts("h1")[0].contains(&title),
        "{}",
        case.address
    );
    assert!(
        case.texts(".ev--in .msg__body")
            .contains(&"Den var her i går.".to_owned()),
        "{:?}",
        case.texts(".ev")
    );
    assert_eq!(user.get("/inbox").await.texts("tbody tr").len(), 0);
    let page = user.get(&address).await;
    assert_eq!(
        page.attribute("main a[href^='/cases/']", "href"),
        Some(case.address)
    );
}

#[tokio::test]
async fn a_message_is_linked_to_a_case_by_its_number() {
    let (site, address) = with_mail(PLAIN).await;
    let number = site.case("Manglende tømning").await;
    let mut user = site.user(Role::Caseworker).await;
    let unknown = user
        .post(&format!("{address}/link"), &[("number", "1999-000001")])
        .await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        unknown.texts("#link-error"),
        ["Der er ingen sag med det nummer."]
    );
    assert_eq!(
        unknown.attribute("#link-number", "value"),
        Some("1999-000001".to_owned())
    );
    let case = user
        .post(&format!("{address}/link"), &[("number", &number)])
        .await;
    assert_eq!(
        case.texts(".ev--in b").first().map(String::as_str),
        Some("Anna Lindegaard")
    );
}

#[tokio::test]
async fn html_mail_is_shown_in_a_frame_that_may_nothing() {
    let (site, address) = with_mail(HTML).await;
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get(&address).await;
    assert_eq!(page.attribute("iframe", "sandbox"), Some(String::new()));
    let framed = user.get(&page.attribute("iframe", "src").unwrap()).await;
    let policy = framed.headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(
        policy.starts_with("default-src 'none'") && policy.ends_with("sandbox"),
        "{policy}"
    );
    assert_eq!(framed.texts("b"), ["der"]);
    assert!(
        !framed.source.contains("<script") && !framed.source.contains("spor.example"),
        "{}",
        framed.source
    );
}
