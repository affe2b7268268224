//! What is sent again with its key, because nobody knows whether it had arrived.

use crate::browser::Site;
use axum::http::StatusCode;
use sagsgang_domain::Role;

#[tokio::test]
async fn what_is_sent_again_with_its_key_is_carried_out_once() {
    let site = Site::new().await;
    let number = site.case("Krokodille").await;
    let mut user = site.user(Role::Caseworker).await;
    let version = user.get(&format!("/cases/{number}")).await.version();
    let entries = format!("/cases/{number}/entries");
    let note = [("kind", "note"), ("body", "Set i åen")];
    let priority = format!("/cases/{number}/priority");
    let critical = [("version", version.as_str()), ("value", "critical")];
    let tags = format!("/cases/{number}/tags");
    for _ in 0..2 {
        for (address, key, fields) in [
            (&entries, "a", &note[..]),
            (&priority, "b", &critical),
            (&tags, "c", &[("tag", "krybdyr")]),
        ] {
            user.key = Some(key.to_owned());
            let page = user.post(address, fields).await;
            assert_eq!(page.status, StatusCode::OK, "{address}: {}", page.source);
        }
    }
    user.key = None;
    let page = user.get(&format!("/cases/{number}")).await;
    let history = page.texts(".log").join(" ");
    for once in ["Set i åen", "til Kritisk", "krybdyr"] {
        assert_eq!(history.matches(once).count(), 1, "{once}: {history}");
    }
    user.key = Some("d".to_owned());
    user.post(&entries, &note).await;
    let mut other = site.user(Role::Lead).await;
    other.key = Some("a".to_owned());
    other.post(&entries, &note).await;
    let page = other.get(&format!("/cases/{number}")).await;
    let history = page.texts(".log").join(" ");
    assert_eq!(
        history.matches("Set i åen").count(),
        3,
        "a key is of one person"
    );
}

#[tokio::test]
async fn what_waited_in_the_page_of_somebody_else_is_not_sent_in_the_name_of_who_is_logged_in() {
    let site = Site::new().await;
    let number = site.case("Krokodille").await;
    let mut user = site.user(Role::Caseworker).await;
    let entries = format!("/cases/{number}/entries");
    let note = [("kind", "note"), ("body", "Set i åen")];
    user.says = vec![("sagsgang-user", "lead".to_owned())];
    user.fragment = true;
    let page = user.post(&entries, &note).await;
    let target = page.headers["hx-redirect"].to_str().unwrap();
    assert!(target.starts_with("/login?next="), "{target}");
    user.fragment = false;
    for sender in ["", "caseworker"] {
        user.says = vec![("sagsgang-user", sender.to_owned())];
        let page = user.post(&entries, &note).await;
        assert_eq!(page.status, StatusCode::OK, "{sender}: {}", page.source);
    }
    let page = user.get(&format!("/cases/{number}")).await;
    let history = page.texts(".log").join(" ");
    assert_eq!(history.matches("Set i åen").count(), 2, "{history}");
}

#[tokio::test]
async fn of_two_choices_that_waited_the_later_one_holds_unless_somebody_else_chose_since() {
    let site = Site::new().await;
    let number = site.case("Krokodille").await;
    let mut user = site.user(Role::Caseworker).await;
    let version = user.get(&format!("/cases/{number}")).await.version();
    let priority = format!("/cases/{number}/priority");
    let choose = |value| [("version", version.as_str()), ("value", value)];
    for (how, value, expected) in [
        ("alone", "critical", StatusCode::OK),
        ("alone", "high", StatusCode::CONFLICT),
        ("behind", "low", StatusCode::OK),
    ] {
        user.says = vec![("sagsgang-waited", how.to_owned())];
        let page = user.post(&priority, &choose(value)).await;
        assert_eq!(page.status, expected, "{how} {value}: {}", page.source);
    }
    let mut other = site.user(Role::Lead).await;
    let seen = other.get(&format!("/cases/{number}")).await.version();
    let set = [("version", seen.as_str()), ("value", "high")];
    other.post(&priority, &set).await;
    let page = user.post(&priority, &choose("critical")).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.source);
}

#[tokio::test]
async fn what_waited_takes_no_draft_with_it_that_was_begun_since() {
    let site = Site::new().await;
    let number = site.case("Krokodille").await;
    let mut user = site.user(Role::Caseworker).await;
    let case = format!("/cases/{number}");
    let entries = format!("{case}/entries");
    let keep = format!("{case}/draft?quiet=1");
    for (kept, left) in [
        ("Set i", ""),
        ("Set i åen", ""),
        ("Ejeren ringede", "Ejeren ringede"),
    ] {
        user.post(&keep, &[("kind", "note"), ("body", kept)]).await;
        user.says = vec![("sagsgang-waited", "alone".to_owned())];
        let note = [("kind", "note"), ("body", "Set i åen")];
        user.post(&entries, &note).await;
        user.says.clear();
        let page = user.get(&case).await;
        assert_eq!(page.texts("#msg"), [left], "{kept}");
    }
    let note = [("kind", "note"), ("body", "Uden ventetid")];
    user.post(&entries, &note).await;
    let page = user.get(&case).await;
    assert_eq!(
        page.texts("#msg"),
        [""],
        "what is sent at once ends what was begun"
    );
}
