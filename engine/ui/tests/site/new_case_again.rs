//! A new case whose form comes back, is sent again, or is used a second time.

use crate::browser::{Page, Site};
use crate::registers::with_records;
use axum::http::StatusCode;
use sagsgang_domain::{Actor, ActorKind, Caller, Role, WantedRecord};
use sagsgang_runtime::{CaseFilter, CaseSort};

const CASE_TYPE: &str = "
caseType: waste.ticked
version: 1
title: { da: Afkrydset, en: Ticked }
fields:
  type: object
  properties:
    shared: { type: boolean, title: Delt, default: true }
    days: { type: array, title: Dage, items: { enum: [mon, tue] }, default: [mon] }
statuses: { created: { initial: true }, closed: { final: true } }
transitions: [{ name: collected, from: [created], to: closed }]
";

async fn site() -> Site {
    let site = with_records(2).await;
    let files = vec![("ticked.yaml".to_owned(), CASE_TYPE.to_owned())];
    site.engine.publish(&Caller::system(), files).await.unwrap();
    site
}

/// The boxes that are ticked.
fn ticked(page: &Page) -> Vec<String> {
    let fields = page.form("main form");
    let names = fields.into_iter().map(|(name, _)| name);
    names.filter(|name| name.starts_with("fields.")).collect()
}

#[tokio::test]
async fn a_box_that_was_unticked_stays_so_when_the_form_comes_back() {
    let site = site().await;
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get("/cases/new?caseType=waste.ticked").await;
    assert_eq!(ticked(&page), ["fields.shared", "fields.days[mon]"]);
    let drawn = ("drawn", "waste.ticked");
    let unticked = [("caseType", "waste.ticked"), ("title", ""), drawn];
    let page = user.post("/cases", &unticked).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(ticked(&page), [""; 0]);
    // Of another type nothing was shown yet: it begins as its type has it.
    let other = [
        ("caseType", "waste.ticked"),
        ("drawn", "waste.missed-collection"),
    ];
    let page = user.post("/cases/new", &other).await;
    assert_eq!(ticked(&page), ["fields.shared", "fields.days[mon]"]);
}

#[tokio::test]
async fn a_box_that_was_unticked_for_a_message_stays_so_too() {
    let site = site().await;
    let mail =
        "From: bo@borger.example\r\nTo: affald@kommune.example\r\nSubject: Hej\r\n\r\nHej.\r\n";
    let message = site.engine.deliver_mail(mail.into()).await.unwrap();
    let form = format!("/inbox/{}/form", message.id);
    let mut user = site.user(Role::Caseworker).await;
    let page = user.post(&form, &[("caseType", "waste.ticked")]).await;
    let drawn = page.attribute("input[name=drawn]", "value").unwrap();
    assert_eq!(drawn, "waste.ticked");
    let unticked = [("caseType", "waste.ticked"), ("drawn", &*drawn)];
    let page = user.post(&form, &unticked).await;
    let boxes = page.texts("input[type=checkbox][checked][name^=fields]");
    assert_eq!(boxes.len(), 0, "{}", page.source);
}

#[tokio::test]
async fn a_reporter_whom_somebody_else_has_written_to_is_left_alone() {
    let site = site().await;
    let mut user = site.user(Role::Caseworker).await;
    let id = site.engine.fresh_id();
    let text = id.to_string();
    let refused = [
        ("caseType", "waste.ticked"),
        ("title", "Klage"),
        ("newContact.id", &*text),
        ("newContact.name", "Bo Borgr"),
        ("priority", "nonsense"),
    ];
    user.post("/cases", &refused).await;
    let mut contact = site.engine.contact(id.into()).await.unwrap().unwrap();
    "Bo Borger".clone_into(&mut contact.name);
    contact.protected = true;
    let wanted = WantedRecord {
        record: contact.into(),
        external: None,
        brought_by: None,
    };
    let other = Caller {
        actor: Actor::new(ActorKind::Person, "kollega"),
        roles: vec![Role::Lead],
    };
    site.engine.put_record(&other, wanted, None).await.unwrap();
    let again = [
        ("caseType", "waste.ticked"),
        ("title", "Klage"),
        ("newContact.id", &*text),
        ("newContact.name", "Eva Hansen"),
    ];
    let made = user.post("/cases", &again).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.source);
    let contact = site.engine.contact(id.into()).await.unwrap().unwrap();
    assert!(contact.protected, "protection is kept: {contact:?}");
    let of_contact = CaseFilter {
        contact: Some(id.into()),
        ..CaseFilter::default()
    };
    assert_eq!(site.engine.count_cases(&of_contact, 1).await.unwrap(), 0);
}

#[tokio::test]
async fn a_reporter_whose_case_was_refused_is_corrected_and_one_with_a_case_stays() {
    let site = site().await;
    let mut user = site.user(Role::Caseworker).await;
    let id = site.engine.fresh_id().to_string();
    let base = [
        ("caseType", "waste.ticked"),
        ("title", "Klage"),
        ("newContact.id", &*id),
    ];
    let send = |changes: &[(&'static str, &'static str)]| {
        let fields = base.iter().copied().chain(changes.iter().copied());
        fields.collect::<Vec<_>>()
    };
    let contact = async || {
        let id = id.parse::<uuid::Uuid>().unwrap();
        site.engine.contact(id.into()).await.unwrap()
    };
    let wrong = send(&[("newContact.name", "Bo Borgr"), ("priority", "nonsense")]);
    let page = user.post("/cases", &wrong).await;
    assert_eq!(
        page.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        page.source
    );

    let right = send(&[("newContact.name", "Bo Borger")]);
    let made = user.post("/cases", &right).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.source);
    assert_eq!(contact().await.unwrap().name, "Bo Borger");

    // Back to the form, and somebody else is written into it.
    let next = send(&[("newContact.name", "Eva Hansen")]);
    user.post("/cases", &next).await;
    assert_eq!(
        contact().await.unwrap().name,
        "Bo Borger",
        "the first one's case keeps its reporter"
    );
    let filter = CaseFilter::default();
    let cases = site
        .engine
        .list_cases(&filter, CaseSort::Updated, None, 10)
        .await;
    for case in cases
        .unwrap()
        .items
        .iter()
        .filter(|one| one.title == "Klage")
    {
        let found = sagsgang_runtime::CaseRef::Number(case.number.clone());
        let case = site.engine.case(&found).await.unwrap().unwrap();
        assert_eq!(case.contacts.len(), 1);
    }
}

#[tokio::test]
async fn what_was_said_after_saving_leaves_the_address() {
    let site = site().await;
    let number = site.case("Klage").await;
    let mut user = site.user(Role::Caseworker).await;
    user.fragment = true;
    let address = format!("/cases/{number}?saved=note&tab=property");
    let page = user.get(&address).await;
    let plain = page.headers.get("hx-replace-url").unwrap();
    assert_eq!(plain, &format!("/cases/{number}?tab=property"));
    let page = user.get(&format!("/cases/{number}?saved=note")).await;
    let plain = page.headers.get("hx-replace-url").unwrap();
    assert_eq!(plain, &format!("/cases/{number}"));
    let page = user.get(&format!("/cases/{number}?tab=property")).await;
    assert!(page.headers.get("hx-replace-url").is_none());
}
