//! Every row of the table of routes, for everybody.

use crate::browser::Site;
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use sagsgang_domain::Role;
use sagsgang_ui::{Access, routes};

fn filled(path: &str) -> String {
    let id = "0193a1b2-0000-7000-8000-000000000001";
    path.replace("{number}", "2026-999999")
        .replace("{action}", "none")
        .replace("{name}", "none")
        .replace("{id}", id)
        .replace("{kind}", "containers")
        .replace("{namespace}/{name}", "-/new")
        .replace("{run}", id)
        .replace("{decision}", "retry")
        .replace("{deed}", "try")
        .replace("{plugin}", "none")
        .replace("{*elsewhere}", "no/such")
}

#[tokio::test]
async fn no_page_answers_whoever_is_not_logged_in() {
    let site = Site::new().await;
    for row in routes().iter().filter(|row| row.right != Access::Anyone) {
        let kind = Some("application/x-www-form-urlencoded");
        let answer = site
            .visitor()
            .once(row.method.clone(), &filled(row.path), kind, Body::empty())
            .await;
        let location = answer
            .headers
            .get(header::LOCATION)
            .and_then(|one| one.to_str().ok())
            .unwrap_or_default();
        assert!(
            location.starts_with("/login?next="),
            "{} {}: {}",
            row.method,
            row.path,
            answer.status
        );
    }
}

#[tokio::test]
async fn a_page_without_its_right_looks_like_one_that_does_not_exist() {
    let site = Site::new().await;
    for role in Role::PEOPLE {
        let mut user = site.user(role).await;
        for row in routes() {
            let Access::Right(right) = row.right else {
                continue;
            };
            if right.roles().contains(&role) {
                continue;
            }
            let kind = Some("application/x-www-form-urlencoded");
            let answer = user
                .once(row.method.clone(), &filled(row.path), kind, Body::empty())
                .await;
            assert_eq!(
                answer.status,
                StatusCode::NOT_FOUND,
                "{role} {} {}",
                row.method,
                row.path
            );
        }
    }
    let mut configurator = site.user(Role::Configurator).await;
    let (hidden, absent) = (
        configurator.get("/inbox").await,
        configurator.get("/no/such").await,
    );
    assert_eq!(
        hidden.source.replace("/inbox", ""),
        absent.source.replace("/no/such", "")
    );
}

#[tokio::test]
async fn every_page_that_can_be_read_answers_its_readers() {
    let site = Site::new().await;
    let mut user = site.user(Role::Administrator).await;
    let shown = routes()
        .into_iter()
        .filter(|row| row.method == Method::GET && !row.path.contains('{'));
    for row in shown {
        let page = user.get(row.path).await;
        assert_eq!(
            (page.status, page.texts("h1").len()),
            (StatusCode::OK, 1),
            "{}",
            row.path
        );
        assert_eq!(page.headers[header::VARY], "HX-Request", "{}", row.path);
        assert_eq!(
            page.headers[header::CACHE_CONTROL],
            "no-store",
            "{}",
            row.path
        );
    }
}
