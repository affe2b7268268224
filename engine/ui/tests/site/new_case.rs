//! A new case by hand: all that a case can have, on one form that loses nothing.

use crate::browser::{Browser, Page, Site};
use crate::registers::{id, with_records};
use axum::http::StatusCode;
use sagsgang_domain::{Caller, Contact, ContactId, ContactKind, Intake, Role, Timestamp};
use sagsgang_runtime::{CaseFilter, CaseRef};
use serde_json::{Value, json};

const CASE_TYPE: &str = "
caseType: waste.every-kind
version: 1
title: { da: Alle slags, en: Every kind }
fields:
  type: object
  properties:
    fractions: { type: array, title: Fraktioner, maxItems: 2, items: { enum: [food, residual, paper] } }
    names: { type: array, title: Navne, items: { type: string } }
    volume: { title: Volumen, enum: [140, 240] }
    pieces: { type: integer, title: Antal, minimum: 1 }
    weight: { type: number, title: Vægt }
    heavy: { type: boolean, title: Tungt }
    on: { type: string, format: date, title: Dag }
    met: { type: string, format: date-time, title: Tidspunkt }
    place: { type: object, title: Sted, properties: {
      road: { type: string, title: Vej }, floor: { type: integer, title: Etage },
      gate: { type: object, title: Port, properties: { code: { type: string, title: Kode } } } } }
statuses: { created: { initial: true }, closed: { final: true } }
transitions: [{ name: collected, from: [created], to: closed, requires: [place] }]
";

const FIELDS: [(&str, &str); 13] = [
    ("caseType", "waste.every-kind"),
    ("title", "Alt på én gang"),
    ("fields.fractions[food]", "true"),
    ("fields.fractions[paper]", "true"),
    ("fields.names", "Anna\r\nBo"),
    ("fields.volume", "240"),
    ("fields.pieces", "2"),
    ("fields.weight", "2,5"),
    ("fields.heavy", "true"),
    ("fields.on", "2026-11-25"),
    ("fields.met", "2026-07-01T12:00"),
    ("fields.place.road", "Åvej"),
    ("fields.place.gate.code", "12"),
];

async fn site() -> Site {
    let site = with_records(2).await;
    let files = vec![("every-kind.yaml".to_owned(), CASE_TYPE.to_owned())];
    site.engine.publish(&Caller::system(), files).await.unwrap();
    let anna = Contact {
        id: ContactId(id(4)),
        kind: ContactKind::Person,
        name: "Anna Lindegaard".to_owned(),
        cvr: None,
        cpr: None,
        emails: vec!["anna@borger.example".to_owned()],
        phones: Vec::new(),
        role: "tenant".to_owned(),
        property: None,
        protected: false,
    };
    site.engine
        .put(&crate::registers::caller(), anna)
        .await
        .unwrap();
    site
}

fn with<'f>(changes: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let kept = FIELDS.into_iter();
    let kept = kept.filter(|(name, _)| changes.iter().all(|(other, _)| name != other));
    kept.chain(changes.iter().copied()).collect()
}

/// Sends a form of a page again as it stands, but for some of its fields.
async fn send(user: &mut Browser, page: &Page, form: &str, changes: &[(&str, &str)]) -> Page {
    let mut fields = page.form(form);
    fields.retain(|(name, _)| changes.iter().all(|(other, _)| name != other));
    let fields = fields.iter().map(|(name, text)| (&**name, &**text));
    let fields: Vec<_> = fields.chain(changes.iter().copied()).collect();
    let action = page.attribute(form, "action").unwrap();
    user.post(&action, &fields).await
}

async fn fields_of(site: &Site, page: &Page) -> Value {
    let number = page.address.trim_start_matches("/cases/");
    let number = number.split('?').next().unwrap().to_owned();
    let case = site.engine.case(&CaseRef::Number(number)).await;
    Value::Object(case.unwrap().unwrap().fields)
}

