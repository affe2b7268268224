//! Following, mentions, drafts and presence.

use crate::browser::Site;
use axum::http::StatusCode;
use sagsgang_domain::Role;

#[tokio::test]
async fn a_followed_case_is_told_when_somebody_else_changes_it_until_it_is_seen() {
    let site = Site::new().await;
    let number = site.case("Manglende tømning").await;
    let case = format!("/cases/{number}");
    let mut user = site.user(Role::Caseworker).await;
    let mut colleague = site.user(Role::Lead).await;
    let page = user
        .post(&format!("{case}/follow"), &[("follow", "yes")])
        .await;
    assert_eq!(page.texts(".saved"), ["Du følger sagen"]);
    let pressed = page.attribute("#follow", "aria-pressed");
    assert_eq!(pressed.as_deref(), Some("true"));
    assert_eq!(page.texts(".bell .count"), Vec::<String>::new());
    let note = [("kind", "note"), ("body", "Ringer i morgen")];
    colleague.post(&format!("{case}/entries"), &note).await;
    let list = user.get("/notices").await;
    assert_eq!(list.texts(".bell .count"), ["1"]);
    assert_eq!(
        list.texts("section[aria-labelledby=h-followed] .badge"),
        ["Ændret"]
    );
    user.get(&case).await;
    let list = user.get("/notices").await;
    assert_eq!(
        list.texts(".bell .count, .badge--accent"),
        Vec::<String>::new()
    );
    assert_eq!(list.texts("section[aria-labelledby=h-followed] a").len(), 1);
    let page = user
        .post(&format!("{case}/follow"), &[("follow", "no")])
        .await;
    assert_eq!(page.texts(".saved"), ["Du følger ikke længere sagen"]);
    let list = user.get("/notices").await;
    assert!(
        list.texts("section[aria-labelledby=h-followed] a")
            .is_empty()
    );
}

#[tokio::test]
async fn who_is_named_in_a_note_hears_of_it_and_the_writer_does_not() {
    let site = Site::new().await;
    let number = site.case("Manglende tømning").await;
    let case = format!("/cases/{number}");
    let mut user = site.user(Role::Caseworker).await;
    let mut lead = site.user(Role::Lead).await;
    let note = [
        ("kind", "note"),
        (
            "body",
            "@Jonas lead og @caseworker, se anna@administrator.example",
        ),
    ];
    let page = user.post(&format!("{case}/entries"), &note).await;
    assert_eq!(page.texts(".mention"), ["@Jonas lead", "@caseworker"]);
    assert!(page.texts(".ev--note .msg__body")[0].ends_with("anna@administrator.example"));
    assert!(user.get("/notices").await.texts(".bell .count").is_empty());
    let list = lead.get("/notices").await;
    assert_eq!(list.texts(".bell .count"), ["1"]);
    let link = list
        .attribute("section[aria-labelledby=h-mentions] a", "href")
        .unwrap();
    assert!(link.starts_with(&format!("{case}#entry-")), "{link}");
    assert!(list.texts(".hint")[0].starts_with("Jonas caseworker nævnte dig"));
    let seen = lead.post("/notices/seen", &[]).await;
    assert!(seen.texts(".bell .count").is_empty());
    let mut administrator = site.user(Role::Administrator).await;
    assert!(
        administrator
            .get("/notices")
            .await
            .texts(".bell .count")
            .is_empty()
    );
}

#[tokio::test]
async fn a_draft_is_there_on_another_machine_until_it_has_been_sent() {
    let site = Site::new().await;
    let number = site.case("Manglende tømning").await;
    let case = format!("/cases/{number}");
    let mut desk = site.user(Role::Caseworker).await;
    let page = desk.get(&case).await;
    let keep = page.attribute("#composer", "data-keep").unwrap();
    let written = [
        ("kind", "email"),
        ("address", "anna@borger.example"),
        ("subject", "Svar"),
        ("body", "Hej Anna\r\n\r\nVi"),
    ];
    let kept = desk.post(&keep, &written).await;
    assert_eq!(
        (kept.status, kept.source.as_str()),
        (StatusCode::NO_CONTENT, "")
    );

    let mut home = site.user(Role::Caseworker).await;
    let page = home.get(&case).await;
    assert_eq!(page.texts("#msg"), ["Hej Anna Vi"]);
    assert!(page.attribute("#c-mail", "checked").is_some());
    let address = page.attribute("#mail-to", "value");
    assert_eq!(address.as_deref(), Some("anna@borger.example"));
    assert!(page.texts("#draft")[0].starts_with("Kladde gemt"));
    let mut colleague = site.user(Role::Lead).await;
    assert_eq!(colleague.get(&case).await.texts("#msg"), [""]);

    // A change of the case elsewhere, and a message that is refused, leave it.
    let wrong = [
        ("kind", "email"),
        ("address", "?"),
        ("body", "Hej Anna igen"),
    ];
    let refused = home.post(&format!("{case}/entries"), &wrong).await;
    assert_eq!(refused.texts("#msg"), ["Hej Anna igen"]);
    assert_eq!(desk.get(&case).await.texts("#msg"), ["Hej Anna Vi"]);

    let page = home.post(&format!("{case}/entries"), &written).await;
    assert!(page.texts(".alert--warn")[0].starts_with("E-mail er gemt, men ikke sendt"));
    assert_eq!(desk.get(&case).await.texts("#msg"), [""]);

    // Without script a button keeps it; an empty text is no draft.
    let page = home
        .post(&format!("{case}/draft"), &[("body", "Uden script")])
        .await;
    assert_eq!(page.texts(".saved"), ["Kladde gemt"]);
    assert_eq!(page.texts("#msg"), ["Uden script"]);
    let page = home.post(&format!("{case}/draft"), &[("body", " ")]).await;
    assert_eq!(page.texts("#msg"), [""]);
}

#[tokio::test]
async fn who_else_has_the_case_open_is_named_and_who_writes_too() {
    let site = Site::new().await;
    let number = site.case("Manglende tømning").await;
    let case = format!("/cases/{number}");
    let mut user = site.user(Role::Caseworker).await;
    let mut colleague = site.user(Role::Lead).await;
    let mut topics = site.engine.subscribe();
    let alone = user.post(&format!("{case}/presence"), &[]).await;
    assert_eq!(alone.source.trim(), "");
    let seen = colleague.post(&format!("{case}/presence"), &[]).await;
    assert!(
        seen.source.contains("Jonas caseworker ser også på sagen"),
        "{}",
        seen.source
    );
    let told = [topics.recv().await.unwrap(), topics.recv().await.unwrap()];
    assert!(
        told.iter()
            .all(|one| one.topic == format!("presence:{number}"))
    );
    colleague.post(&format!("{case}/presence"), &[]).await;
    assert!(topics.is_empty(), "who stays is not told again");

    let note = [("kind", "note"), ("body", "Jeg")];
    colleague
        .post(&format!("{case}/draft?quiet=1"), &note)
        .await;
    let page = user.get(&case).await;
    assert_eq!(page.texts("#presence"), ["JLJonas lead skriver …"]);
    assert_eq!(
        topics.recv().await.unwrap().topic,
        format!("presence:{number}")
    );
}
