//! How a person wants the interface: kept on the server, in effect on every page.

use crate::browser::{Page, Site};
use crate::views::tell;
use axum::http::StatusCode;
use sagsgang_domain::{Command, Role};

/// What is sent for the form as it stands, with other values for some of its fields.
fn filled<'p>(
    form: &'p [(String, String)],
    other: &[(&'p str, &'p str)],
) -> Vec<(&'p str, &'p str)> {
    let of = |name: &str| other.iter().find(|(known, _)| *known == name);
    let kept = form.iter().map(|(name, value)| {
        let value = of(name).map_or(value.as_str(), |(_, value)| value);
        (name.as_str(), value)
    });
    kept.collect()
}

fn heads(page: &Page) -> Vec<String> {
    page.texts("thead th").into_iter().skip(1).collect()
}

#[tokio::test]
async fn settings_are_in_effect_at_once_and_wherever_one_logs_in() {
    let site = Site::new().await;
    for number in 1..=30 {
        site.case(&format!("Sag {number}")).await;
    }
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get("/preferences").await;
    assert_eq!(page.attribute("html", "data-theme"), None);
    let form = page.form("#preferences");
    let other = [
        ("theme", "dark"),
        ("rows", "25"),
        ("start", "all"),
        ("sort", "created"),
        ("column-1", "created"),
        ("column-2", "status"),
        ("column-3", ""),
        ("column-4", ""),
        ("column-5", ""),
        ("column-6", ""),
        ("locale", "en"),
        ("signature", "Jonas Holm\r\nWaste"),
    ];
    let saved = user.post("/preferences", &filled(&form, &other)).await;
    assert_eq!(saved.texts("#alerts"), ["The settings are saved"]);
    assert_eq!(saved.attribute("html", "data-theme").unwrap(), "dark");
    assert_eq!(saved.texts("#field-rows option[selected]"), ["25"]);
    assert_eq!(saved.texts("#field-signature"), ["Jonas Holm Waste"]);

    let mut elsewhere = site.user(Role::Caseworker).await;
    let list = elsewhere.get("/").await;
    assert_eq!(list.texts("h1"), ["Cases"]);
    assert_eq!(list.texts("#views a[aria-current]"), ["All cases"]);
    assert_eq!(heads(&list), ["Case", "Created", "Status"]);
    let titles = list.texts("tbody .title");
    assert_eq!((titles.len(), titles[0].as_str()), (25, "Sag 30"));
    let next = list.attribute("a[rel=next]", "href").unwrap();
    let rest = elsewhere.get(&next).await;
    assert_eq!(rest.texts("tbody .title").len(), 5);
    assert_eq!(heads(&rest), ["Case", "Created", "Status"]);

    let chosen = elsewhere
        .get("/cases?view=all&sort=updated&columns=team")
        .await;
    assert_eq!(
        heads(&chosen),
        ["Case", "Team"],
        "an address that says it wins"
    );
    let mut colleague = site.user(Role::Lead).await;
    assert_eq!(colleague.get("/cases").await.texts("h1"), ["Sager"]);
    assert_eq!(
        colleague
            .get("/cases")
            .await
            .attribute("html", "data-theme"),
        None
    );
}

#[tokio::test]
async fn a_kept_list_or_a_page_can_be_what_one_sees_first() {
    let site = Site::new().await;
    site.case("Krokodille").await;
    let mut user = site.user(Role::Caseworker).await;
    assert_eq!(
        user.get("/").await.texts("#views a[aria-current]"),
        ["Mine åbne 0"]
    );
    let query = ("query", "view=all&q=krokodille");
    user.post("/views", &[("name", "Krybdyr"), query]).await;
    let page = user.get("/preferences").await;
    assert_eq!(page.texts("#field-start option:last-child"), ["Krybdyr"]);
    let list = page.attribute("#field-start option:last-child", "value");
    let form = page.form("#preferences");
    user.post("/preferences", &filled(&form, &[("start", &list.unwrap())]))
        .await;
    let first = user.get("/").await;
    assert_eq!(first.texts("#views a[aria-current]"), ["Krybdyr 1"]);
    assert_eq!(first.texts("tbody .title"), ["Krokodille"]);
    user.post(
        "/preferences",
        &filled(&form, &[("start", "customer-inbox")]),
    )
    .await;
    assert_eq!(user.get("/").await.texts("h1"), ["Kundeindbakke"]);
    let mut configurator = site.user(Role::Configurator).await;
    let form = configurator.get("/preferences").await.form("#preferences");
    configurator
        .post(
            "/preferences",
            &filled(&form, &[("start", "customer-inbox")]),
        )
        .await;
    let first = configurator.get("/").await;
    assert_eq!(
        first.texts("h1"),
        ["Sager"],
        "what one may not see is not shown first"
    );
}

