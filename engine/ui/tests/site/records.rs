//! Making records, changing them, and linking them to a case.

use crate::browser::{Browser, Page};
use crate::registers::{caller, id, with_records};
use axum::http::StatusCode;
use sagsgang_domain::{Contact, ContactId, PropertyId, Role};
use sagsgang_runtime::CaseRef;
use serde_json::json;

/// The fields of a form as a browser would send them, with some of them written anew.
fn filled(page: &Page, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields = page.form("#edit-form");
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

async fn send(user: &mut Browser, page: &Page, changes: &[(&str, &str)]) -> Page {
    let fields = filled(page, changes);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let action = page.attribute("#edit-form", "action").unwrap();
    user.post(&action, &fields).await
}

#[tokio::test]
async fn a_container_is_made_changed_and_keeps_what_was_not_touched() {
    let site = with_records(0).await;
    let mut user = site.user(Role::Caseworker).await;
    let form = user.get("/registers/containers/new").await;
    let values = [
        ("containerId", "BH-900"),
        ("type", "240 liters beholder"),
        ("compartments", "madaffald, 9\r\npap"),
        ("property", "0999-048213"),
    ];
    let made = send(&mut user, &form, &values).await;
    assert_eq!(made.texts(".alert--ok"), ["Oplysningerne er gemt."]);
    assert_eq!(made.texts("h1"), ["BH-900"]);
    let facts = made.texts(".facts dd");
    assert!(
        facts.contains(&"Madaffald + Restaffald / Pap".to_owned()),
        "{facts:?}"
    );
    assert_eq!(made.texts(".facts a"), ["Lærkehaven 14"]);

    let edit = made
        .attribute(".page-head a[href$='/edit']", "href")
        .unwrap();
    let form = user.get(&edit).await;
    let property = form.attribute("#field-property", "value").unwrap();
    assert_eq!(property, "Lærkehaven 14 (0999-048213)");
    let again = send(&mut user, &form, &[("status", "withdrawn")]).await;
    assert!(again.texts(".facts dd").contains(&"Hjemtaget".to_owned()));
    assert_eq!(again.texts(".facts a"), ["Lærkehaven 14"]);
    let history = again.texts(".ev__text span");
    assert!(
        history[1].contains("Status: active → withdrawn"),
        "{history:?}"
    );
}

#[tokio::test]
async fn the_same_form_sent_twice_makes_one_record() {
    let site = with_records(0).await;
    let mut user = site.user(Role::Caseworker).await;
    let form = user.get("/registers/containers/new").await;
    let values = [("containerId", "BH-901"), ("type", "140 l")];
    send(&mut user, &form, &values).await;
    let again = send(&mut user, &form, &values).await;
    assert_eq!(
        (again.status, again.texts("h1")),
        (StatusCode::OK, vec!["BH-901".to_owned()])
    );
    let list = user.get("/registers/containers").await;
    assert_eq!(list.texts("tbody tr").len(), 1);
}

#[tokio::test]
async fn wrong_values_are_told_at_their_fields_and_nothing_is_lost() {
    let site = with_records(1).await;
    let mut user = site.user(Role::Caseworker).await;
    let form = user.get("/registers/contacts/new").await;
    let values = [
        ("name", "Ejerforeningen Lærkehaven"),
        ("kind", "company"),
        ("cvr", "12345678"),
        ("phones", "12 34"),
        ("emails", "bestyrelsen@lærkehaven"),
    ];
    let refused = send(&mut user, &form, &values).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.texts("#field-cvr-error")[0].starts_with("Ikke et CVR-nummer"));
    assert!(refused.texts("#field-phones-error")[0].starts_with("Ikke et telefonnummer"));
    assert_eq!(refused.texts("#field-phones"), ["12 34"]);
    let name = refused.attribute("#field-name", "value");
    assert_eq!(name.as_deref(), Some("Ejerforeningen Lærkehaven"));

    let unknown = send(
        &mut user,
        &form,
        &[("name", "Anna"), ("property", "Ukendt Allé 1")],
    )
    .await;
    assert!(unknown.texts("#field-property-error")[0].starts_with("Der er ingen post"));
    let taken = user.get("/registers/containers/new").await;
    let taken = send(
        &mut user,
        &taken,
        &[("containerId", "BH-100"), ("type", "140 l")],
    )
    .await;
    assert_eq!(
        taken.texts("#field-containerId-error"),
        ["En anden post har den samme værdi."]
    );
}

