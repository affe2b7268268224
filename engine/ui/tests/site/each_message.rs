//! What can be done with each message and note of a case.

use crate::browser::Site;
use axum::http::StatusCode;
use sagsgang_domain::{NewCase, Role};

const MAIL: &[u8] =
    b"From: Anna <anna@borger.example>\r\nTo: affald@kommune.example\r\nSubject: Ikke hentet\r\n\
    Message-ID: <9@borger.example>\r\n\r\nSofaen staar der endnu.\r\n";

/// A site with a case that is made of a mail; the answer is its number.
async fn with_mail() -> (Site, String) {
    let site = Site::new().await;
    let message = site.engine.deliver_mail(MAIL.to_vec()).await.unwrap();
    let new = NewCase {
        case_type: "waste.missed-collection".to_owned(),
        ..NewCase::default()
    };
    let caller = crate::registers::caller();
    let made = site
        .engine
        .create_case_from_message(&caller, message.id, new, None);
    let number = made.await.unwrap().case.number;
    (site, number)
}

#[tokio::test]
async fn a_message_is_answered_sent_on_and_made_a_task_or_a_case_of() {
    let (site, number) = with_mail().await;
    let mut user = site.user(Role::Lead).await;
    let case = format!("/cases/{number}");
    let page = user.get(&case).await;
    assert!(
        page.texts(".case-meta")
            .concat()
            .contains("Oprettet via e-mail")
    );
    let choices = page.texts(".ev--in .menu a, .ev--in .menu button");
    let expected = [
        "Svar",
        "Videresend",
        "Lav en opgave af den",
        "Lav en ny sag af den",
        "Link hertil",
    ];
    assert_eq!(choices, expected);
    let links: Vec<String> = ["answer=", "forward=", "split?entry=", "#entry-"]
        .map(|part| page.attribute(&format!(".ev--in .menu a[href*='{part}']"), "href"))
        .map(Option::unwrap)
        .into();

    let answer = user.get(&links[0]).await;
    assert!(answer.attribute("#c-mail", "checked").is_some());
    let to = answer.attribute("#mail-to", "value");
    assert_eq!(to.as_deref(), Some("anna@borger.example"));
    assert_eq!(answer.texts("#msg"), [""]);
    let forward = user.get(&links[1]).await;
    assert!(forward.attribute("#c-mail", "checked").is_some());
    assert_eq!(forward.attribute("#mail-to", "value").as_deref(), Some(""));
    let text = forward.texts("#msg").concat();
    assert_eq!(text, "Videresendt besked fra Anna: Sofaen staar der endnu.");

    let kept = [("kind", "note"), ("body", "Halvt skrevet")];
    user.post(&format!("{case}/draft?quiet=1"), &kept).await;
    let answer = user.get(&links[0]).await;
    assert_eq!(
        answer.texts("#msg"),
        ["Halvt skrevet"],
        "nothing written is lost"
    );
    assert!(
        answer.attribute("#c-mail", "checked").is_none(),
        "a note does not become a message to the customer"
    );
    assert_eq!(answer.texts("#alerts .alert--warn").len(), 1);
    let kept = [("kind", "email"), ("body", "Halvt svaret")];
    user.post(&format!("{case}/draft?quiet=1"), &kept).await;
    let answer = user.get(&links[0]).await;
    assert_eq!(answer.texts("#msg"), ["Halvt svaret"]);
    assert!(answer.attribute("#c-mail", "checked").is_some());

    let split = user.get(&links[2]).await;
    assert_eq!(split.texts("h1").len(), 1);
    assert!(
        split.attribute("input[name=entry]", "checked").is_some(),
        "{}",
        split.source
    );
    let task = page.form(".ev--in .menu form");
    let task: Vec<_> = task.iter().map(|(name, text)| (&**name, &**text)).collect();
    let made = user.post(&format!("{case}/tasks/new"), &task).await;
    assert_eq!(made.texts(".saved"), ["Opgaven er oprettet"]);
    assert_eq!(
        made.texts("form[action$='/tasks'] span")[0],
        "Følg op: Ikke hentet"
    );

    let mut reader = site.user(Role::Configurator).await;
    let choices = reader
        .get(&case)
        .await
        .texts(".ev--in .menu a, .ev--in .menu button");
    assert_eq!(
        choices,
        ["Link hertil"],
        "who may only read can point to it"
    );
    let refused = reader.post(&format!("{case}/tasks/new"), &task).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn colleagues_are_offered_by_the_names_that_a_note_understands() {
    let (site, number) = with_mail().await;
    let mut user = site.user(Role::Caseworker).await;
    let page = user.get(&format!("/cases/{number}")).await;
    let names = page.texts("#mention option");
    assert!(names.contains(&"Jonas lead".to_owned()), "{names:?}");
    let fields = [("kind", "note"), ("body", "Hej @Jonas lead ser du på det?")];
    let noted = user
        .post(&format!("/cases/{number}/entries"), &fields)
        .await;
    assert_eq!(noted.texts(".mention"), ["@Jonas lead"]);
}
