//! Files in the composer, and messages that are taken back.

use crate::browser::{Browser, Page, Site};
use axum::http::StatusCode;
use sagsgang_domain::{MessageState, Role};

async fn opened(site: &Site) -> (Browser, String) {
    let number = site.case("Klage").await;
    (
        site.user(Role::Caseworker).await,
        format!("/cases/{number}"),
    )
}

/// The files that the composer would send along.
fn files(page: &Page) -> Vec<String> {
    page.texts(".composer__files .file a")
}

fn file_ids(page: &Page) -> Vec<(String, String)> {
    let form = page.form("#composer").into_iter();
    form.filter(|(name, _)| name == "files").collect()
}

#[tokio::test]
async fn a_note_has_its_file_with_it_in_the_history() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let note = [("kind", "note"), ("body", "Se billedet")];
    let entries = format!("{case}/entries");
    let page = user.post_files(&entries, &note, &[("foto.txt", "x")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.source);
    let card = page.texts(".ev--note .msg__foot .file").concat();
    assert!(card.starts_with("foto.txt"), "{card}");
    assert_eq!(
        page.texts(".files a"),
        ["foto.txt"],
        "it is a file of the case too"
    );
    let lines = page.texts(".ev--change").concat();
    assert!(!lines.contains("foto.txt"), "one entry tells it: {lines}");
    assert!(files(&page).is_empty());
}

#[tokio::test]
async fn files_of_a_draft_wait_with_it_until_it_is_sent() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let begun = [
        ("kind", "email"),
        ("body", "Hej Anna"),
        ("address", "anna@borger.example"),
    ];
    let draft = format!("{case}/draft");
    let page = user
        .post_files(&draft, &begun, &[("a.txt", "a"), ("b.txt", "b")])
        .await;
    assert_eq!(files(&page), ["a.txt", "b.txt"]);
    assert_eq!(page.texts("#msg"), ["Hej Anna"]);
    let elsewhere = site.user(Role::Caseworker).await.get(&case).await;
    assert_eq!(files(&elsewhere), ["a.txt", "b.txt"]);
    assert!(
        elsewhere.texts(".files a").is_empty(),
        "they are not sent yet"
    );

    // One is taken away, without a script too.
    let kept = file_ids(&page);
    let mut fields = begun.to_vec();
    fields.extend(kept.iter().map(|(name, id)| (name.as_str(), id.as_str())));
    let mut without = fields.clone();
    without.push(("without", kept[0].1.as_str()));
    let page = user.post(&draft, &without).await;
    assert_eq!(files(&page), ["b.txt"]);

    // What is wrong with the entry does not lose its files.
    let left = file_ids(&page);
    let wrong = [
        ("kind", "email"),
        ("body", "Hej"),
        ("address", "?"),
        ("files", &left[0].1),
    ];
    let entries = format!("{case}/entries");
    let refused = user.post(&entries, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(files(&refused), ["b.txt"]);
    let sms = [
        ("kind", "sms"),
        ("body", "Hej"),
        ("phone", "20123456"),
        ("files", &left[0].1),
    ];
    let refused = user.post(&entries, &sms).await;
    let said = refused.texts("#alerts [role=alert]").concat();
    assert!(said.contains("SMS kan ikke have filer"), "{said}");

    let right = [
        ("kind", "email"),
        ("body", "Hej Anna"),
        ("address", "anna@borger.example"),
        ("files", &left[0].1),
    ];
    let page = user.post(&entries, &right).await;
    let card = page.texts(".ev--out .msg__foot .file").concat();
    assert!(card.starts_with("b.txt"), "{card}");
    assert!(files(&page).is_empty());
    assert!(files(&user.get(&case).await).is_empty());
}