#[tokio::test]
async fn two_people_who_change_the_same_record_lose_neither_text() {
    let site = with_records(1).await;
    let edit = format!("/registers/containers/{}/edit", id(100));
    let mut user = site.user(Role::Caseworker).await;
    let mut colleague = site.user(Role::Lead).await;
    let (mine, theirs) = (user.get(&edit).await, colleague.get(&edit).await);
    let saved = [("type", "400 liters beholder"), ("status", "withdrawn")];
    send(&mut colleague, &theirs, &saved).await;

    // Another field: both changes stay.
    let other = send(&mut user, &mine, &[("nextCollection", "2026-12-01")]).await;
    assert_eq!(other.status, StatusCode::OK);
    let facts = other.texts(".facts dd");
    assert!(
        facts.contains(&"400 liters beholder".to_owned()),
        "{facts:?}"
    );
    assert!(facts.contains(&"1. december 2026".to_owned()), "{facts:?}");

    // The same field: the person is asked, with both texts in sight.
    let changes = [
        ("type", "660 liters beholder"),
        ("address.road", "Skolevej"),
    ];
    let asked = send(&mut user, &mine, &changes).await;
    assert_eq!(asked.status, StatusCode::CONFLICT);
    assert!(asked.texts("#conflict h2")[0].starts_with("Jonas"));
    assert_eq!(
        asked.texts("#conflict h3, #conflict dd"),
        ["Beholdertype", "400 liters beholder", "660 liters beholder"]
    );
    let kept = asked.attribute("#field-address-road", "value");
    assert_eq!(kept.as_deref(), Some("Skolevej"));
    let mine = send(&mut user, &asked, &[]).await;
    let facts = mine.texts(".facts dd");
    assert!(
        facts.contains(&"660 liters beholder".to_owned()),
        "{facts:?}"
    );
    assert!(facts.contains(&"Hjemtaget".to_owned()), "{facts:?}");
}

#[tokio::test]
async fn a_protected_contact_is_changed_without_being_shown() {
    let site = with_records(0).await;
    let mut user = site.user(Role::Caseworker).await;
    let form = user
        .get(&format!("/registers/contacts/{}/edit", id(3)))
        .await;
    assert!(!form.source.contains("emmelig") && !form.source.contains("+45"));
    let saved = send(&mut user, &form, &[("role", "tenant")]).await;
    assert!(saved.texts(".facts dd").contains(&"Lejer".to_owned()));
    let caller = crate::registers::caller();
    let seen = site
        .engine
        .reveal_contact(&caller, ContactId(id(3)))
        .await
        .unwrap();
    let sagsgang_domain::Record::Contact(contact) = seen.record else {
        panic!("a contact")
    };
    assert_eq!(contact.name, "Hemmelig Person");
    assert_eq!(contact.phones, ["+4500000099"]);
}

#[tokio::test]
async fn the_number_of_a_person_is_masked_until_somebody_asks_for_it() {
    let site = with_records(0).await;
    let mut user = site.user(Role::Caseworker).await;
    let form = user.get("/registers/contacts/new").await;
    let wrong = [("name", "Anna Lind"), ("cpr", "310207-4711")];
    let refused = send(&mut user, &form, &wrong).await;
    assert!(refused.texts("#field-cpr-error")[0].starts_with("Ikke et CPR-nummer"));
    let off = refused.attribute("#field-cpr", "autocomplete");
    assert_eq!(off.as_deref(), Some("off"), "no browser keeps the number");
    let company = [
        ("cpr", "010107-4711"),
        ("kind", "company"),
        ("role", "company"),
    ];
    let refused = send(&mut user, &refused, &company).await;
    let said = &refused.texts("#field-cpr-error")[0];
    assert!(
        said.starts_with("En virksomhed har intet CPR-nummer"),
        "{said}"
    );
    let refused = send(&mut user, &refused, &[("kind", "person"), ("cpr", "x")]).await;
    let saved = send(&mut user, &refused, &[("cpr", "010107-4711")]).await;
    assert!(saved.texts(".facts dd").contains(&"••••••-••••".to_owned()));
    assert!(!saved.source.contains("4711"));
    let contact = saved.address.split('?').next().unwrap().to_owned();
    let form = user.get(&format!("{contact}/edit")).await;
    let mask = form.attribute("#field-cpr", "value");
    assert_eq!(mask.as_deref(), Some("••••••-••••"));
    send(&mut user, &form, &[("role", "tenant")]).await;

    let shown = user.post(&format!("{contact}/cpr"), &[]).await;
    assert!(shown.texts(".facts dd").contains(&"010107-4711".to_owned()));
    assert!(shown.texts("form[action$='/cpr']").is_empty());
    assert_eq!(shown.texts("dd[autofocus]"), ["010107-4711"]);
    // Loaded again, or opened from the browser's history: the record, masked, and no error.
    let loaded = user.get(&format!("{contact}/cpr")).await;
    assert_eq!(loaded.status, StatusCode::OK);
    assert_eq!(loaded.texts("h1"), ["Anna Lind"]);
    assert!(!loaded.source.contains("4711"));
    user.fragment = true;
    let part = user.post(&format!("{contact}/cpr"), &[]).await;
    user.fragment = false;
    assert!(part.source.contains("<main") && !part.source.contains("<body"));
    let told = shown.texts(".ev__text span");
    assert!(
        told.last().unwrap().ends_with("så CPR-nummeret"),
        "{told:?}"
    );
    let again = user.get(&contact).await;
    assert!(!again.source.contains("4711"));
    assert_eq!(
        again.texts("form[action$='/cpr'] button"),
        ["Vis CPR-nummer"]
    );

    let mut reader = site.user(Role::Configurator).await;
    assert!(
        reader
            .get(&contact)
            .await
            .texts("form[action$='/cpr']")
            .is_empty()
    );
    let refused = reader.post(&format!("{contact}/cpr"), &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);

    let form = user.get(&format!("{contact}/edit")).await;
    let gone = send(&mut user, &form, &[("cpr", "")]).await;
    assert!(!gone.texts(".facts dd").contains(&"••••••-••••".to_owned()));
    assert!(gone.texts("form[action$='/cpr']").is_empty());
}

