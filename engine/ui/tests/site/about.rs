//! Lists of the cases that are about something.

use crate::browser::Site;
use crate::registers::{caller, id, with_records};
use sagsgang_domain::{ContactId, ContainerId, NewCase, PropertyId, Role};

async fn case(site: &Site, title: &str, new: NewCase) -> String {
    let new = NewCase {
        case_type: "waste.missed-collection".to_owned(),
        title: title.to_owned(),
        ..new
    };
    let created = site.engine.create_case(&caller(), new, None, None).await;
    created.unwrap().case.number
}

#[tokio::test]
async fn a_record_leads_to_its_cases_and_a_case_to_the_other_ones() {
    let site = with_records(2).await;
    let at_property = || NewCase {
        property: Some(PropertyId(id(1))),
        ..NewCase::default()
    };
    let first = NewCase {
        containers: vec![ContainerId(id(100))],
        contacts: vec![ContactId(id(3))],
        tags: vec!["storm".to_owned()],
        ..at_property()
    };
    let first = case(&site, "Første", first).await;
    case(&site, "Anden", at_property()).await;
    case(&site, "Et andet sted", NewCase::default()).await;
    let mut user = site.user(Role::Caseworker).await;

    let page = user.get(&format!("/registers/properties/{}", id(1))).await;
    let list = page.attribute("#all-cases", "href").unwrap();
    let list = user.get(&list).await;
    assert_eq!(list.texts("tbody .title"), ["Anden", "Første"]);
    let chips = list.texts(".toolbar .chip");
    assert!(
        chips.contains(&"Ejendom: Lærkehaven 14 (0999-048213)".to_owned()),
        "{chips:?}"
    );
    for (address, titles) in [
        ("property=0999-048213", vec!["Anden", "Første"]),
        ("property=0999-000000", vec![]),
        ("property=L%C3%A6rkehaven", vec![]),
        ("container=BH-100", vec!["Første"]),
        ("container=BH-101", vec![]),
        ("area=Nord", vec!["Anden", "Første"]),
        ("area=Syd", vec![]),
        ("area=Nord&tag=storm", vec!["Første"]),
        ("createdFrom=2020-01-01&createdTo=2020-12-31", vec![]),
        ("area=Nord&createdFrom=2020-01-01", vec!["Anden", "Første"]),
        ("updatedTo=2020-01-01", vec![]),
        ("dueFrom=2020-01-01", vec![]),
    ] {
        let list = user.get(&format!("/cases?view=all&{address}")).await;
        assert_eq!(list.texts("tbody .title"), titles, "{address}");
    }
    let contact = user.get(&format!("/registers/contacts/{}", id(3))).await;
    let list = contact.attribute("#all-cases", "href").unwrap();
    let list = user.get(&list).await;
    assert_eq!(list.texts("tbody .title"), ["Første"]);
    let held = list.attribute(".toolbar input[name=contact]", "value");
    assert_eq!(held, Some(id(3).to_string()), "other filters keep it");
    assert!(!list.source.contains("Hemmelig"), "a protection holds");

    let page = user.get(&format!("/cases/{first}")).await;
    let others = page.texts("#panel-property dd a");
    assert_eq!(others, ["1 anden sag, heraf 1 åben"]);
    let list = page.attribute("#panel-property dd a", "href").unwrap();
    assert_eq!(user.get(&list).await.texts("tbody .title").len(), 2);
    assert!(
        page.texts("#panel-container dd a").is_empty(),
        "there is no other about the container"
    );
}

#[tokio::test]
async fn columns_show_what_a_case_is_about() {
    let site = with_records(2).await;
    let new = NewCase {
        property: Some(PropertyId(id(1))),
        containers: vec![ContainerId(id(101)), ContainerId(id(100))],
        tags: vec!["glat".to_owned(), "storm".to_owned()],
        ..NewCase::default()
    };
    case(&site, "Sag", new).await;
    case(&site, "Tom", NewCase::default()).await;
    let mut user = site.user(Role::Caseworker).await;
    let columns = "area%2Cproperty%2Ccontainers%2Ctags";
    let list = user
        .get(&format!("/cases?view=all&sort=created&columns={columns}"))
        .await;
    let heads = list.texts("thead th");
    let expected = ["Område", "Ejendomsnummer", "Beholder", "Tags"];
    assert_eq!(heads[2..], expected);
    let cells = list.texts("tbody td.opt");
    let empty = ["", "", "", ""];
    assert_eq!(cells[..4], empty);
    assert_eq!(
        cells[4..],
        ["Nord", "0999-048213", "BH-101, BH-100", "glat, storm"]
    );
}

#[tokio::test]
async fn a_day_that_does_not_exist_is_told_and_lists_nothing_in_its_place() {
    let site = with_records(0).await;
    case(&site, "Sag", NewCase::default()).await;
    let mut user = site.user(Role::Caseworker).await;
    let all = user.get("/cases?view=all&createdFrom=2026-02-28").await;
    assert!(all.texts("#alerts [role=alert]").is_empty());
    let wrong = "/cases?view=all&createdFrom=2026-02-31";
    let list = user.get(wrong).await;
    let said = list.texts("#alerts [role=alert]").concat();
    assert!(said.contains("2026-02-31 findes ikke"), "{said}");
    assert_eq!(list.texts("#field-createdFrom-error").len(), 1);
    assert!(list.texts("tbody tr").is_empty(), "not the whole list");
    let chips = list.texts(".chip").concat();
    assert!(
        chips.contains("2026-02-31"),
        "it can be taken away: {chips}"
    );
    let file = wrong.replace("/cases?", "/cases/export/csv?");
    let told = user.get(&file).await;
    assert_eq!(
        told.texts("#field-createdFrom-error").len(),
        1,
        "no empty file"
    );
}
