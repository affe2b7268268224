//! What many cases are told at once beside their own values: messages that can be taken back, templates, records, several
//! fields.

use crate::browser::{Browser, Page, Site};
use crate::bulk::{case, hidden, send};
use crate::registers::{caller, id, with_records};
use axum::http::StatusCode;
use sagsgang_domain::{
    Caller, Contact, ContactId, ContactKind, LinkKind, MessageState, NewCase, Role,
};

const UNDO: &str = "section form[action='/cases/bulk/undo']";

fn contact(number: u128, name: &str, email: &str) -> Contact {
    Contact {
        id: ContactId(id(number)),
        kind: ContactKind::Person,
        name: name.to_owned(),
        cvr: None,
        cpr: None,
        emails: vec![email.to_owned()],
        phones: Vec::new(),
        role: "owner".to_owned(),
        property: None,
        protected: false,
    }
}

/// Cases with a contact to whom e-mails go; the answer are their numbers.
async fn reachable(site: &Site, cases: usize) -> Vec<String> {
    let anna = contact(50, "Anna Lindegaard", "anna@borger.example");
    let contacts = vec![anna.id];
    site.engine.put(&caller(), anna).await.unwrap();
    let mut numbers = Vec::new();
    for _ in 0..cases {
        let new = NewCase {
            case_type: "waste.missed-collection".to_owned(),
            title: "Manglende tømning".to_owned(),
            contacts: contacts.clone(),
            ..NewCase::default()
        };
        let created = site.engine.create_case(&caller(), new, None, None).await;
        numbers.push(created.unwrap().case.number);
    }
    numbers
}

async fn change(user: &mut Browser, cases: &[String], more: &[(&str, &str)]) -> Page {
    let list = user.get("/cases?view=all").await;
    let mut asked: Vec<_> = cases.iter().map(|number| ("case", &**number)).collect();
    asked.extend_from_slice(more);
    send(user, "/cases/bulk", hidden(&list, "#bulk"), &asked).await
}

#[tokio::test]
async fn messages_to_many_wait_and_are_taken_back_with_the_rest() {
    let site = Site::with_mail_server().await;
    let cases = reachable(&site, 3).await;
    let mut user = site.user(Role::Caseworker).await;
    let mail = [
        ("channel", "email"),
        ("body", "Ruten er aflyst"),
        ("tag", "storm"),
    ];
    let page = change(&mut user, &cases, &mail).await;
    assert_eq!(page.texts("tbody .badge--ok"), ["Ændret"; 3]);
    let said = page.texts("#alerts .alert--warn").concat();
    assert!(said.contains("venter lidt"), "{said}");
    let outbox = site.engine.outbox().await.unwrap();
    assert_eq!(outbox.len(), 3);
    assert!(outbox.iter().all(|one| one.is_held(site.engine.now())));
    let number = &cases[0];
    assert!(
        outbox
            .iter()
            .any(|one| one.subject.contains(number.as_str())),
        "each has the subject of its case"
    );
    let undone = send(&mut user, "/cases/bulk/undo", hidden(&page, UNDO), &[]).await;
    assert_eq!(undone.texts("tbody .badge--ok"), ["Ændret"; 3]);
    let outbox = site.engine.outbox().await.unwrap();
    assert!(
        outbox
            .iter()
            .all(|one| one.state == MessageState::Retracted)
    );
    for number in &cases {
        assert!(case(&site, number).await.tags.is_empty());
    }
}

#[tokio::test]
async fn what_nothing_carries_is_not_offered_to_be_taken_back() {
    let site = Site::new().await;
    let cases = reachable(&site, 1).await;
    let mut user = site.user(Role::Caseworker).await;
    let mail = [("channel", "email"), ("body", "Ruten er aflyst")];
    let page = change(&mut user, &cases, &mail).await;
    assert_eq!(page.texts("tbody .badge--ok"), ["Ændret"]);
    assert!(page.texts(UNDO).is_empty() && page.texts("#alerts .alert--warn").is_empty());
    let outbox = site.engine.outbox().await.unwrap();
    assert_eq!(outbox[0].state, MessageState::Kept);
}

