//! Linking, merging and splitting cases.

use crate::browser::Site;
use axum::http::StatusCode;
use sagsgang_domain::Role;

#[tokio::test]
async fn a_case_is_found_by_its_words_linked_and_unlinked() {
    let site = Site::new().await;
    let (one, other) = (
        site.case("Manglende tømning").await,
        site.case("Knækket hjul").await,
    );
    let mut user = site.user(Role::Caseworker).await;
    let found = user.get(&format!("/cases/{one}/tie?q=hjul")).await;
    assert_eq!(
        found.attribute("#found input[name=number]", "value"),
        Some(other.clone())
    );
    let fields = [("number", other.as_str()), ("relation", "child")];
    let page = user.post(&format!("/cases/{one}/link"), &fields).await;
    assert_eq!(page.texts(".saved"), ["Sagerne er forbundet"]);
    assert_eq!(
        page.texts(".info .ties li > div"),
        [format!("delsag {other} Knækket hjul Oprettet")]
    );
    let page = user.get(&format!("/cases/{other}")).await;
    assert_eq!(
        page.texts(".info .ties li > div"),
        [format!("hovedsag {one} Manglende tømning Oprettet")]
    );
    let again = user.post(&format!("/cases/{one}/link"), &fields).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.texts("[role=alert]")[0].contains("allerede"));
    let unknown = user
        .post(&format!("/cases/{one}/link"), &[("number", "2026-999999")])
        .await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let id = page.attribute(".ties button[name=value]", "value").unwrap();
    let fields = [("kind", "case"), ("value", id.as_str())];
    let page = user.post(&format!("/cases/{other}/unlink"), &fields).await;
    assert!(page.texts(".info .ties li").is_empty());
}

#[tokio::test]
async fn a_merged_case_points_to_the_other_one_which_shows_what_was_said() {
    let site = Site::new().await;
    let (one, other) = (
        site.case("Meldt først").await,
        site.case("Meldt igen").await,
    );
    let mut user = site.user(Role::Caseworker).await;
    let note = [("kind", "note"), ("body", "Naboen har også ringet")];
    user.post(&format!("/cases/{other}/entries"), &note).await;
    let page = user
        .post(
            &format!("/cases/{other}/merge"),
            &[("number", one.as_str())],
        )
        .await;
    assert!(page.texts("h1")[0].starts_with(&one), "it opens the target");
    let cards = page.texts(".log .msg");
    assert!(
        cards
            .iter()
            .any(|card| card.contains("Naboen har også ringet")
                && card.contains(&format!("fra {other}"))),
        "{cards:?}"
    );
    let closed = user.get(&format!("/cases/{other}")).await;
    assert_eq!(closed.texts(".steps .now"), ["Lukket"]);
    assert!(closed.texts(".composer").is_empty());
    assert!(closed.texts(".alert")[0].contains(&one));
    let back = user.post(&format!("/cases/{other}/unmerge"), &[]).await;
    assert_eq!(back.texts(".saved"), ["Fletningen er fortrudt"]);
    assert_eq!(back.texts(".steps .now"), ["Oprettet"]);
    let page = user.get(&format!("/cases/{one}")).await;
    assert!(!page.source.contains("Naboen har også ringet"));
}

#[tokio::test]
async fn a_case_is_split_by_its_notes() {
    let site = Site::new().await;
    let number = site.case("To ting").await;
    let mut user = site.user(Role::Caseworker).await;
    let note = [("kind", "note"), ("body", "Hækken skal klippes")];
    user.post(&format!("/cases/{number}/entries"), &note).await;
    let form = user.get(&format!("/cases/{number}/split")).await;
    let seq = form.attribute("input[name=entry]", "value").unwrap();
    let none = [("title", "Hæk"), ("caseType", "waste.missed-collection")];
    let refused = user.post(&format!("/cases/{number}/split"), &none).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        refused.attribute("#field-title", "value"),
        Some("Hæk".to_owned())
    );
    let fields = [none[0], none[1], ("entry", seq.as_str())];
    let page = user.post(&format!("/cases/{number}/split"), &fields).await;
    assert!(page.texts("h1")[0].ends_with("Hæk"));
    assert!(page.texts(".log .msg")[0].contains("Hækken skal klippes"));
    assert!(page.texts(".info .ties li")[0].contains(&number));
}
