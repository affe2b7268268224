//! Messages to customers that have not gone out.

use crate::browser::{Browser, Site};
use axum::http::StatusCode;
use sagsgang_domain::Role;

async fn write(user: &mut Browser, number: &str, kind: &str) -> crate::browser::Page {
    let fields = [
        ("kind", kind),
        ("body", "Vi kommer i morgen."),
        ("phone", "20 12 34 56"),
        ("address", "anna@borger.example"),
        ("subject", "Sag"),
    ];
    user.post(&format!("/cases/{number}/entries"), &fields)
        .await
}

#[tokio::test]
async fn what_nothing_carries_is_said_to_be_kept_and_not_queued() {
    let site = Site::new().await;
    let number = site.case("Klage").await;
    let mut user = site.user(Role::Caseworker).await;
    let why = [("sms", "sms-tjeneste"), ("email", "mailserver")];
    for (kind, missing) in why {
        let page = write(&mut user, &number, kind).await;
        let said = page.texts(".alert--warn").join(" ");
        assert!(
            said.contains("ikke sendt") && said.contains(missing),
            "{said}"
        );
        assert_eq!(page.texts(".saved"), [""]);
        let card = page.texts(".ev--out").pop().unwrap();
        assert!(
            card.contains(&format!("Der er ikke sat en {missing} op.")),
            "{card}"
        );
        assert_eq!(page.attribute("form[action^='/outbox/']", "action"), None);
    }
    let outbox = user.get("/outbox").await;
    assert_eq!(outbox.texts("tbody tr").len(), 2);
    assert_eq!(outbox.attribute("tbody form", "action"), None);
    // Whoever asks all the same is told why not, and it stays where it is.
    let message = outbox.attribute("tbody a.title", "href").unwrap();
    let send = message.replace("/inbox/", "/outbox/") + "/send";
    let refused = user.post(&send, &[("from", "kept")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let said = refused.texts(".alert--bad").join(" ");
    assert!(said.contains("stadig opbevaret"), "{said}");
    assert_eq!(refused.texts("tbody tr").len(), 2);
}

#[tokio::test]
async fn a_kept_message_goes_from_each_page_once_there_is_a_way() {
    for from in ["outbox", "case", "message"] {
        let site = Site::with_mail_server().await;
        let number = site.case("Klage").await;
        let mut user = site.user(Role::Caseworker).await;
        let page = write(&mut user, &number, "email").await;
        assert_eq!(page.texts(".saved"), ["E-mail er lagt i kø"]);
        site.engine.hold_back("a restore").await.unwrap();
        let kept = user.get("/outbox?view=kept").await;
        assert_eq!(kept.texts("tbody tr").len(), 1);
        let badge = kept.texts("tbody td:nth-child(4)").join(" ");
        assert!(
            badge.contains("Holdt tilbage ved en gendannelse"),
            "{badge}"
        );
        let message = kept.attribute("tbody a.title", "href").unwrap();
        let page = match from {
            "case" => user.get(&format!("/cases/{number}")).await,
            "message" => user.get(&message).await,
            _ => kept,
        };
        let form = "form[action^='/outbox/']";
        let action = page.attribute(form, "action").expect("the button");
        let fields = page.form(form);
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, text)| (&**name, &**text))
            .collect();
        let after = user.post(&action, &fields).await;
        assert_eq!(after.status, StatusCode::OK, "{}", after.source);
        assert_eq!(after.attribute(form, "action"), None, "{from}");
        let outbox = user.get("/outbox?view=kept").await;
        assert_eq!(outbox.texts("tbody tr").len(), 0);
        // The same page sent again says that it is under way already.
        let twice = user.post(&action, &fields).await;
        assert_eq!(twice.status, StatusCode::CONFLICT);
        let said = twice.texts(".alert--bad").join(" ");
        assert!(said.contains("lagt i kø eller sendt"), "{said}");
        let case = user.get(&format!("/cases/{number}")).await;
        let lines = case.texts(".ev--change .ev__text").join(" ");
        assert!(lines.contains("I kø"), "{lines}");
    }
}