#[tokio::test]
async fn every_kind_of_field_is_filled_in_shown_and_changed() {
    let site = site().await;
    let mut user = site.user(Role::Caseworker).await;
    let made = user.post("/cases", &FIELDS).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.source);
    let all = json!({
        "fractions": ["food", "paper"], "names": ["Anna", "Bo"], "volume": 240, "pieces": 2, "weight": 2.5,
        "heavy": true, "on": "2026-11-25", "met": "2026-07-01T10:00:00Z",
        "place": { "road": "Åvej", "gate": { "code": "12" } },
    });
    assert_eq!(fields_of(&site, &made).await, all);
    let shown = made.texts("[aria-labelledby=h-details] .facts dd");
    for words in [
        "Madaffald, Papir",
        "Anna, Bo",
        "2,5",
        "Vej: Åvej; Port: Kode: 12",
    ] {
        assert!(shown.iter().any(|one| one == words), "{words}: {shown:?}");
    }

    let form = made.attribute("#edit-details", "href").unwrap();
    let form = user.get(&form).await;
    let unchanged = send(&mut user, &form, "#edit-form", &[]).await;
    assert_eq!(unchanged.version(), made.version(), "nothing was written");
    let changes = [
        ("fields.fractions[food]", ""),
        ("fields.place.floor", "3"),
        ("fields.place.gate.code", ""),
        ("fields.names", ""),
        ("fields.met", "2026-12-01T12:00"),
    ];
    // A box that is not ticked is not sent.
    let mut boxes = form.form("#edit-form");
    boxes.retain(|(name, _)| !changes.iter().any(|(other, _)| name == other));
    let boxes = boxes.iter().map(|(name, text)| (&**name, &**text));
    let boxes: Vec<_> = boxes.chain(changes[1..].iter().copied()).collect();
    let action = form.attribute("#edit-form", "action").unwrap();
    let saved = user.post(&action, &boxes).await;
    assert_eq!(
        saved.texts(".saved"),
        ["Oplysningerne er gemt"],
        "{}",
        saved.source
    );
    let mut expected = all.clone();
    expected["fractions"] = json!(["paper"]);
    expected["place"] = json!({ "road": "Åvej", "floor": 3 });
    expected["met"] = json!("2026-12-01T11:00:00Z");
    expected.as_object_mut().unwrap().remove("names");
    assert_eq!(fields_of(&site, &saved).await, expected);
    let lines = saved.texts(".ev__text span");
    let line = "Fraktioner: Madaffald, Papir → Papir";
    assert!(lines.iter().any(|one| one.contains(line)), "{lines:?}");
}

#[tokio::test]
async fn what_does_not_fit_is_said_by_its_title_and_nothing_typed_is_lost() {
    let site = site().await;
    let mut user = site.user(Role::Caseworker).await;
    for (wrong, field, said) in [
        (
            ("fields.pieces", "to"),
            "fields-pieces",
            "„Antal“ skal være et helt tal.",
        ),
        (
            ("fields.pieces", "0"),
            "fields-pieces",
            "„Antal“ skal mindst være 1.",
        ),
        (
            ("fields.weight", "NaN"),
            "fields-weight",
            "„Vægt“ skal være et tal.",
        ),
        (
            ("fields.on", "2026-02-30"),
            "fields-on",
            "„Dag“ skal være en dato, der findes.",
        ),
        (
            ("fields.place.floor", "øverst"),
            "fields-place-floor",
            "„Sted: Etage“ skal være et helt tal.",
        ),
        (
            ("fields.fractions[residual]", "true"),
            "fields-fractions",
            "„Fraktioner“ må højst have 2.",
        ),
        (
            ("fields.volume", "660"),
            "fields-volume",
            "„Volumen“ skal være en af: 140, 240.",
        ),
        (
            ("due", "2026-02-30T10:00"),
            "due",
            "Fristen er ikke en dato",
        ),
        (
            ("contact", "Ukendt Person"),
            "contact",
            "Der er ingen post, der passer. Vælg på listen, mens du skriver.",
        ),
        (("newContact.phones", "12"), "newContact-phones", ""),
    ] {
        let page = user.post("/cases", &with(&[wrong])).await;
        let error = page.texts(&format!("#field-{field}-error"));
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
        assert_eq!(error.len(), 1, "{wrong:?}: {:?}", page.texts(".error-text"));
        assert!(said.is_empty() || error == [said], "{error:?}");
        let sent = page.form("main form");
        let kept: Vec<_> = sent.iter().map(|(name, text)| (&**name, &**text)).collect();
        for (name, text) in with(&[wrong]) {
            let text = text.replace("\r\n", "\n");
            assert!(
                kept.contains(&(name, &*text)),
                "{wrong:?}: {name} in {kept:?}"
            );
        }
    }
    let all = CaseFilter::default();
    let made = site.engine.count_cases(&all, 5).await;
    assert_eq!(made.unwrap(), 0);
}