#[tokio::test]
async fn a_file_that_is_not_taken_leaves_the_text_and_the_other_files() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let begun = [("kind", "note"), ("body", "Set på stedet")];
    let draft = format!("{case}/draft");
    let page = user.post_files(&draft, &begun, &[("a.txt", "a")]).await;
    let id = file_ids(&page).remove(0).1;
    let with = [
        ("kind", "note"),
        ("body", "Set på stedet"),
        ("files", id.as_str()),
    ];
    for address in [draft, format!("{case}/entries"), format!("{case}/template")] {
        let refused = user.post_files(&address, &with, &[("a.exe", "MZ")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let said = refused.texts("#composer-problem").concat();
        assert!(said.contains("a.exe er ikke gemt"), "{said}");
        assert_eq!(files(&refused), ["a.txt"]);
        assert_eq!(refused.texts("#msg"), ["Set på stedet"]);
    }
    let page = user.get(&case).await;
    assert!(page.texts(".ev--note").is_empty(), "nothing was added");
}

#[tokio::test]
async fn a_message_is_taken_back_and_stands_in_the_composer_again() {
    let site = Site::with_mail_server().await;
    let (mut user, case) = opened(&site).await;
    let mail = [
        ("kind", "email"),
        ("body", "Hej Anna"),
        ("address", "anna@borger.example"),
        ("subject", "Svar"),
    ];
    let entries = format!("{case}/entries");
    let page = user.post_files(&entries, &mail, &[("a.txt", "a")]).await;
    let form = "form[action$='/take-back']";
    let left: u32 = page.texts("[data-seconds]").concat().parse().unwrap();
    assert!((1..=10).contains(&left), "{left}");
    let action = page.attribute(form, "action").unwrap();
    // What was begun since is not lost.
    let mut since = mail;
    since[1].1 = "Ring til os";
    user.post(&format!("{case}/draft"), &since).await;

    let page = user.post(&action, &[]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.source);
    assert_eq!(page.texts("#msg"), ["Hej Anna Ring til os"]);
    assert!(page.attribute("#c-mail", "checked").is_some());
    let subject = page.attribute("#mail-su", "value");
    assert_eq!(subject.as_deref(), Some("Svar"));
    assert_eq!(files(&page), ["a.txt"]);
    assert_eq!(page.attribute(form, "action"), None);
    let lines = page.texts(".ev--change .ev__text > span");
    let told = "tog beskeden til anna@borger.example tilbage, før den blev sendt";
    assert!(lines.last().unwrap().contains(told), "{lines:?}");
    let outbox = site.engine.outbox().await.unwrap();
    assert_eq!(outbox[0].state, MessageState::Retracted);
    let list = user.get("/outbox?view=retracted").await;
    assert_eq!(list.texts("tbody tr").len(), 1);

    let twice = user.post(&action, &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    let said = twice.texts("#alerts [role=alert]").concat();
    assert!(said.contains("kan ikke tages tilbage"), "{said}");
}

#[tokio::test]
async fn a_note_begun_meanwhile_never_stands_in_a_message_that_is_taken_back() {
    let site = Site::with_mail_server().await;
    let (mut user, case) = opened(&site).await;
    let mail = [
        ("kind", "email"),
        ("body", "Hej Anna"),
        ("address", "anna@borger.example"),
        ("subject", "Svar"),
    ];
    let page = user.post(&format!("{case}/entries"), &mail).await;
    let action = page.attribute("form[action$='/take-back']", "action");
    let note = [("kind", "note"), ("body", "Anna lyver")];
    user.post(&format!("{case}/draft"), &note).await;
    let page = user.post(&action.unwrap(), &[]).await;
    assert_eq!(page.texts("#msg"), ["Anna lyver"]);
    assert!(page.attribute("#c-note", "checked").is_some());
    let said = page.texts("#alerts").concat();
    assert!(
        said.contains("beskedens tekst står i historikken"),
        "{said}"
    );
    let outbox = site.engine.outbox().await.unwrap();
    assert_eq!(outbox[0].state, MessageState::Retracted);
}

#[tokio::test]
async fn what_is_kept_since_nothing_carries_it_is_not_held() {
    let site = Site::new().await;
    let (mut user, case) = opened(&site).await;
    let sms = [("kind", "sms"), ("body", "Hej"), ("phone", "20123456")];
    let page = user.post(&format!("{case}/entries"), &sms).await;
    assert_eq!(page.texts(".ev--out").len(), 1);
    assert!(page.texts("[data-seconds]").is_empty());
}