#[tokio::test]
async fn an_e_mail_is_signed_and_a_signature_that_is_too_long_is_refused_with_the_form_kept() {
    let site = Site::new().await;
    let number = site.case("Krokodille").await;
    let mut user = site.user(Role::Caseworker).await;
    let form = user.get("/preferences").await.form("#preferences");
    let long = "x".repeat(1_001);
    let refused = user
        .post(
            "/preferences",
            &filled(&form, &[("signature", &long), ("theme", "light")]),
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.texts("#field-theme option[selected]"), ["Lyse"]);
    assert_eq!(refused.texts("#field-signature"), [long.as_str()]);
    let composer = format!("/cases/{number}");
    assert!(user.get(&composer).await.texts("[name=sign]").is_empty());
    user.post(
        "/preferences",
        &filled(&form, &[("signature", "Jonas\r\nAffald")]),
    )
    .await;
    let page = user.get(&composer).await;
    assert_eq!(
        page.texts("label:has([name=sign])"),
        ["Skriv under: Jonas · Affald"]
    );
    let mail = [
        ("kind", "email"),
        ("address", "kunde@borger.example"),
        ("subject", "Svar"),
        ("body", "Vi kommer."),
    ];
    let entries = format!("/cases/{number}/entries");
    user.post(&entries, &[&mail[..], &[("sign", "1")]].concat())
        .await;
    user.post(&entries, &mail).await;
    let case = sagsgang_runtime::CaseRef::Number(number);
    let view = site.engine.case_view(&case).await.unwrap().unwrap();
    let sent: Vec<_> = view.messages.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(sent, ["Vi kommer.\n\nJonas\nAffald", "Vi kommer."]);
}

#[tokio::test]
async fn the_bell_counts_what_one_wants_to_hear_of() {
    let site = Site::new().await;
    let number = site.case("Krokodille").await;
    let mut user = site.user(Role::Caseworker).await;
    user.post(&format!("/cases/{number}/follow"), &[("follow", "yes")])
        .await;
    let note = Command::Note {
        text: "Ring til vognmanden".to_owned(),
        attachments: Vec::new(),
    };
    tell(&site, &number, vec![note]).await;
    let page = user.get("/preferences").await;
    assert_eq!(page.texts("#bell .count"), ["1"]);
    let form = page.form("#preferences");
    let without: Vec<_> = form
        .into_iter()
        .filter(|(name, _)| name != "followed")
        .collect();
    let page = user.post("/preferences", &filled(&without, &[])).await;
    assert!(page.texts("#bell .count").is_empty());
    assert_eq!(page.attribute("#field-followed", "checked"), None);
    assert!(page.attribute("#field-mentions", "checked").is_some());
}

#[tokio::test]
async fn single_letters_stop_being_keys_where_somebody_says_so() {
    let site = Site::new().await;
    let mut user = site.user(Role::Caseworker).await;
    let form = user.get("/preferences").await.form("#preferences");
    let without: Vec<_> = form
        .into_iter()
        .filter(|(name, _)| name != "single-keys")
        .collect();
    user.post("/preferences", &filled(&without, &[])).await;
    let page = user.get("/tags").await;
    assert_eq!(
        page.attribute("body", "data-single-keys").as_deref(),
        Some("off")
    );
}

#[tokio::test]
async fn keys_are_chosen_and_hold_on_every_page_and_those_that_meet_are_refused() {
    let site = Site::new().await;
    let number = site.case("Manglende tømning").await;
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get("/preferences/keys").await;
    let mut fields = page.form("#keys");
    let set = |fields: &mut Vec<(String, String)>, id: &str, key: &str| {
        let field = fields.iter_mut().find(|(name, _)| name == id).unwrap();
        field.1 = key.to_owned();
    };
    set(&mut fields, "note", "s");
    let post = async |user: &mut crate::browser::Browser, fields: Vec<(String, String)>| {
        let pairs: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, text)| (&**name, &**text))
            .collect();
        user.post("/preferences/keys", &pairs).await
    };
    let met = post(&mut user, fields.clone()).await;
    assert_eq!(met.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        met.texts("#field-note-error"),
        ["Tasten kan ikke skelnes fra den for »Skift status«."]
    );
    assert_eq!(met.attribute("#field-note", "value").as_deref(), Some("s"));

    set(&mut fields, "note", "q");
    set(&mut fields, "status", "");
    set(&mut fields, "undo", "Z");
    let kept = post(&mut user, fields.clone()).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.source);
    let case = user.get(&format!("/cases/{number}")).await;
    let key = |id: &str| case.attribute(&format!("#action-{id}"), "data-key");
    assert_eq!(key("note").as_deref(), Some("q"));
    assert_eq!(key("status"), None);
    assert_eq!(key("priority").as_deref(), Some("p"));
    assert_eq!(key("undo").as_deref(), Some("Shift Z"));
    let named = case.attribute("#composer textarea", "aria-keyshortcuts");
    assert_eq!(named.as_deref(), Some("q"));
    assert_eq!(case.attribute("#status", "aria-keyshortcuts"), None);

    let usual = vec![("usual".to_owned(), "1".to_owned())];
    post(&mut user, usual).await;
    let case = user.get(&format!("/cases/{number}")).await;
    assert_eq!(
        case.attribute("#action-note", "data-key").as_deref(),
        Some("n")
    );
    // Other settings leave the keys alone, and the other way round.
    set(&mut fields, "undo", "z");
    post(&mut user, fields.clone()).await;
    let page = user.get("/preferences").await;
    let all = page.form("#preferences");
    let all: Vec<(&str, &str)> = all.iter().map(|(name, text)| (&**name, &**text)).collect();
    user.post("/preferences", &all).await;
    let case = user.get(&format!("/cases/{number}")).await;
    assert_eq!(
        case.attribute("#action-note", "data-key").as_deref(),
        Some("q")
    );
}