#[tokio::test]
async fn a_case_is_made_whole_with_whom_it_is_about_and_how_it_is_handled() {
    let site = site().await;
    let mut user = site.user(Role::Caseworker).await;
    let about = [
        ("caseType", "waste.every-kind"),
        ("title", "Hel"),
        ("property", "0999-048213"),
    ];
    let form = user.post("/cases/new", &about).await;
    let boxes = |name: &str| form.texts(&format!("#field-{name} label"));
    assert_eq!(boxes("containers").len(), 2);
    assert_eq!(boxes("agreements").len(), 1);
    assert_eq!(
        boxes("contacts"),
        ["Beskyttet navn og adresse · Ejer"],
        "a protection holds"
    );
    assert!(!form.source.contains("Hemmelig"));
    let options = user.get("/registers/contacts/options?contact=Anna").await;
    assert!(
        options
            .source
            .contains("Anna Lindegaard (anna@borger.example)")
    );
    let hidden = user
        .get("/registers/contacts/options?contact=Hemmelig")
        .await;
    assert!(!hidden.source.contains("Hemmelig"), "{}", hidden.source);

    let (container, agreement, contact) = (id(101), id(2), id(3));
    let (container, agreement, contact) = (
        format!("containers[{container}]"),
        format!("agreements[{agreement}]"),
        format!("contacts[{contact}]"),
    );
    let made_id = form
        .attribute("input[name='newContact.id']", "value")
        .unwrap();
    let fields = [
        &about[..],
        &[
            ("container", "BH-100"),
            (&*container, "true"),
            (&*agreement, "true"),
            (&*contact, "true"),
            ("contact", "Anna Lindegaard (anna@borger.example)"),
            ("newContact.id", &*made_id),
            ("newContact.name", "Bo Borger"),
            ("newContact.phones", "12345678"),
            ("priority", "high"),
            ("assignee", "user:lead"),
            ("due", "2026-12-01T15:30"),
            ("tags", "storm, glat "),
            ("intake", "phone"),
        ],
    ]
    .concat();
    let made = user
        .post_files(
            "/cases",
            &fields,
            &[("billede.txt", "Hej"), ("to.txt", "To")],
        )
        .await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.source);
    let number = made.address.trim_start_matches("/cases/").to_owned();
    let case = site
        .engine
        .case(&CaseRef::Number(number))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(case.property.map(|one| one.0), Some(id(1)));
    let containers: Vec<_> = case.containers.iter().map(|one| one.0).collect();
    assert_eq!(containers, [id(100), id(101)]);
    assert_eq!(
        case.agreements.iter().map(|one| one.0).collect::<Vec<_>>(),
        [id(2)]
    );
    let contacts: Vec<_> = case.contacts.iter().map(|one| one.0.to_string()).collect();
    assert_eq!(
        contacts,
        [id(4).to_string(), made_id.clone(), id(3).to_string()]
    );
    assert_eq!(
        (case.priority.as_str(), case.assignee.as_deref()),
        ("high", Some("lead"))
    );
    assert_eq!(case.due, "2026-12-01T14:30:00Z".parse::<Timestamp>().ok());
    assert_eq!(case.tags.iter().collect::<Vec<_>>(), ["glat", "storm"]);
    assert_eq!(
        (case.intake, case.documents.len()),
        (Some(Intake::Phone), 2)
    );
    let bo = site
        .engine
        .contact(made_id.parse::<uuid::Uuid>().unwrap().into())
        .await;
    assert_eq!(bo.unwrap().unwrap().phones, ["+4512345678"]);
    assert!(
        made.texts(".case-meta")
            .concat()
            .contains("Oprettet via telefon"),
        "{:?}",
        made.texts(".case-meta")
    );
}

#[tokio::test]
async fn files_of_a_form_that_comes_back_are_kept_until_they_are_taken_out() {
    let site = site().await;
    let mut user = site.user(Role::Caseworker).await;
    let wrong = with(&[("fields.pieces", "to"), ("newContact.name", "Bo Borger")]);
    let page = user
        .post_files("/cases", &wrong, &[("et.txt", "Et"), ("to.txt", "To")])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let kept = page.texts("#field-kept label");
    assert_eq!(kept, ["et.txt (2 B)", "to.txt (2 B)"]);
    let found = user.get("/registers/contacts/options?contact=Bo").await;
    assert!(
        !found.source.contains("Bo Borger"),
        "nobody is made for no case"
    );
    let taken_out = page
        .attribute("#field-kept label:last-child input", "name")
        .unwrap();
    let mut fields = page.form("main form");
    fields.retain(|(name, _)| *name != taken_out && name != "fields.pieces");
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    let made = user.post("/cases", &fields).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.source);
    assert_eq!(made.texts(".files a[download]"), ["et.txt"]);

    let refused = user
        .post_files("/cases", &FIELDS, &[("ondt.exe", "MZ")])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.texts("#new-file-error").len(), 1);
    let title = refused.attribute("#field-title", "value");
    assert_eq!(title.as_deref(), Some("Alt på én gang"));
}
