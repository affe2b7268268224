//! Finding by words, from the field in the top of every page.

use crate::browser::Site;
use crate::registers::with_records;
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

#[tokio::test]
async fn the_palette_finds_cases_records_and_lists_within_the_rights_of_who_asks() {
    let site = with_records(1).await;
    let number = site.case("Manglende tømning på Lærkehaven").await;
    let mut anna = site.user(Role::Caseworker).await;
    let kept = [("name", "Lærkerne"), ("query", "view=all&q=l%C3%A6rke")];
    anna.post("/views", &kept).await;
    let page = anna.get("/search/palette?q=l%C3%A6rke").await;
    assert_eq!(page.status, StatusCode::OK);
    let said = format!("{number} Manglende tømning på LærkehavenSag");
    let options = page.texts("[role=option]");
    assert_eq!(options[..2], [said.as_str(), "LærkerneVisning"]);
    let property = &options[2];
    assert!(
        property.contains("Lærkehaven 14") && property.ends_with("Ejendom"),
        "{property}"
    );
    assert_eq!(options.len(), 3);
    let go = page.attribute("[role=option]", "data-go").unwrap();
    assert_eq!(go, format!("/cases/{number}"));
    assert!(page.source.contains(">3 fundet<"), "{}", page.source);
    for nothing in ["", "l", "giraf", "hemmelig"] {
        let page = anna.get(&format!("/search/palette?q={nothing}")).await;
        assert!(page.texts("[role=option]").is_empty(), "{nothing:?}");
    }
    let mut configurator = site.user(Role::Configurator).await;
    let page = configurator.get("/search/palette?q=over").await;
    assert_eq!(page.texts("[role=option]"), ["Over fristVisning"]);
    let page = configurator.get("/search/palette?q=l%C3%A6rkerne").await;
    assert!(
        page.texts("[role=option]").is_empty(),
        "the list of another"
    );
    let absent = anna.get("/search/nothing?q=x").await;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
}