#[tokio::test]
async fn templates_are_filled_in_for_each_case_and_what_is_sent_twice_is_written_once() {
    let site = Site::with_mail_server().await;
    let template = "
template: answer
version: 1
title: { da: Svar }
subject: { da: 'Om sag {{ case.number }}' }
body: { da: 'Hej {{ reporter.name }}' }
";
    let broken = "
template: broken
version: 1
title: { da: Forkert }
body: { da: '{{ case.nomber }}' }
";
    let files = [template, broken].map(|text| ("x.yaml".to_owned(), text.to_owned()));
    let published = site.engine.publish(&Caller::system(), files.into()).await;
    published.unwrap();
    let cases = reachable(&site, 2).await;
    let mut user = site.user(Role::Caseworker).await;
    let list = user.get("/cases?view=all").await;
    let mut ticked = hidden(&list, "#bulk");
    ticked.extend(cases.iter().map(|one| ("case".to_owned(), one.clone())));
    let form = send(&mut user, "/cases/bulk/form", ticked, &[]).await;
    let offered = form.texts("#field-template option");
    assert_eq!(offered, ["Ingen skabelon", "Svar", "Forkert"]);
    let wish = [
        ("tag", "storm"),
        ("note", "Ringet."),
        ("noteTemplate", "answer"),
        ("channel", "email"),
        ("template", "answer"),
    ];
    for _ in 0..2 {
        let page = send(&mut user, "/cases/bulk", hidden(&form, "main form"), &wish).await;
        assert_eq!(page.texts(".alert--ok"), ["2 sager er ændret."]);
    }
    let outbox = site.engine.outbox().await.unwrap();
    assert_eq!(
        outbox.len(),
        2,
        "the form came twice, each message goes once"
    );
    for message in &outbox {
        let number = message.subject.strip_prefix("Om sag ").unwrap();
        assert!(cases.iter().any(|one| one == number));
        assert_eq!(message.text, "Hej Anna Lindegaard");
    }
    let page = user.get(&format!("/cases/{}", cases[0])).await;
    let notes = page.texts(".ev--note");
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].contains("Ringet.") && notes[0].contains("Hej Anna Lindegaard"));
    let wrong = [("noteTemplate", "broken"), ("tag", "igen")];
    let page = change(&mut user, &cases, &wrong).await;
    assert_eq!(page.texts("tbody .badge--bad").len(), 2);
    assert!(
        !case(&site, &cases[0]).await.tags.contains("igen"),
        "nothing is half done"
    );
}

#[tokio::test]
async fn records_are_linked_to_many_cases_and_unlinked_from_them() {
    let site = with_records(2).await;
    let cases = reachable(&site, 2).await;
    let bo = contact(51, "Bo Lindegaard", "bo@borger.example");
    site.engine.put(&caller(), bo.clone()).await.unwrap();
    let mut user = site.user(Role::Caseworker).await;
    let offered = user
        .get("/registers/contacts/options?linkContact=linde")
        .await;
    assert!(offered.source.contains("Bo Lindegaard (bo@borger.example)"));
    let hidden_one = user
        .get("/registers/contacts/options?linkContact=hemmelig")
        .await;
    assert!(hidden_one.source.is_empty(), "{}", hidden_one.source);
    let mut form = None;
    for vague in ["Lindegaard", "Bo Lind", "bo@borger"] {
        let answer = change(&mut user, &cases, &[("linkContact", vague)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{vague}");
        assert_eq!(answer.texts("#field-linkContact-error").len(), 1);
        form = Some(answer);
    }
    let form = form.unwrap();
    let wish = [
        ("linkContact", "Bo Lindegaard (bo@borger.example)"),
        ("linkContainer", "BH-100"),
        ("unlinkContact", "anna@borger.example"),
    ];
    let page = send(&mut user, "/cases/bulk", hidden(&form, "main form"), &wish).await;
    assert_eq!(page.texts(".alert--ok"), ["2 sager er ændret."]);
    for number in &cases {
        let case = case(&site, number).await;
        assert_eq!(case.contacts, [bo.id]);
        assert_eq!(case.containers.len(), 1);
    }
    let undone = send(&mut user, "/cases/bulk/undo", hidden(&page, UNDO), &[]).await;
    assert_eq!(undone.texts(".alert--ok"), ["2 sager er ændret."]);
    let restored = case(&site, &cases[1]).await;
    assert_eq!(restored.contacts, [ContactId(id(50))]);
    assert!(!sagsgang_domain::fold::is_linked(
        &restored,
        LinkKind::Container,
        id(100)
    ));
}
