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
