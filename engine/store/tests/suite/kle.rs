//! The classification is kept by its codes, on both databases.

use crate::databases::{Opened, postgres, sqlite};
use crate::plans::plans_of;
use crate::world::id;
use sagsgang_domain::KleEntry;

fn entry(code: &str, title: &str) -> KleEntry {
    KleEntry {
        code: code.to_owned(),
        title: title.to_owned(),
        uuid: None,
        date: None,
    }
}

async fn tell(opened: Opened) {
    let store = &opened.store;
    let whole = KleEntry {
        uuid: Some(id()),
        date: Some("2026-01-01".to_owned()),
        ..entry("07.18.05", "Storskrald")
    };
    let kept = [entry("07", "Affald"), whole.clone(), entry("G01", "Sager")];
    store.keep_kle(&kept).await.unwrap();
    assert_eq!(store.kle_page("", 10).await.unwrap(), kept);
    assert_eq!(store.kle_page("07", 1).await.unwrap(), [whole]);
    assert_eq!(store.kle_page("G01", 9).await.unwrap(), []);
    let anew = entry("07.18.05", "Storskrald og haveaffald");
    store.keep_kle(std::slice::from_ref(&anew)).await.unwrap();
    let named = store.kle_named(&["07.18.05", "07.99", "' or 1=1"]).await;
    assert_eq!(named.unwrap(), [anew]);
    assert_eq!(store.kle_named(&[]).await.unwrap(), []);
    assert_eq!(store.kle_page("", 10).await.unwrap().len(), 3);
}

#[tokio::test]
async fn the_classification_is_kept_by_sqlite() {
    tell(sqlite().await).await;
}

#[tokio::test]
async fn the_classification_is_kept_by_postgres() {
    tell(postgres().await).await;
}

#[tokio::test]
async fn titles_are_found_by_their_codes() {
    let plans = plans_of(|name| name.starts_with("classification ")).await;
    assert_eq!(plans.len(), 3);
    for (name, steps) in plans.iter().filter(|(name, _)| !name.ends_with("keep")) {
        let by_code = steps[0].starts_with("SEARCH kle USING PRIMARY KEY (code");
        assert!(by_code, "{name}: {steps:?}");
    }
}
