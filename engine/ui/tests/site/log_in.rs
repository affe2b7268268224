//! Coming in, staying, going.

use crate::browser::{PASSWORD, Site};
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use sagsgang_domain::Role;

#[tokio::test]
async fn whoever_is_not_logged_in_comes_back_to_where_they_wanted_to_go() {
    let site = Site::new().await;
    let mut visitor = site.visitor();
    let page = visitor.get("/cases?view=all").await;
    assert_eq!(page.address, "/login?next=%2Fcases%3Fview%3Dall");
    let next = page.attribute("input[name=next]", "value").unwrap();
    let fields = [
        ("name", "caseworker"),
        ("password", PASSWORD),
        ("next", next.as_str()),
    ];
    let page = visitor.post("/login", &fields).await;
    assert_eq!(
        (page.status, page.address.as_str()),
        (StatusCode::OK, "/cases?view=all")
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let site = Site::new().await;
    let mut visitor = site.visitor();
    let wrong = visitor
        .post("/login", &[("name", "caseworker"), ("password", "x")])
        .await;
    let unknown = visitor
        .post("/login", &[("name", "nobody"), ("password", "x")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        wrong.texts("[role=alert]"),
        ["Brugernavn eller adgangskode er forkert."]
    );
    assert_eq!(
        wrong.source.replace("caseworker", ""),
        unknown.source.replace("nobody", "")
    );
}

#[tokio::test]
async fn logging_out_ends_the_session_and_not_only_the_cookie() {
    let site = Site::new().await;
    let mut user = site.user(Role::Caseworker).await;
    let mut thief = site.user(Role::Caseworker).await;
    assert_eq!(user.get("/cases").await.texts("h1"), ["Sager"]);
    let page = user.post("/log-out", &[]).await;
    assert_eq!(page.address, "/login");
    assert!(user.get("/cases").await.address.starts_with("/login"));
    assert_eq!(thief.get("/cases").await.texts("h1"), ["Sager"]);
}

#[tokio::test]
async fn the_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites() {
    let site = Site::new().await;
    let body = format!("name=caseworker&password={}", PASSWORD.replace(' ', "+"));
    let kind = Some("application/x-www-form-urlencoded");
    let answer = site
        .visitor()
        .once(Method::POST, "/login", kind, Body::from(body))
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_chosen_language_stays_before_and_after_log_in() {
    let site = Site::new().await;
    let mut visitor = site.visitor();
    let page = visitor
        .post("/locale", &[("locale", "en"), ("back", "/login")])
        .await;
    assert_eq!(page.texts("h1"), ["Log in"]);
    let mut user = site.user(Role::Caseworker).await;
    let page = user
        .post("/locale", &[("locale", "en"), ("back", "/cases?view=all")])
        .await;
    assert_eq!(
        (page.address.as_str(), page.texts("h1")),
        ("/cases?view=all", vec!["Cases".to_owned()])
    );
    let mut elsewhere = site.user(Role::Caseworker).await;
    assert_eq!(elsewhere.get("/cases").await.texts("h1"), ["Cases"]);
}

#[tokio::test]
async fn a_fragment_for_whoever_is_not_logged_in_sends_the_browser_to_the_log_in_page() {
    let site = Site::new().await;
    let mut visitor = site.visitor();
    visitor.fragment = true;
    let answer = visitor.get("/cases").await;
    assert_eq!(answer.headers["hx-redirect"], "/login?next=%2Fcases");
    assert!(answer.source.is_empty());
}
