//! Macros, templates and tags.

use crate::browser::{Browser, Site};
use axum::http::StatusCode;
use sagsgang_domain::{Caller, Role};

const MACRO: &str = "
macro: take-over
version: 1
title: { da: Tag sagen, en: Take the case }
key: T
caseTypes: [waste.missed-collection]
commands:
  - { type: assign, assignee: '{{ user.id }}' }
  - { type: set-status, status: open }
  - { type: note, text: 'Overtaget af {{ user.name }}: {{ case.title }}' }
";
const ELSEWHERE: &str = "
macro: elsewhere
version: 1
title: { da: Noget andet }
caseTypes: [waste.other]
commands: [ { type: note, text: x } ]
";
const IMPOSSIBLE: &str = "
macro: close-at-once
version: 1
title: { da: Luk straks }
commands:
  - { type: note, text: Lukkes }
  - { type: set-status, status: closed }
";
const TEMPLATE: &str = "
template: answer
version: 1
title: { da: Svar }
subject: { da: 'Om sag {{ case.number }}' }
body: { da: 'Hej fra {{ municipality }}' }
";

async fn opened() -> (Site, Browser, String) {
    let site = Site::new().await;
    let files = [MACRO, ELSEWHERE, IMPOSSIBLE, TEMPLATE];
    let files = files.map(|text| ("x.yaml".to_owned(), text.to_owned()));
    let published = site.engine.publish(&Caller::system(), files.into()).await;
    assert_eq!(published.unwrap().len(), 4);
    let number = site.case("Manglende tømning").await;
    let user = site.user(Role::Caseworker).await;
    (site, user, format!("/cases/{number}"))
}

#[tokio::test]
async fn a_macro_does_several_things_with_one_click() {
    let (_site, mut user, case) = opened().await;
    let page = user.get(&case).await;
    let labels = page.texts("#actions form button");
    assert_eq!(labels, ["Luk straks", "Tag sagenShiftT"]);
    let listed = page.texts("#action-macro-take-over");
    assert_eq!(listed, ["Tag sagenShiftT"], "the palette offers it too");
    let page = user.post(&format!("{case}/macros/take-over"), &[]).await;
    assert_eq!(page.texts("#status option[selected]"), ["Åben"]);
    assert_eq!(
        page.texts("#assignee option[selected]"),
        ["Jonas caseworker (mig)"]
    );
    assert_eq!(
        page.texts(".ev--note .msg__body"),
        ["Overtaget af Jonas caseworker: Manglende tømning"]
    );
    let other = user.post(&format!("{case}/macros/elsewhere"), &[]).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_macro_of_which_a_part_is_refused_does_nothing() {
    let (_site, mut user, case) = opened().await;
    let page = user
        .post(&format!("{case}/macros/close-at-once"), &[])
        .await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.texts("#alerts [role=alert]")[0].contains("Oprettet til Lukket"));
    assert!(page.texts(".ev--note").is_empty());
}

#[tokio::test]
async fn a_template_is_read_in_the_composer_before_it_is_sent() {
    let (_site, mut user, case) = opened().await;
    let page = user.get(&case).await;
    assert_eq!(page.texts("#template option"), ["Ingen skabelon", "Svar"]);
    let fields = [
        ("kind", "email"),
        ("address", "anna@borger.example"),
        ("subject", "Gammelt emne"),
        ("body", "Kære Anna"),
        ("template", "answer"),
    ];
    let page = user.post(&format!("{case}/template"), &fields).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.texts("#msg")[0].starts_with("Kære Anna Hej fra"),
        "{:?}",
        page.texts("#msg")
    );
    let subject = page.attribute("#mail-su", "value").unwrap();
    assert!(subject.starts_with("Om sag 20"), "{subject}");
    assert!(page.texts(".ev--out").is_empty(), "nothing is sent yet");
    let form = page.form("#composer");
    let form: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let page = user.post(&format!("{case}/entries"), &form).await;
    assert!(page.texts(".alert--warn")[0].starts_with("E-mail er gemt, men ikke sendt"));
    let unknown = user
        .post(
            &format!("{case}/template"),
            &[("template", "none"), ("body", "Bliver")],
        )
        .await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(unknown.texts("#msg"), ["Bliver"]);
}

#[tokio::test]
async fn tags_are_set_offered_listed_and_removed() {
    let (site, mut user, case) = opened().await;
    let page = user
        .post(&format!("{case}/tags"), &[("tag", " storm & sne ")])
        .await;
    assert_eq!(page.texts(".saved"), ["Tag tilføjet"]);
    let other = site.case("En anden").await;
    user.post(&format!("/cases/{other}/tags"), &[("tag", "storm & sne")])
        .await;
    user.post(&format!("/cases/{other}/tags"), &[("tag", "sommer")])
        .await;
    let offered = user.get("/options/tags?tag=st").await;
    assert_eq!(
        offered.attribute("option", "value").as_deref(),
        Some("storm & sne")
    );
    let list = user.get("/tags").await;
    assert_eq!(list.texts("tbody td"), ["sommer", "1", "storm & sne", "2"]);
    let cases = user
        .get(&list.attribute("tbody tr:last-child a", "href").unwrap())
        .await;
    assert_eq!(cases.texts("tbody .title").len(), 2);
    let page = user
        .post(&format!("{case}/untag"), &[("tag", "storm & sne")])
        .await;
    assert_eq!(page.texts("#h-tags, .chip"), ["Tags"]);
    let empty = user.post(&format!("{case}/tags"), &[("tag", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_macro_is_carried_out_on_many_cases_at_once() {
    let (site, mut user, first) = opened().await;
    let second = site.case("Knækket hjul").await;
    let first = first.trim_start_matches("/cases/").to_owned();
    let fields = [
        ("case", first.as_str()),
        ("case", second.as_str()),
        ("back", "/cases?view=all"),
        ("key", "1"),
        ("macro", "take-over"),
    ];
    let form = user.post("/cases/bulk/form", &fields[..3]).await;
    let options = form.texts("#field-macro option");
    assert_eq!(options, ["Uændret", "Luk straks", "Tag sagen"]);
    let page = user.post("/cases/bulk", &fields).await;
    assert_eq!(page.texts("tbody .badge--ok"), ["Ændret", "Ændret"]);
    for number in [&first, &second] {
        let case = user.get(&format!("/cases/{number}")).await;
        assert_eq!(case.texts(".steps .now"), ["Åben"]);
        assert_eq!(case.texts(".ev--note").len(), 1);
    }
    let again = user.post("/cases/bulk", &fields).await;
    assert_eq!(
        again.texts("tbody .badge--ok").len(),
        2,
        "sent twice, done once"
    );
    let case = user.get(&format!("/cases/{second}")).await;
    assert_eq!(case.texts(".ev--note").len(), 1);
    let other = [fields[0], fields[2], ("key", "2"), ("macro", "elsewhere")];
    let refused = user.post("/cases/bulk", &other).await;
    let said = refused.texts("tbody .badge--bad");
    assert_eq!(said, ["Sagstypen har ikke makroen"]);
}
