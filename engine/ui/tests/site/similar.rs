//! Cases that a new one may repeat, before it is made.

use crate::browser::Site;
use crate::registers::with_records;
use axum::http::StatusCode;
use sagsgang_domain::Role;

const TYPE: (&str, &str) = ("caseType", "waste.missed-collection");
const PROPERTY: (&str, &str) = ("property", "0999-048213");

fn mail() -> Vec<u8> {
    b"From: ukendt@borger.example\r\nTo: affald@kommune.example\r\nSubject: Igen\r\nMessage-ID: <7@borger.example>\r\n\r\nIgen ikke hentet.\r\n".to_vec()
}

async fn first(site: &Site) -> String {
    let mut user = site.user(Role::Caseworker).await;
    let fields = [TYPE, ("title", "Meldt først"), PROPERTY];
    let page = user.post("/cases", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.source);
    page.address.trim_start_matches("/cases/").to_owned()
}

#[tokio::test]
async fn a_new_case_shows_what_it_may_repeat_once_and_can_be_linked_to_it() {
    let site = with_records(0).await;
    let number = first(&site).await;
    let mut user = site.user(Role::Caseworker).await;
    let fields = [TYPE, ("title", "Meldt igen"), PROPERTY];
    let shown = user.post("/cases", &fields).await;
    assert_eq!(shown.status, StatusCode::CONFLICT);
    assert!(shown.texts("#similar a")[0].contains(&number));
    assert_eq!(
        shown.attribute("#field-title", "value").unwrap(),
        "Meldt igen"
    );
    let seen = shown.attribute("input[name=seen]", "value").unwrap();
    let fields = [
        TYPE,
        fields[1],
        PROPERTY,
        ("seen", &seen),
        ("relate", &number),
    ];
    let made = user.post("/cases", &fields).await;
    assert_eq!(made.texts(".saved"), ["Sagerne er forbundet"]);
    assert!(made.texts(".info .ties li")[0].contains(&number));

    let part = user
        .get("/cases/new?caseType=waste.missed-collection&property=0999-048213")
        .await;
    assert_eq!(part.texts("#similar li").len(), 2);
    let none = user.get("/cases/new").await;
    assert!(none.texts("#similar li").is_empty());
}

#[tokio::test]
async fn a_property_that_is_not_there_is_told_at_its_field() {
    let site = with_records(0).await;
    let mut user = site.user(Role::Caseworker).await;
    let fields = [TYPE, ("title", "Hvor?"), ("property", "0999-999999")];
    let page = user.post("/cases", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.texts("#field-property-error").len(), 1);
    assert_eq!(page.attribute("#field-title", "value").unwrap(), "Hvor?");
}

#[tokio::test]
async fn a_message_can_go_to_the_case_that_is_there() {
    let site = with_records(0).await;
    let number = first(&site).await;
    let message = site.engine.deliver_mail(mail()).await.unwrap();
    let address = format!("/inbox/{}", message.id);
    let mut user = site.user(Role::Caseworker).await;
    let fields = [TYPE, ("title", "Igen"), PROPERTY];
    let shown = user.post(&format!("{address}/case"), &fields).await;
    assert_eq!(shown.status, StatusCode::CONFLICT);
    let target = shown.attribute("#similar button", "formaction").unwrap();
    let chosen = shown.attribute("#similar button", "value").unwrap();
    assert_eq!(
        (target.as_str(), &chosen),
        (format!("{address}/link").as_str(), &number)
    );
    let case = user.post(&target, &[("number", &chosen)]).await;
    assert!(case.texts("h1")[0].contains(&number));
    assert_eq!(case.texts(".ev--in").len(), 1);
}