#[tokio::test]
async fn a_case_tells_what_the_register_said_when_a_record_came_to_it() {
    let site = with_records(1).await;
    let number = site.case("Manglende tømning").await;
    let case = format!("/cases/{number}");
    let mut user = site.user(Role::Caseworker).await;
    let address = format!("{case}/records/containers");
    let chosen = id(100).to_string();
    let page = user.post(&address, &[("id", &chosen)]).await;
    assert!(page.texts("#panel-container .unit > .hint").is_empty());
    let edit = format!("/registers/containers/{chosen}/edit");
    let form = user.get(&edit).await;
    let changes = [("type", "400 liters beholder"), ("status", "withdrawn")];
    send(&mut user, &form, &changes).await;
    let told = user
        .get(&case)
        .await
        .texts("#panel-container .unit > .hint");
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains("stod der noget andet i registret"),
        "{told:?}"
    );
    assert!(told[0].contains("Status: I brug"), "{told:?}");
    assert!(
        told[0].contains("Beholdertype: 240 liters beholder"),
        "{told:?}"
    );
}

#[tokio::test]
async fn records_are_found_by_address_linked_and_unlinked() {
    let site = with_records(2).await;
    let number = site.case("Manglende tømning").await;
    let case = format!("/cases/{number}");
    let mut user = site.user(Role::Caseworker).await;

    let find = user
        .get(&format!("{case}/records/properties?q=l%C3%A6rke"))
        .await;
    assert_eq!(find.texts("#found label").len(), 1);
    let chosen = find.attribute("#found input[type=radio]", "value").unwrap();
    let page = user
        .post(&format!("{case}/records/properties"), &[("id", &chosen)])
        .await;
    assert_eq!(page.texts(".saved"), ["Tilknyttet sagen"]);
    assert_eq!(page.texts(".info .tabs [aria-current]"), ["Ejendom"]);
    assert_eq!(page.texts("#panel-property h3"), ["Lærkehaven 14"]);

    // Containers of the property stand there already; one click links one of them.
    let add = page.attribute(
        "#panel-container form[action$='/records/containers']",
        "action",
    );
    let one = page
        .attribute("#panel-container button[name=id]", "value")
        .unwrap();
    let page = user.post(&add.unwrap(), &[("id", &one)]).await;
    assert_eq!(page.texts(".unit--selected .mono"), ["BH-100"]);

    // The property's contacts are offered, a protected one without its name.
    let find = user.get(&format!("{case}/records/contacts")).await;
    assert_eq!(
        find.texts("#found label"),
        ["Beskyttet navn og adresseEjer"]
    );
    assert!(!find.source.contains("emmelig"));
    let contact = id(3).to_string();
    let page = user
        .post(&format!("{case}/records/contacts"), &[("id", &contact)])
        .await;
    assert_eq!(page.texts("#panel-contacts .person").len(), 1);
    let twice = user
        .post(&format!("{case}/records/contacts"), &[("id", &contact)])
        .await;
    assert_eq!(twice.status, StatusCode::CONFLICT);

    for (kind, value) in [
        ("contact", contact),
        ("container", one),
        ("property", chosen),
    ] {
        let fields = [("kind", kind), ("value", value.as_str()), ("tab", kind)];
        let page = user.post(&format!("{case}/unlink"), &fields).await;
        assert_eq!(page.texts(".saved"), ["Link fjernet"], "{kind}");
    }
    let page = user.get(&case).await;
    assert_eq!(page.texts(".unit, .person"), Vec::<String>::new());
    let lines = page.texts(".ev--change .ev__text > span");
    assert!(
        lines
            .iter()
            .any(|line| line.contains("tilknyttede beholder BH-100")),
        "{lines:?}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.contains("fjernede link til ejendom")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_new_contact_is_made_for_a_case_and_linked_at_once() {
    let site = with_records(0).await;
    let number = site.case("Manglende tømning").await;
    let case = format!("/cases/{number}");
    let mut user = site.user(Role::Caseworker).await;
    let property = PropertyId(id(1)).to_string();
    user.post(&format!("{case}/records/properties"), &[("id", &property)])
        .await;
    let find = user.get(&format!("{case}/records/contacts?q=ukendt")).await;
    let form = user
        .get(&find.attribute("#new-record", "href").unwrap())
        .await;
    let known = form.attribute("#field-property", "value");
    assert_eq!(known.as_deref(), Some("Lærkehaven 14 (0999-048213)"));
    let page = send(
        &mut user,
        &form,
        &[("name", "Anna Holm"), ("phones", "12345678")],
    )
    .await;
    assert_eq!(page.texts("#panel-contacts h3"), ["Anna Holm"]);
    assert_eq!(page.texts(".saved"), ["Oplysningerne er gemt"]);
    let edit = page
        .attribute("#panel-contacts a[href*='/edit']", "href")
        .unwrap();
    let form = user.get(&edit).await;
    let page = send(&mut user, &form, &[("name", "Anna Lind")]).await;
    assert_eq!(page.texts("#panel-contacts h3"), ["Anna Lind"]);
}

#[tokio::test]
async fn options_are_offered_while_somebody_types() {
    let site = with_records(1).await;
    let mut user = site.user(Role::Caseworker).await;
    let options = user
        .get("/registers/properties/options?property=l%C3%A6rke")
        .await;
    assert_eq!(
        options.source,
        r#"<option value="Lærkehaven 14 (0999-048213)">Fælles: Rækkehus</option>"#
    );
    let options = user
        .get("/registers/containers/options?container=BH-1")
        .await;
    assert_eq!(
        options.attribute("option", "value").as_deref(),
        Some("BH-100")
    );
    let none = user.get("/registers/agreements/options").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_look_at_what_is_protected_is_told_and_nothing_else_names_who_it_is() {
    let site = with_records(0).await;
    let contact = ContactId(id(3));
    let kept = site.engine.contact(contact).await.unwrap().unwrap();
    let open = Contact {
        id: ContactId(id(60)),
        name: "Karla Kystvej".to_owned(),
        protected: false,
        ..kept
    };
    site.engine.put(&caller(), open.clone()).await.unwrap();
    let number = site.case("Manglende tømning").await;
    let link = json!({ "type": "link", "kind": "contact", "id": open.id });
    let link = vec![serde_json::from_value(link).unwrap()];
    let case = CaseRef::Number(number.clone());
    let caller = caller();
    let linked = site.engine.execute(&caller, &case, link, None, None);
    linked.await.unwrap();
    let mut user = site.user(Role::Caseworker).await;
    let case = format!("/cases/{number}");
    assert!(user.get(&case).await.source.contains("Karla Kystvej"));
    let protected = Contact {
        protected: true,
        ..open.clone()
    };
    site.engine.put(&caller, protected).await.unwrap();
    let page = user.get(&case).await;
    assert!(!page.source.contains("Karla"), "{}", page.source);
    let lines = page.texts(".ev__text > span");
    let told = "tilknyttede kontakt Beskyttet navn og adresse";
    assert!(lines.iter().any(|line| line.contains(told)), "{lines:?}");

    let record = format!("/registers/contacts/{}", open.id);
    assert!(!user.get(&record).await.source.contains("Karla"));
    let seen = user.post(&format!("{record}/reveal"), &[]).await;
    assert!(seen.source.contains("Karla Kystvej"));
    let again = user.get(&record).await;
    assert!(!again.source.contains("Karla"), "each look is asked for");
    let looked = again.texts(".ev__text > span");
    let looks = looked
        .iter()
        .filter(|line| line.contains("så de beskyttede oplysninger"));
    assert_eq!(looks.count(), 1, "{looked:?}");
}
