//! Finding by words, from the field in the top of every page.

use crate::browser::Site;
use axum::http::StatusCode;
use sagsgang_domain::Role;

#[tokio::test]
async fn what_was_just_written_is_found_and_a_whole_number_opens_its_case() {
    let site = Site::new().await;
    let number = site.case("Manglende tømning på Lærkehaven").await;
    site.case("Væltet spand").await;
    let mut anna = site.user(Role::Caseworker).await;
    let note = [("kind", "note"), ("body", "Vejen var spærret af en kran.")];
    anna.post(&format!("/cases/{number}/entries"), &note).await;

    let page = anna.get("/search?q=l%C3%A6rkehaven").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.texts("td a.title").len(), 1);
    let page = anna.get("/search?q=kran&kind=note").await;
    assert_eq!(page.texts("td mark"), ["kran"]);
    let page = anna.get("/search?q=giraf").await;
    assert_eq!(page.texts(".empty h3"), ["Intet fundet for „giraf“"]);
    let page = anna.get("/search").await;
    assert_eq!(page.status, StatusCode::OK);
    let page = anna.get(&format!("/search?q={number}")).await;
    assert_eq!(page.address, format!("/cases/{number}"));
}
